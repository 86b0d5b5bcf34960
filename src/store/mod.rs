//! What outlives a crash: the trait, and memory and SQLite behind it.
//!
//! No SQL, row id or transaction leaks from here. After a commit every message between actors is
//! only a hint: Poster, Clock and Intake can be started from the store at any time.

mod around;
mod blocking;
mod commit;
mod flaky;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
mod suite;
mod tables;
mod watched;

pub(crate) use around::{Access, Around};
pub use blocking::may_block;
pub use commit::{
    CardWrite, Commit, CommitId, Cursor, Session, Settled, SlotWrite, TimerCancel, WaitingRow,
};
pub use flaky::{Faults, Flaky};
pub use memory::Memory;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use watched::Watched;

use std::sync::Arc;

use async_trait::async_trait;

use crate::event::{CardRow, Job, JobId, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};

/// Why a commit did not happen. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A slot was written by somebody else since it was read: load and take the batch again.
    #[error("slot {0} was written by another since it was read")]
    Conflict(Slot),
    /// The key at this index was used before: leave that event out and commit again.
    #[error("the event at {0} was handled before")]
    Duplicate(usize),
    /// A job at this index is no longer there: somebody else took it. Leave that event out.
    #[error("the job at {0} is gone")]
    Gone(usize),
    /// It may work later; people get a sentence, jobs stay, posts stay in Mattermost.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It will never work, whatever the time.
    #[error("the store refuses: {0}")]
    Refused(String),
}

/// Why a read or a settlement failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It may work later: the disk is full, say, or another process holds the file.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It will never work: the file is damaged, say, or a newer program has written it.
    #[error("{0}")]
    Refused(String),
}

impl StoreError {
    fn closed() -> Self {
        Self::Unavailable("it is closed".to_owned())
    }
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(text) => Self::Unavailable(text),
            StoreError::Refused(text) => Self::Refused(text),
        }
    }
}

/// Opens the store that a setting names: `sqlite://FILE` (`sqlite:///var/lib/…` from the root) or
/// `memory:`.
///
/// # Errors
/// A sentence for people: `Refused` for any other address and for a file that can't be used, `Unavailable` for one
/// that another process has.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    if url == "memory:" {
        return Ok(Arc::new(Memory::new()));
    }
    if let Some(file) = url
        .strip_prefix("sqlite://")
        .filter(|file| !file.is_empty())
    {
        return open_file(file).await;
    }
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    // The rest of an address may hold a password.
    Err(StoreError::Refused(match scheme {
        "postgres" | "postgresql" => {
            "PostgreSQL is not in this version; use sqlite://FILE".to_owned()
        }
        _ => format!("a store's address is sqlite://FILE or memory:, not {scheme:?}"),
    }))
}

#[cfg(feature = "sqlite")]
async fn open_file(file: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(Sqlite::open(file.as_ref()).await?))
}

#[cfg(not(feature = "sqlite"))]
async fn open_file(_file: &str) -> Result<Arc<dyn Store>, StoreError> {
    Err(StoreError::Refused(
        "SQLite is not in this build; use memory:, or build with the feature sqlite".to_owned(),
    ))
}

