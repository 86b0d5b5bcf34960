use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Directory, Entry};
use crate::event::RowId;
use crate::model::ids::Millis;

/// What every turn may use.
#[derive(Clone)]
pub struct Services {
    /// What may be read of Mattermost.
    pub directory: Arc<dyn Directory>,
    /// What can be asked of all skills.
    pub entries: Arc<[Entry]>,
    /// Ids for rows and jobs.
    pub ids: Arc<RowIds>,
}

/// Makes ids of outbox rows and jobs that grow within this process.
#[derive(Debug, Default)]
pub struct RowIds(AtomicU32);

impl RowIds {
    /// The next one.
    pub fn next(&self, now: Millis) -> RowId {
        RowId::new(
            now,
            self.0.fetch_add(1, Ordering::Relaxed),
            fastrand::u64(..),
        )
    }
}
