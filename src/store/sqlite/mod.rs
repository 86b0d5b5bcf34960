//! One SQLite file: one connection writes, a few read.

mod connect;
mod damage;
mod fault;
mod file;
mod write_queue;
mod query;
mod read;
mod readers;
mod refusal;
mod request;
mod rows;
mod save;
mod schema;
mod side;
mod window;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::task::spawn_blocking;

use self::fault::Fault;
use self::readers::Readers;
use self::request::{Done, Write};
use self::write_queue::{Life, WriteQueue};
use self::writer::Writer;
use super::{Commit, CommitError, Cursor, Session, Settled, Store, StoreError, WaitingRow};
use crate::event::{CardRow, Job, JobId, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};

/// A store in one SQLite file, for one process.
///
/// What `commit` and `settle` have answered with `Ok` survives a crash of the process and of the
/// machine (WAL with `synchronous=FULL`). Dropping it without `close` writes what waits; the file
/// is free once the store's thread has ended. A call that is dropped half way may still be written.
#[derive(Debug)]
pub struct Sqlite {
    line: Arc<WriteQueue>,
    readers: Arc<Readers>,
}

impl Sqlite {
    /// Opens or makes the file, and brings its schema up to date.
    ///
    /// # Errors
    /// `Refused`, with a sentence for people, if the folder is missing, the file can't be written,
    /// is no database, is damaged, or was written by a newer program; `Unavailable`, if another process
    /// has it.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let own = path.to_owned();
        let opened = spawn_blocking(move || open(&own)).await;
        let writer = opened.map_err(|error| StoreError::Unavailable(error.to_string()))??;
        Ok(Self {
            line: WriteQueue::start(writer)?,
            readers: Readers::new(path),
        })
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(read).await
    }

    async fn write(&self, write: Write) -> Result<Done, CommitError> {
        self.line.ask(write).await
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

impl Drop for Sqlite {
    fn drop(&mut self) {
        // First, so that the writer closes the file last, and tidies up.
        self.readers.drop_idle();
        self.line.close();
    }
}

fn open(path: &Path) -> Result<Writer, StoreError> {
    let lock = file::prepare(path)?;
    let opened = connect::to_write(path);
    let mut connection = opened.map_err(|error| refusal::refusal(path, error))?;
    schema::migrate(path, &mut connection)?;
    damage::look_for(path, &connection)?;
    Ok(Writer::new(connection, lock))
}

#[async_trait]
impl Store for Sqlite {
    async fn load(&self, slots: &[Slot]) -> Result<Vec<Option<SlotRow>>, StoreError> {
        let slots = slots.to_vec();
        self.read(move |at| read::load(at, &slots)).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        self.write(Write::Commit(commit)).await.map(drop)
    }

    async fn seen(&self, keys: &[Key]) -> Result<Vec<bool>, StoreError> {
        let keys = keys.to_vec();
        self.read(move |at| read::seen(at, &keys)).await
    }

    async fn listening(&self) -> Result<Vec<Question>, StoreError> {
        self.read(read::listening).await
    }

    async fn due(&self, now: Millis, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.read(move |at| read::due(at, now, limit)).await
    }

    async fn next_due(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        self.read(move |at| read::next_due(at, now)).await
    }

    async fn postpone(&self, job: &JobId, due: Millis, attempts: u32) -> Result<(), StoreError> {
        let job = job.clone();
        self.write_plain(Write::Postpone { job, due, attempts })
            .await
            .map(drop)
    }

    async fn unsent(&self, after: Option<&RowId>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let after = after.cloned();
        self.read(move |at| read::unsent(at, after.as_ref(), limit))
            .await
    }

    async fn card(&self, slot: &Slot) -> Result<Option<CardRow>, StoreError> {
        let slot = slot.clone();
        self.read(move |at| read::card(at, &slot)).await
    }

    async fn card_of_post(&self, post: &PostId) -> Result<Option<CardRow>, StoreError> {
        let post = *post;
        self.read(move |at| read::card_of_post(at, &post)).await
    }

    async fn stale_cards(
        &self,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<CardRow>, StoreError> {
        let after = after.cloned();
        self.read(move |at| read::stale_cards(at, after.as_ref(), limit))
            .await
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), StoreError> {
        self.write_plain(Write::Settle(settled)).await.map(drop)
    }

    async fn waiting(&self) -> Result<Vec<WaitingRow>, StoreError> {
        self.read(read::waiting).await
    }

    async fn set_aside(&self, limit: usize) -> Result<Vec<(Row, String)>, StoreError> {
        self.read(move |at| read::set_aside(at, limit)).await
    }

    async fn began(&self) -> Result<Option<Millis>, StoreError> {
        self.read(read::began).await
    }

    async fn begin(&self, at: Millis, cursors: Vec<Cursor>) -> Result<(), StoreError> {
        let write = Write::Begin(at, cursors);
        self.write_plain(write).await.map(drop)
    }

    async fn cursors(
        &self,
        after: Option<&ChannelId>,
        limit: usize,
    ) -> Result<Vec<Cursor>, StoreError> {
        let after = after.copied();
        self.read(move |at| read::cursors(at, after.as_ref(), limit))
            .await
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
        self.read(read::session).await
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
        let (skill, after) = (skill.to_owned(), after.cloned());
        self.read(move |at| read::list_slots(at, &skill, after.as_ref(), limit))
            .await
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
        // First, so that the writer closes the file last, and tidies up.
        self.readers.close().await;
        self.line.close();
        // It fails only if the writer is gone, which is what is waited for.
        let _ = self.line.life().wait_for(|life| *life != Life::Runs).await;
    }

    async fn died(&self) {
        let mut life = self.line.life();
        if life.wait_for(|life| *life == Life::Died).await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests;
