use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes of events may be on their way.
const MOST: usize = 32 << 20;
/// What an event costs beside its data.
const EACH: usize = 512;

/// What the Socket has handed on and Intake hasn't taken in yet: the bound of a mailbox that has
/// none. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Backlog(Arc<AtomicUsize>);

impl Backlog {
    /// Whether nothing more should be handed on.
    pub fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= MOST
    }

    /// Whether there is plenty of room again.
    pub fn has_room(&self) -> bool {
        self.0.load(Ordering::Relaxed) < MOST / 2
    }

    /// An event with so much data was handed on.
    pub fn add(&self, length: usize) {
        self.0.fetch_add(length + EACH, Ordering::Relaxed);
    }

    /// An event with so much data was taken in.
    pub fn take(&self, length: usize) {
        self.0.fetch_sub(length + EACH, Ordering::Relaxed);
    }
}
