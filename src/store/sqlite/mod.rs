//! One SQLite file: one task writes, a few connections read.

mod damage;
mod fault;
mod file;
mod read;
mod reading;
mod rows;
mod save;
mod schema;
mod script;
mod side;
mod window;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot, watch};

use self::fault::Fault;
use self::writer::{Done, Life, Request, Write, Writer};
use super::{Commit, CommitError, Cursor, Session, Settled, Store, StoreError, Waiting};
use crate::event::{CardRow, Job, JobId, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};

/// How many reads run at once.
const READERS: u32 = 2;
/// What each of them keeps of the file, in KiB with a minus; SQLite's own default is 2,000. Conversations
/// keep what they have read, so a slot is seldom read twice.
const READ_CACHE: &str = "-512";
/// After how many pages (of 4 KiB) of the log they are copied into the file. Those of busy slots are
/// in the log many times and are copied once.
const CHECKPOINT: &str = "4000";
/// How long to wait for somebody who holds the file from outside, such as a backup.
const BUSY: Duration = Duration::from_secs(2);

/// A store in one SQLite file, for one process.
///
/// What `commit` and `settle` have answered with `Ok` survives a crash of the process and of the
/// machine (WAL with `synchronous=FULL`). Dropping it without `close` writes what waits; the file
/// is free once the writer's task has ended. A call that is dropped half way may still be written.
#[derive(Debug)]
pub struct Sqlite {
    /// `None` once it is closed.
    requests: Mutex<Option<mpsc::Sender<Request>>>,
    life: watch::Receiver<Life>,
    readers: SqlitePool,
    path: PathBuf,
}

impl Sqlite {
    /// Opens or makes the file, and brings its schema up to date.
    ///
    /// # Errors
    /// `Refused`, with a sentence for people, if the folder is missing, the file can't be written,
    /// is no database, is damaged, or was written by a newer program; `Unavailable`, if another process
    /// has it.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = file::prepare(path)?;
        let options = options(path);
        let mut connection = connect(path, &options).await?;
        schema::migrate(path, &mut connection).await?;
        damage::look_for(path, &mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_lazy_with(
                options
                    .clone()
                    .read_only(true)
                    .pragma("cache_size", READ_CACHE),
            );
        let (requests, life) = Writer::spawn(options, connection, lock);
        Ok(Self {
            requests: Mutex::new(Some(requests)),
            life,
            readers,
            path: path.to_owned(),
        })
    }

    fn named<T>(&self, read: Result<T, Fault>) -> Result<T, StoreError> {
        read.map_err(|fault| fault.at(&self.path).into())
    }

    async fn write(&self, write: Write) -> Result<Done, CommitError> {
        let requests = self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(requests) = requests else {
            return Err(StoreError::closed().into());
        };
        let (answer, outcome) = oneshot::channel();
        let dead = || CommitError::Unavailable("its writer has died".to_owned());
        requests
            .send(Request { write, answer })
            .await
            .map_err(|_| dead())?;
        outcome.await.map_err(|_| dead())?
    }

    /// A write that can't conflict.
    async fn write_plain(&self, write: Write) -> Result<Done, StoreError> {
        self.write(write).await.map_err(|error| match error {
            CommitError::Unavailable(text) => StoreError::Unavailable(text),
            CommitError::Refused(text) => StoreError::Refused(text),
            other => StoreError::Refused(other.to_string()),
        })
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT)
        .busy_timeout(BUSY)
        .disable_statement_logging()
}

async fn connect(
    path: &Path,
    options: &SqliteConnectOptions,
) -> Result<SqliteConnection, StoreError> {
    let opened = options.connect().await;
    opened.map_err(|error| damage::refusal(path, error))
}

#[async_trait]
impl Store for Sqlite {
    async fn load(&self, slots: &[Slot]) -> Result<Vec<Option<SlotRow>>, StoreError> {
        self.named(read::load(&self.readers, slots).await)
    }

