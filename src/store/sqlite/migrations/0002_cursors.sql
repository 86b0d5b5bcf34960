-- Up to when all posts were handled that the process had heard of. `at` is some minutes behind it,
-- in case there are others; edited ones of that time are no news.
ALTER TABLE cursors ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
