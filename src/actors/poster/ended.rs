use crate::client::error::RestError;
use crate::event::Version;
use crate::model::ids::{Millis, PostId};
use crate::sentences::lost::Lost;

/// What became of a row.
pub(super) enum Ended {
    /// Its post is there.
    Posted {
        post: PostId,
        at: Millis,
        shown: Option<Version>,
    },
    /// It left, and was settled before.
    Left,
    /// It is left in the outbox, and looked at when that is read again.
    Later,
    /// It can never leave.
    SetAside(Aside),
    /// It can when the bot is back in its place.
    Waits { lost: Lost, maybe_sent: bool },
}

/// Why a row can never leave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Aside {
    pub reason: String,
    /// The bot may not post there.
    pub forbidden: bool,
}

impl Aside {
    pub fn because(reason: impl ToString) -> Self {
        Self {
            reason: reason.to_string(),
            forbidden: false,
        }
    }

    pub fn refused(error: &RestError) -> Self {
        Self {
            reason: error.to_string(),
            forbidden: error.is_of_place(),
        }
    }

    /// The bot can't write to the person.
    pub fn unreachable(error: &RestError) -> Self {
        Self {
            reason: error.to_string(),
            forbidden: true,
        }
    }
}
