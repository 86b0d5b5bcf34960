use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::seqs::Stamp;
use crate::event::Event;
use crate::model::ids::{Millis, PostId};

/// What is to do in a channel.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// At most a window of them.
    pub under_way: Vec<UnderWay>,
    pub queue: BTreeMap<(Millis, PostId), Waiting>,
    pub later: VecDeque<Arc<Event>>,
    /// Posts after this moment may be missing.
    pub missing: Option<Millis>,
    pub reading: Option<Reading>,
}

#[derive(Debug)]
pub(super) struct UnderWay {
    pub post: PostId,
    pub at: Millis,
    pub stamp: Option<Stamp>,
}

#[derive(Debug)]
pub(super) struct Reading {
    pub missing: Option<Millis>,
}

/// A post that waits for its turn to be handed on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waiting {
    pub event: Arc<Event>,
    pub post: PostId,
    pub stamp: Option<Stamp>,
}

impl Work {
    pub fn place_of(&self, post: &PostId) -> Option<usize> {
        self.under_way.iter().position(|one| one.post == *post)
    }

    /// The moments after which posts may be missing.
    pub fn lost(&self) -> impl Iterator<Item = Millis> {
        let reading = self.reading.as_ref().and_then(|reading| reading.missing);
        self.missing.into_iter().chain(reading)
    }

    pub fn is_done(&self) -> bool {
        self.under_way.is_empty()
            && self.queue.is_empty()
            && self.later.is_empty()
            && self.missing.is_none()
            && self.reading.is_none()
    }
}
