//! Stores that were written before: by a program that reached SQLite by sqlx, of the present schema or an older one.

use super::Home;
use super::file::{assert_full, full};
use crate::store::suite::{place, turn};
use crate::store::{Commit, Store};

/// A store that such a program has written, as SQL.
const WRITTEN: &str = include_str!("written_before.sql");

/// What it knew of its schema.
fn seen(home: &Home) -> Vec<(i64, String, bool, Vec<u8>)> {
    const SQL: &str = "SELECT version, description, success, checksum FROM _sqlx_migrations \
        ORDER BY version";
    let beside = home.beside();
    let mut rows = beside.prepare(SQL).unwrap();
    let rows = rows.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// Its one commit, which it may be asked to repeat.
fn written(home: &Home) -> Commit {
    let id = home
        .beside()
        .query_row("SELECT id FROM commits", [], |row| row.get(0));
    Commit {
        id: id.unwrap(),
        ..full()
    }
}

#[tokio::test]
async fn a_store_of_the_same_schema_opens_and_stays_one_that_the_other_program_can_open() {
    let home = Home::new();
    home.beside().execute_batch(WRITTEN).unwrap();
    let (before, full) = (seen(&home), written(&home));
    assert_eq!(before.len(), 4);
    let store = home.open().await;
    assert_full(&store, &full).await;
    store.commit(turn(&place(9), 0)).await.unwrap();
    store.close().await;
    assert_eq!(seen(&home), before);
    // A new one is the same to such a program.
    let new = Home::new();
    new.open().await.close().await;
    assert_eq!(seen(&new), before);
    assert_eq!(tables(&new), tables(&home));
}

/// All tables and indexes, but for how they are written.
fn tables(home: &Home) -> Vec<String> {
    const SQL: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
    let beside = home.beside();
    let mut rows = beside.prepare(SQL).unwrap();
    let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|sql| sql.unwrap().split_whitespace().collect())
        .collect()
}

#[tokio::test]
async fn a_store_of_an_older_schema_is_brought_up_to_date() {
    const OLDER: &str = "DELETE FROM _sqlx_migrations WHERE version = 4; \
        DROP INDEX outbox_waits; \
        ALTER TABLE outbox DROP COLUMN waits; \
        ALTER TABLE outbox DROP COLUMN told; \
        ALTER TABLE jobs DROP COLUMN cause";
    let home = Home::new();
    home.beside().execute_batch(WRITTEN).unwrap();
    let (before, mut full) = (seen(&home), written(&home));
    home.beside().execute_batch(OLDER).unwrap();
    full.jobs[0].cause = None;
    assert_full(&home.open().await, &full).await;
    assert_eq!(seen(&home), before);
}

#[tokio::test]
async fn a_schema_that_is_half_done_or_another_is_refused() {
    for (sql, said) in [
        (
            "UPDATE _sqlx_migrations SET success = FALSE WHERE version = 4",
            "can't be brought up to date: migration 4 is partially applied",
        ),
        (
            "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 2",
            "can't be brought up to date: migration 2 was previously applied but has been modified",
        ),
    ] {
        let home = Home::new();
        home.beside().execute_batch(WRITTEN).unwrap();
        home.beside().execute_batch(sql).unwrap();
        let error = crate::store::Sqlite::open(&home.path()).await.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}
