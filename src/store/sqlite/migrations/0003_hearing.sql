-- When hearing began, at the first start ever: what was posted before is history.
CREATE TABLE hearing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    began INTEGER NOT NULL
) STRICT;
