use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::event::{CardRow, Job, JobId, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::store::{
    Commit, CommitError, Cursor, Memory, Session, Settled, Store, StoreError, Waiting,
};
use crate::time::sleep;

/// What outlives the bot's processes: a store, and a list of all rows that were ever committed.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    memory: Arc<Memory>,
    rows: Arc<Mutex<BTreeMap<RowId, Row>>>,
}

/// The disk as one process has it: reads and writes take a while, so that a crash can come before
/// a write, or between a write and its answer.
#[derive(Debug, Default)]
pub(super) struct Mount {
    disk: Disk,
    closed: AtomicBool,
}

impl Disk {
    /// The store itself, without delays and faults, for who looks into it.
    pub fn store(&self) -> &Memory {
        &self.memory
    }

    /// Every row that was ever committed, in order.
    pub fn committed(&self) -> Vec<Row> {
        self.rows().values().cloned().collect()
    }

    pub(super) fn mount(&self) -> Mount {
        Mount {
            disk: self.clone(),
            closed: AtomicBool::new(false),
        }
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<RowId, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mount {
    /// The store once a read had its while.
    async fn read(&self) -> Result<&Memory, StoreError> {
        pause(2).await;
        match self.closed.load(Ordering::Relaxed) {
            true => Err(StoreError::Unavailable("it is closed".into())),
            false => Ok(&self.disk.memory),
        }
    }

    /// The same before a write; [`Mount::written`] comes after it.
    async fn write(&self) -> Result<&Memory, StoreError> {
        pause(6).await;
        self.read().await
    }

    async fn written<T>(&self, done: T) -> T {
        pause(6).await;
        done
    }
}

async fn pause(most: u64) {
    sleep(Duration::from_millis(fastrand::u64(0..most))).await;
}

#[async_trait]
impl Store for Mount {
    async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        let rows = commit.rows.clone();
        let memory = self.write().await?;
        let slots: Vec<String> = commit.slots.iter().map(|w| w.slot.to_string()).collect();
        let done = memory.commit(commit).await;
        tracing::debug!(?slots, rows = rows.len(), ?done, "a commit");
        if done.is_ok() {
            let rows = rows.into_iter().map(|row| (row.id.clone(), row));
            self.disk.rows().extend(rows);
        }
        self.written(done).await
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), StoreError> {
        let done = self.write().await?.settle(settled).await;
        self.written(done).await
    }

    async fn postpone(&self, job: &JobId, due: Millis, attempts: u32) -> Result<(), StoreError> {
        let done = self.write().await?.postpone(job, due, attempts).await;
        self.written(done).await
    }

    async fn move_cursors(
        &self,
        cursors: &[Cursor],
        session: Option<&Session>,
    ) -> Result<(), StoreError> {
        let done = self.write().await?.move_cursors(cursors, session).await;
        self.written(done).await
    }

    async fn drop_cursors(&self, channels: &[ChannelId]) -> Result<(), StoreError> {
        let done = self.write().await?.drop_cursors(channels).await;
        self.written(done).await
    }

    async fn prune(&self, now: Millis) -> Result<u64, StoreError> {
        let done = self.write().await?.prune(now).await;
        self.written(done).await
    }

    async fn secret(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.write().await?.secret(name, fresh).await
    }

    async fn load(&self, slots: &[Slot]) -> Result<Vec<Option<SlotRow>>, StoreError> {
        self.read().await?.load(slots).await
    }

    async fn seen(&self, keys: &[Key]) -> Result<Vec<bool>, StoreError> {
        self.read().await?.seen(keys).await
    }

    async fn listening(&self) -> Result<Vec<Question>, StoreError> {
        self.read().await?.listening().await
    }

    async fn due(&self, now: Millis, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.read().await?.due(now, limit).await
    }

    async fn next_due(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        self.read().await?.next_due(now).await
    }

    async fn unsent(&self, after: Option<&RowId>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.read().await?.unsent(after, limit).await
    }

    async fn card(&self, slot: &Slot) -> Result<Option<CardRow>, StoreError> {
        self.read().await?.card(slot).await
    }

    async fn card_of_post(&self, post: &PostId) -> Result<Option<CardRow>, StoreError> {
        self.read().await?.card_of_post(post).await
    }

    async fn stale_cards(&self, limit: usize) -> Result<Vec<CardRow>, StoreError> {
        self.read().await?.stale_cards(limit).await
    }

    async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        self.read().await?.waiting().await
    }

    async fn set_aside(&self, limit: usize) -> Result<Vec<(Row, String)>, StoreError> {
        self.read().await?.set_aside(limit).await
    }

    async fn began(&self) -> Result<Option<Millis>, StoreError> {
        self.read().await?.began().await
    }

    async fn begin(&self, at: Millis, cursors: &[Cursor]) -> Result<(), StoreError> {
        let done = self.write().await?.begin(at, cursors).await;
        self.written(done).await
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.read().await?.cursors().await
    }

    async fn session(&self) -> Result<Option<Session>, StoreError> {
        self.read().await?.session().await
    }

    async fn list(
        &self,
        skill: &str,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<SlotRow>, StoreError> {
        self.read().await?.list(skill, after, limit).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.read().await?.probe().await
    }

    /// Closes it for this process only.
    async fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
