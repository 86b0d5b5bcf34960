-- Since when a row waits for a place that the bot has lost, and whether the person whom it concerns
-- was told.
ALTER TABLE outbox ADD COLUMN waits INTEGER;
ALTER TABLE outbox ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_waits ON outbox (id) WHERE waits IS NOT NULL;

-- The person whose doing a job goes back to.
ALTER TABLE jobs ADD COLUMN cause TEXT;
