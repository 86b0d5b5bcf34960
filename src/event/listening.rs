use serde::{Deserialize, Serialize};

use super::{RowId, Slot};
use crate::model::ids::{Millis, PostId, UserId};

/// A slot that asked something hears the next fitting post, before any other trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// Whose post; `None` is anybody's.
    pub who: Option<UserId>,
    /// In which thread; `None` is anywhere in the place.
    pub root: Option<PostId>,
    /// The outbox row that asks; its post's time is the answer's earliest.
    pub row: RowId,
    /// The question's `create_at`, once it has been posted. Until then nothing is an answer.
    pub since: Option<Millis>,
}

impl Listening {
    /// Whether a post of `by` in the thread `root` at the time `at` answers.
    pub fn hears(&self, by: &UserId, root: Option<&PostId>, at: Millis) -> bool {
        self.since.is_some_and(|since| at > since) && self.is_for(by, root)
    }

    /// Whether a post of `by` in the thread `root` answers, if the question was there before it.
    pub fn is_for(&self, by: &UserId, root: Option<&PostId>) -> bool {
        self.who.as_ref().is_none_or(|who| who == by)
            && self.root.as_ref().is_none_or(|wanted| root == Some(wanted))
    }
}

/// A slot and what it waits to hear, as the Router keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who asked.
    pub slot: Slot,
    /// What counts as an answer.
    pub listening: Listening,
}
