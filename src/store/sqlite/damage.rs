//! Whether a file is whole, looked at before anything is built on it.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;

use super::fault::Fault;
use super::refusal::refusal;
use super::{file, schema};
use crate::store::StoreError;

/// The names of all tables and indexes, and of tables' columns.
const PARTS: &str = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
    UNION SELECT t.name || '.' || c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c \
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// Looks for pages that can't be read, and for tables that aren't there: else the first turn that needs them
/// would fail, and each one after it.
///
/// # Errors
/// `Refused`, with a sentence that says what to do.
pub(super) fn look_for(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    let found: String = found.map_err(|error| refusal(path, error))?;
    if found != "ok" {
        return Err(file::damaged(path, &one_line(&found)));
    }
    let here = parts(connection).map_err(|error| refusal(path, error))?;
    match wanted()?.difference(&here).next() {
        None => Ok(()),
        Some(part) => Err(file::damaged(path, &format!("{part} is missing"))),
    }
}

/// What a store has that was made just now.
fn wanted() -> Result<BTreeSet<String>, StoreError> {
    let mut fresh = Connection::open_in_memory().map_err(Fault::from)?;
    schema::migrate(Path::new(":memory:"), &mut fresh)?;
    Ok(parts(&fresh).map_err(Fault::from)?)
}

fn parts(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut names = connection.prepare(PARTS)?;
    names.query_map([], |row| row.get(0))?.collect()
}

fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.contains("***")).collect();
    lines.join(" ")
}
