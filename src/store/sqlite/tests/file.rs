//! The file: what survives, and who may open it.

use std::fs;

use tokio::runtime::Builder;

use super::Home;
use crate::event::{JobKind, Key};
use crate::model::ids::{ChannelId, Millis};
use crate::store::sqlite::{Life, Write};
use crate::store::suite::{card, commit, home, job, place, slot, text, turn, write};
use crate::store::{Commit, Cursor, Session, Sqlite, Store, StoreError, open};

pub(super) fn full() -> Commit {
    Commit {
        keys: vec![(Key::trigger("x"), Millis(9_000))],
        slots: vec![write(&slot(1), 0)],
        rows: vec![text(1)],
        cards: vec![card(&slot(1), Some(home(1)), 1)],
        jobs: vec![job(1, &slot(1), JobKind::Mail, 5)],
        ..commit()
    }
}

async fn fill(store: &dyn Store, full: &Commit) {
    store.commit(full.clone()).await.unwrap();
    let cursor = Cursor {
        channel: ChannelId::from_bytes([1; 16]),
        at: Millis(7),
        done: Millis(9),
    };
    let session = Session {
        connection_id: "abc".to_owned(),
        next_seq: 3,
    };
    store.move_cursors(&[cursor], Some(&session)).await.unwrap();
    store.secret("envelopes", vec![1, 2]).await.unwrap();
}

pub(super) async fn assert_full(store: &dyn Store, full: &Commit) {
    assert_eq!(store.seen(&[Key::trigger("x")]).await.unwrap(), [true]);
    let found = store.load(&[slot(1)]).await.unwrap();
    assert_eq!(found[0], full.slots[0].row);
    assert_eq!(store.unsent(None, 9).await.unwrap(), full.rows);
    assert_eq!(store.due(Millis(5), 9).await.unwrap(), full.jobs);
    let shown = store.card(&slot(1)).await.unwrap().unwrap();
    assert_eq!((shown.home, shown.wanted_version), (home(1), 1));
    let cursor = store.cursors(None, 9).await.unwrap().remove(0);
    assert_eq!((cursor.at, cursor.done), (Millis(7), Millis(9)));
    assert_eq!(store.session().await.unwrap().unwrap().next_seq, 3);
    assert_eq!(store.secret("envelopes", vec![]).await.unwrap(), [1, 2]);
    // An answer that was lost with the process can be asked again.
    store.commit(full.clone()).await.unwrap();
}

#[tokio::test]
async fn everything_is_there_again_after_a_close() {
    let home = Home::new();
    let full = full();
    let store = home.open().await;
    fill(&store, &full).await;
    assert!(store.load(&[slot(1)]).await.unwrap()[0].is_some());
    store.close().await;
    // All of it is in the file itself.
    assert!(!home.path().with_extension("db-wal").exists());
    let store = home.open().await;
    assert_full(&store, &full).await;
}

#[test]
fn everything_is_there_again_after_a_process_that_just_stopped() {
    let home = Home::new();
    let full = full();
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let store = first.block_on(async {
        let store = home.open().await;
        fill(&store, &full).await;
        store
    });
    // The store's thread goes with its runtime, without a chance to end in order.
    drop(first);
    runtime().block_on(async {
        assert!(store.commit(turn(&place(2), 0)).await.is_err());
        store.died().await;
        assert_full(&home.open().await, &full).await;
    });
}

#[tokio::test]
async fn what_waits_when_the_store_is_dropped_is_written() {
    let home = Home::new();
    let store = home.open().await;
    assert!(store.load(&[slot(1)]).await.unwrap()[0].is_none());
    let line = store.line.clone();
    let held = line.hold();
    let mut asked = store.commit(turn(&place(1), 0));
    tokio::select! {
        biased;
        _ = &mut asked => panic!("the writer has not run yet"),
        () = std::future::ready(()) => {}
    }
    drop(asked);
    drop(store);
    drop(held);
    let mut life = line.life();
    life.wait_for(|life| *life == Life::Ended).await.unwrap();
    assert!(!home.path().with_extension("db-wal").exists());
    let found = home.open().await.load(&[slot(1)]).await.unwrap();
    assert!(found[0].is_some());
}

#[tokio::test]
async fn a_second_process_is_kept_out_with_a_sentence() {
    let home = Home::new();
    let store = home.open().await;
    let file = home.path().display().to_string();
    let error = Sqlite::open(&home.path()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the store is unavailable: {file} is in use by another process, which holds {file}.lock"
        )
    );
    store.commit(turn(&place(1), 0)).await.unwrap();
    store.close().await;
    home.open().await;
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused() {
    let home = Home::new();
    let store = home.open().await;
    let newer = "INSERT INTO _sqlx_migrations \
        (version, description, success, checksum, execution_time) VALUES (9999, 'x', 1, x'00', 0)";
    store.write(Write::Sql(newer)).await.unwrap();
    store.close().await;
    let error = Sqlite::open(&home.path()).await.unwrap_err().to_string();
    assert!(
        error.contains("was written by a newer matteractor (schema 9999)"),
        "{error}"
    );
}

