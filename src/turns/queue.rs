use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::RowId;
use crate::model::ids::Millis;

/// What waits in a place, in order.
pub enum Waiting<W> {
    Event(W),
    /// This row was posted at this time, so that a question may be answered.
    Asked(RowId, Millis),
}

/// What waits in a place: filled by others while turns are taken. Clones are the same queue.
pub struct Queue<W>(Arc<Mutex<VecDeque<Waiting<W>>>>);

impl<W> Clone for Queue<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<W> Queue<W> {
    /// Puts one behind all others.
    pub fn push(&self, waiting: Waiting<W>) {
        self.lock().push_back(waiting);
    }

    /// Takes the first.
    pub(super) fn pop(&self) -> Option<Waiting<W>> {
        self.lock().pop_front()
    }

    /// Lets go of all that waits.
    pub(super) fn clear(&self) {
        let waiting = std::mem::take(&mut *self.lock());
        drop(waiting);
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Waiting<W>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
