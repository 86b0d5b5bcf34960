//! Opens connections.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// How long to wait for somebody who holds the file from outside, such as a backup.
const BUSY: Duration = Duration::from_secs(2);
/// How many statements a connection keeps prepared: more than there are.
const STATEMENTS: usize = 100;
/// The log is synced with each commit. After 4,000 pages (of 4 KiB) of it they are copied into the file: those of busy
/// slots are in the log many times and are copied once.
const WRITER: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000";
/// What a reader keeps of the file, in KiB with a minus; SQLite's own default is 2,000. Conversations
/// keep what they have read, so a slot is seldom read twice.
const READER: &str = "PRAGMA cache_size = -512";

/// A connection that writes. The file is there already.
pub(super) fn to_write(path: &Path) -> rusqlite::Result<Connection> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, WRITER)
}

/// A connection that reads only.
pub(super) fn to_read(path: &Path) -> rusqlite::Result<Connection> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, READER)
}

/// One thread at a time uses a connection, so SQLite needs no locks of its own.
fn open(path: &Path, access: OpenFlags, pragmas: &str) -> rusqlite::Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(pragmas)?;
    Ok(connection)
}