/// What outlives a crash.
///
/// All methods may be called from anywhere at any time; implementations order the writes.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// These slots, in the order asked; `None` where there is none. A slot is there until
    /// [`prune`](Self::prune) forgets it: the store knows no time of its own.
    async fn load(&self, slots: &[Slot]) -> Result<Vec<Option<SlotRow>>, StoreError>;

    /// Writes a batch of turns of one place, whole or not at all.
    ///
    /// A commit carries an id and may be repeated: one that was written before is `Ok` again, for
    /// about ten minutes. Checks, in this order: keys, jobs, slots' versions. A key that comes
    /// twice in one commit is a `Duplicate` the second time, a job that comes twice is `Gone`. A
    /// slot that comes twice, or whose row has another version than the next, is `Refused`. Then
    /// it is written in the order of its fields: what it writes for a slot that it forgets stays. (A last
    /// card needs its home and post then: the known ones are forgotten.)
    async fn commit(&self, commit: Commit) -> Result<(), CommitError>;

    /// Which of these keys were used.
    async fn seen(&self, keys: &[Key]) -> Result<Vec<bool>, StoreError>;

    /// All slots that listen, in their order.
    async fn listening(&self) -> Result<Vec<Question>, StoreError>;

    /// Jobs due at `now`, the longest due first, the older before the younger.
    async fn due(&self, now: Millis, limit: usize) -> Result<Vec<Job>, StoreError>;

    /// When the next job that isn't due at `now` will be.
    async fn next_due(&self, now: Millis) -> Result<Option<Millis>, StoreError>;

    /// A job is tried again at `due`, with this many attempts behind it. An unknown job is passed
    /// over.
    async fn postpone(&self, job: &JobId, due: Millis, attempts: u32) -> Result<(), StoreError>;

    /// Rows that have not left, in order of id, after the given one. Rows set aside are not among them.
    async fn unsent(&self, after: Option<&RowId>, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// A slot's card.
    async fn card(&self, slot: &Slot) -> Result<Option<CardRow>, StoreError>;

    /// The card whose post this is.
    async fn card_of_post(&self, post: &PostId) -> Result<Option<CardRow>, StoreError>;

    /// Cards that the bot posted and whose post shows less than what is wanted, in an order of the store's
    /// own, after the given one.
    async fn stale_cards(
        &self,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<CardRow>, StoreError>;

    /// What became of rows and cards; one transaction for all. Unknown rows and cards are passed
    /// over, so it may be repeated.
    async fn settle(&self, settled: Vec<Settled>) -> Result<(), StoreError>;

    /// Rows that wait for a place that the bot has lost, in order of id; they are among the unsent.
    async fn waiting(&self) -> Result<Vec<WaitingRow>, StoreError>;

    /// Rows set aside because they can never be posted, newest first, each with the reason. They are
    /// kept for 30 days.
    async fn set_aside(&self, limit: usize) -> Result<Vec<(Row, String)>, StoreError>;

    /// Where hearing began; `None` before [`begin`](Self::begin).
    async fn began(&self) -> Result<Option<Millis>, StoreError>;

    /// Hearing begins: remembers when, with the first cursors, unless it has begun before.
    async fn begin(&self, at: Millis, cursors: Vec<Cursor>) -> Result<(), StoreError>;

    /// How far each channel has been handled, in order of the channels' ids, after the given one.
    async fn cursors(
        &self,
        after: Option<&ChannelId>,
        limit: usize,
    ) -> Result<Vec<Cursor>, StoreError>;

    /// Moves cursors forward (never back) and remembers the WebSocket session.
    async fn move_cursors(
        &self,
        cursors: &[Cursor],
        session: Option<&Session>,
    ) -> Result<(), StoreError>;

    /// Forgets the cursors of channels that the bot has left.
    async fn drop_cursors(&self, channels: &[ChannelId]) -> Result<(), StoreError>;

    /// The WebSocket session to resume, if one was remembered.
    async fn session(&self) -> Result<Option<Session>, StoreError>;

    /// A named secret, made of the given bytes if there is none yet.
    async fn secret(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError>;

    /// Slots, for the admin, in their order: those whose skill is `skill` (all where empty), after
    /// the given one.
    async fn list(
        &self,
        skill: &str,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<SlotRow>, StoreError>;

    /// Forgets keys and slots whose time has come (slots with their jobs and cards), old commits'
    /// ids, rows set aside 30 days ago, and cards that have neither a slot nor anything left to show. Returns how many keys
    /// and slots went.
    async fn prune(&self, now: Millis) -> Result<u64, StoreError>;

    /// Whether it can be written now.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Ends all writing and gives the file free. Every later call finds it unavailable.
    async fn close(&self);

    /// Returns when the store has stopped writing for good although nobody closed it, because of
    /// a panic of its writer: the process should end. Otherwise it never returns.
    async fn died(&self) {
        std::future::pending().await
    }
}
