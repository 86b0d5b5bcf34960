//! Which threads may wait for the disk.

use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    static MAY: Cell<bool> = const { Cell::new(false) };
}

/// The thread may wait for the disk, for as long as this lives.
#[derive(Debug)]
#[must_use]
pub struct MayBlock {
    before: bool,
    /// It speaks of the thread that it was made on.
    _stays: PhantomData<*const ()>,
}

/// Says that this thread may wait for the disk: what it writes it may write itself, with what waits beside it,
/// instead of having it written by the store's thread; so with what it reads. Actors' threads may not, for nobody
/// would be served meanwhile.
pub fn may_block() -> MayBlock {
    MayBlock {
        before: MAY.replace(true),
        _stays: PhantomData,
    }
}

/// Whether this thread may.
#[cfg(feature = "sqlite")]
pub(super) fn is_allowed() -> bool {
    MAY.get()
}

impl Drop for MayBlock {
    fn drop(&mut self) {
        MAY.set(self.before);
    }
}
