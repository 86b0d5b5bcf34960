//! Whether a file is whole, looked at before anything is built on it.

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use super::fault::Fault;
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
pub(super) async fn look_for(
    path: &Path,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    let found = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut *connection)
        .await;
    let found: String = found.map_err(|error| refusal(path, error))?;
    if found != "ok" {
        return Err(file::damaged(path, &one_line(&found)));
    }
    let here = parts(connection).await;
    let here = here.map_err(|error| refusal(path, error))?;
    match wanted().await?.difference(&here).next() {
        None => Ok(()),
        Some(part) => Err(file::damaged(path, &format!("{part} is missing"))),
    }
}

/// What to say of an error that came while the file was opened.
pub(super) fn refusal(path: &Path, error: sqlx::Error) -> StoreError {
    let code = match &error {
        sqlx::Error::Database(database) => database.code().and_then(|code| code.parse().ok()),
        _ => None,
    };
    match (code.map(|code: i32| code & 0xff), Fault::from(error).0) {
        // ERROR: a table isn't there, or isn't what it was. CORRUPT.
        (Some(1 | 11), StoreError::Refused(text)) => file::damaged(path, &text),
        // NOTADB
        (Some(26), _) => file::not_a_database(path),
        (_, StoreError::Refused(text)) => {
            StoreError::Refused(format!("{} can't be opened: {text}", path.display()))
        }
        (_, unavailable) => unavailable,
    }
}

/// What a store has that was made just now.
async fn wanted() -> Result<BTreeSet<String>, StoreError> {
    let memory = Path::new(":memory:");
    let options = SqliteConnectOptions::new().filename(memory);
    let mut fresh = options.connect().await.map_err(Fault::from)?;
    schema::migrate(memory, &mut fresh).await?;
    Ok(parts(&mut fresh).await.map_err(Fault::from)?)
}

async fn parts(connection: &mut SqliteConnection) -> Result<BTreeSet<String>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(PARTS).fetch_all(connection).await?;
    Ok(names.into_iter().collect())
}

fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.contains("***")).collect();
    lines.join(" ")
}
