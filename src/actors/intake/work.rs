use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::seqs::Stamp;
use crate::client::rest::Position;
use crate::event::Event;
use crate::model::ids::{Millis, PostId};

/// What is to do in a channel.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// At most a window of them.
    pub under_way: Vec<PostsUnderWay>,
    pub queue: BTreeMap<(Millis, PostId), WaitingPost>,
    pub later: VecDeque<Arc<Event>>,
    /// The Router had no room: nothing is handed on for a while.
    pub rests: bool,
    pub missing: Option<Missing>,
    pub reading: Option<ReadUnderWay>,
    pub check: Option<Check>,
}

#[derive(Debug)]
pub(super) struct PostsUnderWay {
    pub waiting: WaitingPost,
    pub at: Millis,
}

/// Posts after this moment may be missing from the queue: they must come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub at: Millis,
    /// One was heard, and there was no room for it: no list of channels can deny that.
    pub heard: bool,
    /// Where it was read up to.
    pub place: Position,
}

impl Missing {
    pub fn since(at: Millis, heard: bool) -> Self {
        Self {
            at,
            heard,
            place: Position::Since(at),
        }
    }
}

/// Posts of this time are read again, in case one came without a word. Nothing waits for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// So far it has come.
    pub at: Millis,
    pub place: Position,
    /// So far it must come.
    pub to: Millis,
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadUnderWay {
    Missing(Missing),
    Check,
}

/// A post that waits for its turn to be handed on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WaitingPost {
    pub event: Arc<Event>,
    pub post: PostId,
    pub stamp: Option<Stamp>,
}

impl Work {
    pub fn place_of(&self, post: &PostId) -> Option<usize> {
        self.under_way
            .iter()
            .position(|one| one.waiting.post == *post)
    }

    /// Up to when nothing is missing; none where nothing is missing at all.
    pub fn whole_to(&self) -> Option<Millis> {
        let reading = match self.reading {
            Some(ReadUnderWay::Missing(missing)) => Some(missing.at),
            _ => None,
        };
        let missing = self.missing.map(|missing| missing.at);
        reading.into_iter().chain(missing).min()
    }

    pub fn is_done(&self) -> bool {
        self.under_way.is_empty()
            && self.queue.is_empty()
            && self.later.is_empty()
            && self.missing.is_none()
            && self.reading.is_none()
            && self.check.is_none()
            && !self.rests
    }
}
