//! What is asked of the writer, and what it gives back.

use tokio::sync::oneshot;

use crate::event::JobId;
use crate::model::ids::{ChannelId, Millis};
use crate::store::{Commit, CommitError, Cursor, Session, Settled};

/// Something to write.
pub(super) enum Write {
    Commit(Commit),
    Settle(Vec<Settled>),
    Postpone {
        job: JobId,
        due: Millis,
        attempts: u32,
    },
    Begin(Millis, Vec<Cursor>),
    MoveCursors(Vec<Cursor>, Option<Session>),
    DropCursors(Vec<ChannelId>),
    Secret {
        name: String,
        fresh: Vec<u8>,
    },
    Prune(Millis),
    Probe,
    #[cfg(test)]
    Sql(&'static str),
    #[cfg(test)]
    Panic,
}

/// What a write gives back.
pub(super) enum Done {
    Nothing,
    Secret(Vec<u8>),
    Pruned {
        /// Keys and slots.
        gone: u64,
        /// Whether there is more.
        more: bool,
    },
}

/// What becomes of a write.
pub(super) type Outcome = Result<Done, CommitError>;

/// A write, and whom to tell.
pub(super) struct Request {
    pub write: Write,
    pub answer: oneshot::Sender<Outcome>,
}
