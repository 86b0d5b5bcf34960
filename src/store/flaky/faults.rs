use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::event::Slot;
use crate::store::{Commit, StoreError};

/// The switchboard of a [`Flaky`](super::Flaky) store; clones are the same board.
///
/// Orders for commits are used up in this sequence: refuse, lose, conflict.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    orders: Arc<Mutex<Orders>>,
    /// Wakes in the order in which they came those who wait at the gate.
    opened: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Orders {
    down: bool,
    full: bool,
    held: bool,
    refuse: usize,
    lose: usize,
    conflict: usize,
    commits: usize,
}

/// What happens to one commit.
pub(super) enum CommitFate {
    Written,
    Unavailable,
    Lost,
    Conflict(Slot),
}

impl Faults {
    /// The next `n` commits are unavailable; nothing of them is written.
    pub fn refuse(&self, n: usize) {
        self.orders().refuse = n;
    }

    /// The next `n` commits are written, but answered as unavailable.
    pub fn lose(&self, n: usize) {
        self.orders().lose = n;
    }

    /// The next `n` commits that write a slot conflict at their first one; nothing is written.
    pub fn conflict(&self, n: usize) {
        self.orders().conflict = n;
    }

    /// Everything but `close` is unavailable, until this is called with `false`.
    pub fn down(&self, down: bool) {
        self.orders().down = down;
    }

    /// The disk is full: whatever writes is unavailable, until this is called with `false`.
    pub fn full(&self, full: bool) {
        self.orders().full = full;
    }

    /// Commits and settlements wait at a gate, before anything is written, until it is released.
    pub fn hold(&self) {
        self.orders().held = true;
    }

    /// Opens the gate.
    pub fn release(&self) {
        self.orders().held = false;
        self.opened.notify_waiters();
    }

    /// How many commits passed the gate, failed ones too.
    pub fn commits(&self) -> usize {
        self.orders().commits
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn gate(&self) {
        loop {
            let mut opened = pin!(self.opened.notified());
            // From here on it is woken, so that nothing is missed between look and wait.
            opened.as_mut().enable();
            if !self.orders().held {
                return;
            }
            opened.await;
        }
    }

    pub(super) fn up(&self) -> Result<(), StoreError> {
        match self.orders().down {
            true => Err(StoreError::Unavailable("it is down".to_owned())),
            false => Ok(()),
        }
    }

    pub(super) fn room(&self) -> Result<(), StoreError> {
        self.up()?;
        match self.orders().full {
            true => Err(StoreError::Unavailable("the disk is full".to_owned())),
            false => Ok(()),
        }
    }

    pub(super) fn fate(&self, commit: &Commit) -> CommitFate {
        let mut orders = self.orders();
        orders.commits += 1;
        if orders.down || orders.full || take(&mut orders.refuse) {
            return CommitFate::Unavailable;
        }
        if take(&mut orders.lose) {
            return CommitFate::Lost;
        }
        match commit.slots.first() {
            Some(write) if take(&mut orders.conflict) => CommitFate::Conflict(write.slot.clone()),
            _ => CommitFate::Written,
        }
    }
}

fn take(count: &mut usize) -> bool {
    let some = *count > 0;
    *count -= usize::from(some);
    some
}
