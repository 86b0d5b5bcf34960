use std::path::Path;
use std::time::Duration;

use ring::digest::{SHA384, digest};
use rusqlite::{Connection, TransactionBehavior};

use super::file;
use super::refusal::refusal;
use crate::store::StoreError;
use crate::time::instant;

/// A step from one schema to the next. One that was released never changes, for its checksum is in every store.
struct Migration {
    version: i64,
    description: &'static str,
    sql: &'static str,
}

macro_rules! migration {
    ($version:literal, $description:literal, $file:literal) => {
        Migration {
            version: $version,
            description: $description,
            sql: include_str!(concat!("migrations/", $file)),
        }
    };
}

const MIGRATIONS: [Migration; 4] = [
    migration!(1, "first", "0001_first.sql"),
    migration!(2, "cursors", "0002_cursors.sql"),
    migration!(3, "hearing", "0003_hearing.sql"),
    migration!(4, "places", "0004_places.sql"),
];

/// Which migrations a store has seen, in the table and with the checksums of sqlx, by which every matteractor knows
/// its stores.
const SEEN: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
)";

impl Migration {
    fn checksum(&self) -> impl AsRef<[u8]> + use<> {
        digest(&SHA384, self.sql.as_bytes())
    }

    fn apply(&self, to: &mut Connection) -> rusqlite::Result<()> {
        const ROW: &str = "INSERT INTO _sqlx_migrations \
            (version, description, success, checksum, execution_time) VALUES (?1, ?2, TRUE, ?3, ?4)";
        let began = instant();
        let whole = to.transaction_with_behavior(TransactionBehavior::Immediate)?;
        whole.execute_batch(self.sql)?;
        let took = nanoseconds(began.elapsed());
        let checksum = self.checksum();
        let row = (self.version, self.description, checksum.as_ref(), took);
        whole.execute(ROW, row)?;
        whole.commit()
    }
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

/// Whether there are tables, and yet none of ours.
fn tables_of_others(connection: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "SELECT count(*) > 0 AND NOT max(name = '_sqlx_migrations') FROM sqlite_schema \
        WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    // Of no tables at all there is no maximum, and yet the first part decides.
    connection.query_row(SQL, [], |row| row.get(0))
}

/// A migration that the file has seen.
struct AppliedMigration {
    version: i64,
    success: bool,
    checksum: Vec<u8>,
}

fn seen(connection: &Connection) -> rusqlite::Result<Vec<AppliedMigration>> {
    const SQL: &str = "SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version";
    connection.execute_batch(SEEN)?;
    let mut rows = connection.prepare(SQL)?;
    let seen = rows.query_map([], |row| {
        Ok(AppliedMigration {
            version: row.get(0)?,
            success: row.get(1)?,
            checksum: row.get(2)?,
        })
    })?;
    seen.collect()
}

/// Brings the tables up to date.
pub(super) fn migrate(path: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    let refusal = |error| refusal(path, error);
    if tables_of_others(connection).map_err(refusal)? {
        return Err(file::of_others(path));
    }
    let seen = seen(connection).map_err(refusal)?;
    check(path, &seen)?;
    for migration in &MIGRATIONS {
        if seen.iter().all(|seen| seen.version != migration.version) {
            migration.apply(connection).map_err(refusal)?;
        }
    }
    Ok(())
}

/// Whether this program knows what the file has seen.
fn check(path: &Path, seen: &[AppliedMigration]) -> Result<(), StoreError> {
    let stuck = |why: String| {
        StoreError::Refused(format!(
            "the schema of {} can't be brought up to date: {why}",
            path.display()
        ))
    };
    if let Some(AppliedMigration { version, .. }) = seen.iter().find(|seen| !seen.success) {
        return Err(stuck(format!(
            "migration {version} is partially applied; fix and remove row from `_sqlx_migrations` table"
        )));
    }
    let known = |version| MIGRATIONS.iter().find(|known| known.version == version);
    if let Some(newer) = seen.iter().find(|seen| known(seen.version).is_none()) {
        return Err(file::newer(path, newer.version));
    }
    for seen in seen {
        let version = seen.version;
        if known(version).is_some_and(|known| known.checksum().as_ref() != seen.checksum) {
            return Err(stuck(format!(
                "migration {version} was previously applied but has been modified"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_migration_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/sqlite/migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let name = |known: &Migration| format!("{:04}_{}.sql", known.version, known.description);
        assert_eq!(files, MIGRATIONS.iter().map(name).collect::<Vec<_>>());
    }
}
