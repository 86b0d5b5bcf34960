mod file;
mod group;
mod random;

use std::path::PathBuf;

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
}