    async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        self.write(Write::Commit(commit)).await.map(drop)
    }

    async fn seen(&self, keys: &[Key]) -> Result<Vec<bool>, StoreError> {
        self.named(read::seen(&self.readers, keys).await)
    }

    async fn listening(&self) -> Result<Vec<Question>, StoreError> {
        self.named(read::listening(&self.readers).await)
    }

    async fn due(&self, now: Millis, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.named(read::due(&self.readers, now, limit).await)
    }

    async fn next_due(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        self.named(read::next_due(&self.readers, now).await)
    }

    async fn postpone(&self, job: &JobId, due: Millis, attempts: u32) -> Result<(), StoreError> {
        let job = job.clone();
        self.write_plain(Write::Postpone { job, due, attempts })
            .await
            .map(drop)
    }

    async fn unsent(&self, after: Option<&RowId>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.named(read::unsent(&self.readers, after, limit).await)
    }

    async fn card(&self, slot: &Slot) -> Result<Option<CardRow>, StoreError> {
        self.named(read::card(&self.readers, slot).await)
    }

    async fn card_of_post(&self, post: &PostId) -> Result<Option<CardRow>, StoreError> {
        self.named(read::card_of_post(&self.readers, post).await)
    }

    async fn stale_cards(
        &self,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<CardRow>, StoreError> {
        self.named(read::stale_cards(&self.readers, after, limit).await)
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), StoreError> {
        self.write_plain(Write::Settle(settled)).await.map(drop)
    }

    async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        self.named(read::waiting(&self.readers).await)
    }

    async fn set_aside(&self, limit: usize) -> Result<Vec<(Row, String)>, StoreError> {
        self.named(read::set_aside(&self.readers, limit).await)
    }

    async fn began(&self) -> Result<Option<Millis>, StoreError> {
        self.named(read::began(&self.readers).await)
    }

    async fn begin(&self, at: Millis, cursors: &[Cursor]) -> Result<(), StoreError> {
        let write = Write::Begin(at, cursors.to_vec());
        self.write_plain(write).await.map(drop)
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.named(read::cursors(&self.readers).await)
    }

    async fn move_cursors(
        &self,
        cursors: &[Cursor],
        session: Option<&Session>,
    ) -> Result<(), StoreError> {
        let write = Write::MoveCursors(cursors.to_vec(), session.cloned());
        self.write_plain(write).await.map(drop)
    }

    async fn drop_cursors(&self, channels: &[ChannelId]) -> Result<(), StoreError> {
        self.write_plain(Write::DropCursors(channels.to_vec()))
            .await
            .map(drop)
    }

    async fn session(&self) -> Result<Option<Session>, StoreError> {
        self.named(read::session(&self.readers).await)
    }

    async fn secret(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let name = name.to_owned();
        match self.write_plain(Write::Secret { name, fresh }).await? {
            Done::Secret(value) => Ok(value),
            _ => Err(StoreError::Refused("the secret got no answer".to_owned())),
        }
    }

    async fn list(
        &self,
        skill: &str,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<SlotRow>, StoreError> {
        self.named(read::list_slots(&self.readers, skill, after, limit).await)
    }

    async fn prune(&self, now: Millis) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            match self.write_plain(Write::Prune(now)).await? {
                Done::Pruned { gone, more } => {
                    total += gone;
                    if !more {
                        return Ok(total);
                    }
                }
                _ => return Ok(total),
            }
        }
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.write_plain(Write::Probe).await.map(drop)
    }

    async fn close(&self) {
        // The last sender: those who are just asking hold clones and are written before the end.
        drop(
            self.requests
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        self.readers.close().await;
        let mut life = self.life.clone();
        // It fails only if the writer is gone, which is what is waited for.
        let _ = life.wait_for(|life| *life != Life::Runs).await;
    }

    async fn died(&self) {
        let mut life = self.life.clone();
        if life.wait_for(|life| *life == Life::Died).await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests;
