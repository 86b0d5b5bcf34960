use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::event::{Row, RowId};
use crate::store::{Access, Around, Commit, CommitError, Memory, Store, StoreError};
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

async fn pause(most: u64) {
    sleep(Duration::from_millis(fastrand::u64(0..most))).await;
}

#[async_trait]
impl Around for Mount {
    async fn enter(&self, access: Access) -> Result<&dyn Store, StoreError> {
        if access != Access::Read {
            pause(6).await;
        }
        pause(2).await;
        match self.closed.load(Ordering::Relaxed) {
            true => Err(StoreError::Unavailable("it is closed".into())),
            false => Ok(&*self.disk.memory),
        }
    }

    async fn leave<T: Send>(
        &self,
        access: Access,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if access != Access::Read {
            pause(6).await;
        }
        done
    }

    async fn commits(&self, commit: Commit) -> Result<(), CommitError> {
        let rows = commit.rows.clone();
        let memory = self.enter(Access::Write).await?;
        let slots: Vec<String> = commit.slots.iter().map(|w| w.slot.to_string()).collect();
        let done = memory.commit(commit).await;
        tracing::debug!(?slots, rows = rows.len(), ?done, "a commit");
        if done.is_ok() {
            let rows = rows.into_iter().map(|row| (row.id.clone(), row));
            self.disk.rows().extend(rows);
        }
        pause(6).await;
        done
    }

    async fn probes(&self) -> Result<(), StoreError> {
        self.enter(Access::Read).await?.probe().await
    }

    /// Closes it for this process only.
    async fn closes(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    async fn dies(&self) {
        std::future::pending().await
    }
}
