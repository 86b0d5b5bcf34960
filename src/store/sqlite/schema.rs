use std::path::Path;

use sqlx::SqliteConnection;
use sqlx::migrate::{MigrateError, Migrator};

use super::fault::Fault;
use super::file;
use crate::store::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/sqlite/migrations");

/// Brings the tables up to date.
pub(super) async fn migrate(
    path: &Path,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    MIGRATIONS
        .run(connection)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(schema) => file::newer(path, schema),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Fault::from(error).into()
            }
            other => StoreError::Refused(format!(
                "the schema of {} can't be brought up to date: {other}",
                path.display()
            )),
        })
}
