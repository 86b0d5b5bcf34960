use std::path::Path;

use sqlx::SqliteConnection;
use sqlx::migrate::{MigrateError, Migrator};

use super::{damage, file};
use crate::store::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/sqlite/migrations");

/// Whether there are tables, and yet none of ours.
async fn tables_of_others(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    const SQL: &str = "SELECT count(*) > 0 AND NOT max(name = '_sqlx_migrations') FROM sqlite_schema \
        WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let found: i64 = sqlx::query_scalar(SQL).fetch_one(connection).await?;
    Ok(found != 0)
}

/// Brings the tables up to date.
pub(super) async fn migrate(
    path: &Path,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    let foreign = tables_of_others(connection).await;
    if foreign.map_err(|error| damage::refusal(path, error))? {
        return Err(file::of_others(path));
    }
    MIGRATIONS
        .run(connection)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(schema) => file::newer(path, schema),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                damage::refusal(path, error)
            }
            other => StoreError::Refused(format!(
                "the schema of {} can't be brought up to date: {other}",
                path.display()
            )),
        })
}
