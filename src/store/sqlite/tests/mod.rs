mod before;
mod file;
mod group;
mod random;
mod threads;

use std::path::PathBuf;

use futures_util::future::join_all;
use rusqlite::Connection;
use tempfile::TempDir;

use super::Sqlite;

/// A folder of its own for a test's file.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    async fn open(&self) -> Sqlite {
        Sqlite::open(&self.path()).await.unwrap()
    }

    /// A connection beside the store's.
    fn beside(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

/// What comes of these, who ask while another leads: they are a group.
async fn grouped<A: Future>(store: &Sqlite, asking: impl IntoIterator<Item = A>) -> Vec<A::Output> {
    let held = store.line.hold();
    let (outcomes, ()) = tokio::join!(join_all(asking), async { drop(held) });
    outcomes
}
