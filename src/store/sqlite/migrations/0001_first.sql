-- Commits that were written, so that one whose answer was lost can be repeated. The time comes
-- first: a random id alone would be written to another page each time.
CREATE TABLE commits (
    at INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;

-- Events that were handled, until the time when they can't come again.
CREATE TABLE keys (
    key BLOB NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_until ON keys (until);

-- What skills remember. `listening` is JSON; `asks` is the outbox row in it.
CREATE TABLE slots (
    place TEXT NOT NULL,
    skill TEXT NOT NULL,
    topic TEXT NOT NULL,
    version INTEGER NOT NULL,
    form INTEGER NOT NULL,
    state TEXT NOT NULL,
    listening TEXT,
    asks TEXT,
    expires INTEGER,
    PRIMARY KEY (place, skill, topic)
) STRICT;
CREATE INDEX slots_asks ON slots (asks) WHERE asks IS NOT NULL;
CREATE INDEX slots_expires ON slots (expires) WHERE expires IS NOT NULL;

-- Timers, mail and work. Mail may be for a slot that doesn't exist yet.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    place TEXT NOT NULL,
    skill TEXT NOT NULL,
    topic TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    due INTEGER NOT NULL,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL
) STRICT;
CREATE INDEX jobs_due ON jobs (due, id);
CREATE INDEX jobs_slot ON jobs (place, skill, topic, kind, name);

-- What must leave, as JSON, in order of id; `aside` is why it never will.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    row TEXT NOT NULL,
    aside TEXT
) STRICT;
CREATE INDEX outbox_aside ON outbox (id) WHERE aside IS NOT NULL;

-- What slots show. `home` and `wanted` are JSON.
CREATE TABLE cards (
    place TEXT NOT NULL,
    skill TEXT NOT NULL,
    topic TEXT NOT NULL,
    home TEXT NOT NULL,
    post TEXT,
    wanted TEXT NOT NULL,
    wanted_version INTEGER NOT NULL,
    shown_version INTEGER NOT NULL,
    PRIMARY KEY (place, skill, topic)
) STRICT;
CREATE INDEX cards_post ON cards (post) WHERE post IS NOT NULL;
CREATE INDEX cards_stale ON cards (place, skill, topic)
    WHERE post IS NOT NULL AND shown_version < wanted_version AND home <> '"person"';

-- How far each channel has been handled.
CREATE TABLE cursors (
    channel TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The WebSocket session to resume.
CREATE TABLE session (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    connection_id TEXT NOT NULL,
    next_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Written by the health check.
CREATE TABLE probe (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    times INTEGER NOT NULL
) STRICT;
INSERT INTO probe (one, times) VALUES (1, 0);