#[tokio::test]
async fn the_database_of_another_program_is_refused_and_stays_as_it_is() {
    let home = Home::new();
    let theirs = home.beside();
    let made = "CREATE TABLE users (id INTEGER PRIMARY KEY)";
    theirs.execute_batch(made).unwrap();
    let error = Sqlite::open(&home.path()).await.unwrap_err().to_string();
    assert!(
        error.ends_with("store.db is the database of another program: choose another file"),
        "{error}"
    );
    let tables = "SELECT count(*) FROM sqlite_schema";
    let count: i64 = theirs.query_row(tables, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_what_to_do() {
    let whole = Home::new();
    let store = whole.open().await;
    fill(&store, &full()).await;
    store.close().await;
    let whole = fs::read(whole.path()).unwrap();
    let mut noise = b"SQLite format 3\0".to_vec();
    noise.resize(8192, 0xa5);
    let mut overwritten = whole.clone();
    overwritten[8192..].fill(0xa5);
    let mut schema = whole.clone();
    schema[200..4096].fill(0xa5);
    for damaged in [&noise, &overwritten, &schema, &whole[..whole.len() / 2]] {
        let home = Home::new();
        fs::write(home.path(), damaged).unwrap();
        let error = Sqlite::open(&home.path()).await.unwrap_err();
        assert_remedy(&error, &home);
    }
}

#[track_caller]
fn assert_remedy(error: &StoreError, home: &Home) {
    assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
    let (said, file) = (error.to_string(), home.path().display().to_string());
    for part in [
        file.as_str(),
        "restore a copy of it, or move it aside",
        "are lost then",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains('\n'), "{said}");
}

#[tokio::test]
async fn a_file_whose_tables_are_gone_is_refused_with_their_name() {
    for (sql, missing) in [
        ("DROP TABLE cards", "(cards is missing)"),
        ("DROP TABLE slots", "(slots is missing)"),
        (
            "ALTER TABLE jobs DROP COLUMN cause",
            "(jobs.cause is missing)",
        ),
        (
            "DROP TABLE cards; DELETE FROM _sqlx_migrations WHERE version > 1",
            "is damaged (",
        ),
    ] {
        let home = Home::new();
        home.open().await.close().await;
        home.beside().execute_batch(sql).unwrap();
        let error = Sqlite::open(&home.path()).await.unwrap_err();
        assert!(error.to_string().contains(missing), "{sql}: {error}");
        assert_remedy(&error, &home);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let store = home.open().await;
    store.commit(turn(&place(1), 0)).await.unwrap();
    for end in ["", "-wal"] {
        let path = format!("{}{end}", home.path().display());
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_store_is_opened_by_its_address() {
    let home = Home::new();
    let url = format!("sqlite://{}", home.path().display());
    open(&url).await.unwrap().probe().await.unwrap();
    open("memory:").await.unwrap().probe().await.unwrap();
    let refusal = async |url| open(url).await.err().unwrap().to_string();
    assert_eq!(
        refusal("postgres://user:secret@host/db").await,
        "PostgreSQL is not in this version; use sqlite://FILE"
    );
    for url in ["mysql://user:secret@host/db", "sqlite://", "store.db", ""] {
        let refusal = refusal(url).await;
        assert!(refusal.contains("is sqlite://FILE or memory:"), "{refusal}");
        assert!(!refusal.contains("secret"), "{refusal}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_taken_away_while_it_is_in_use_is_told() {
    let home = Home::new();
    let store = home.open().await;
    store.probe().await.unwrap();
    let aside = home.path().with_extension("aside");
    fs::rename(home.path(), &aside).unwrap();
    let file = home.path().display().to_string();
    let told = async || store.probe().await.unwrap_err().to_string();
    let removed = told().await;
    assert!(
        removed.starts_with(&format!("{file} was removed while")),
        "{removed}"
    );
    fs::write(home.path(), "").unwrap();
    let replaced = told().await;
    assert!(
        replaced.starts_with(&format!("{file} was replaced")),
        "{replaced}"
    );
    fs::rename(aside, home.path()).unwrap();
    store.probe().await.unwrap();
    let opened = fs::File::options().write(true).open(home.path());
    opened.unwrap().set_len(0).unwrap();
    let emptied = told().await;
    assert!(
        emptied.starts_with(&format!("{file} was emptied while")),
        "{emptied}"
    );
}

#[tokio::test]
async fn what_fails_while_a_file_is_in_use_names_it() {
    let home = Home::new();
    let store = home.open().await;
    store.write(Write::Sql("DROP TABLE slots")).await.unwrap();
    let file = home.path().display().to_string();
    let read = store.load(&[slot(1)]).await.unwrap_err().to_string();
    let write = store
        .commit(turn(&place(1), 0))
        .await
        .unwrap_err()
        .to_string();
    for said in [read, write] {
        assert!(said.contains(&format!("{file}: no such table")), "{said}");
    }
}
