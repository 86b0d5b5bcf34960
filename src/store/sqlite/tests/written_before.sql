-- A store as the program wrote it by sqlx 0.9, dumped: what `full` and `fill` of file.rs put into it.
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'first','2026-11-30 20:51:41',1,X'830DE80A10B7F80DA598ED5847F8F0A468F8E24D729B1B1D1F02BF3FCA90FA3AD16909AB36C3E2D8F7553A7D345B417A',3502682);
INSERT INTO "_sqlx_migrations" VALUES(2,'cursors','2026-11-30 20:51:41',1,X'EAD2011E5F6BF04035DE539FB437651F3987B1C1CDFFCE7A76F7734F713DEC0EA06C46E761DA277F3A5743F9F7CE50E1',3946961);
INSERT INTO "_sqlx_migrations" VALUES(3,'hearing','2026-11-30 20:51:41',1,X'AEAB4ABFD992C63F9DAAB4037B3586509C909E782A22E0866E6B34B9797BEA01C6F8CC4DDE5AB5E08B7209ECAFB27862',3954432);
INSERT INTO "_sqlx_migrations" VALUES(4,'places','2026-11-30 20:51:41',1,X'F72295B20897162B7521DB740BB49BF1A92311AC349ED98BF4AA4C0AB92FFE51870F1DAF63322F761765F59B1DDE0E51',3966379);
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
INSERT INTO "cards" VALUES('c:yryonyebyryonyebyryonyebyr','poll','','{"bot":{"row":"00000000010000008000000000","lane":{"channel":"yryonyebyryonyebyryonyebyr"},"root":null}}',NULL,'{"text":"version 1"}',1,0);
CREATE TABLE commits (
    at INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;
INSERT INTO "commits" VALUES(1000,X'DB2DA923774BCAC122C7DB351C764981');
CREATE TABLE cursors (
    channel TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
, done INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "cursors" VALUES('yryonyebyryonyebyryonyebyr',7,9);
CREATE TABLE hearing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    began INTEGER NOT NULL
) STRICT;
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
, cause TEXT) STRICT;
INSERT INTO "jobs" VALUES('00000000010000008000000000','c:yryonyebyryonyebyryonyebyr','poll','','mail','',5,'1',0,'yryonyebyryonyebyryonyebyr');
CREATE TABLE keys (
    key BLOB NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "keys" VALUES(X'9AAA5E48B8F4CE6BF3B831A00757F426',9000);
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    row TEXT NOT NULL,
    aside TEXT
, waits INTEGER, told INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "outbox" VALUES('00000000010000008000000000','{"id":"00000000010000008000000000","lane":{"channel":"yryonyebyryonyebyryonyebyr"},"kind":{"post":{"text":"post 1"}},"created":1000}',NULL,NULL,0);
CREATE TABLE probe (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    times INTEGER NOT NULL
) STRICT;
INSERT INTO "probe" VALUES(1,0);
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "secrets" VALUES('envelopes',X'0102');
CREATE TABLE session (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    connection_id TEXT NOT NULL,
    next_seq INTEGER NOT NULL
) STRICT;
INSERT INTO "session" VALUES(1,'abc',3);
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
INSERT INTO "slots" VALUES('c:yryonyebyryonyebyryonyebyr','poll','',1,1,'{"version":1}',NULL,NULL,NULL);
CREATE INDEX keys_until ON keys (until);
CREATE INDEX slots_asks ON slots (asks) WHERE asks IS NOT NULL;
CREATE INDEX slots_expires ON slots (expires) WHERE expires IS NOT NULL;
CREATE INDEX jobs_due ON jobs (due, id);
CREATE INDEX jobs_slot ON jobs (place, skill, topic, kind, name);
CREATE INDEX outbox_aside ON outbox (id) WHERE aside IS NOT NULL;
CREATE INDEX cards_post ON cards (post) WHERE post IS NOT NULL;
CREATE INDEX cards_stale ON cards (place, skill, topic)
    WHERE post IS NOT NULL AND shown_version < wanted_version AND home <> '"person"';
CREATE INDEX outbox_waits ON outbox (id) WHERE waits IS NOT NULL;
COMMIT;
