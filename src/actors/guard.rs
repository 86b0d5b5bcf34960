//! Ends the process when a hub dies.

use std::sync::atomic::{AtomicBool, Ordering};

static ARMED: AtomicBool = AtomicBool::new(false);

/// From now on the process ends when a hub dies. For programs; a test that fails would end the
/// whole test run.
pub fn arm() {
    ARMED.store(true, Ordering::Relaxed);
}

/// What the process ends with when a part of it has died.
pub const EXIT_CODE: u8 = 70;

/// A part has died that nothing works without: as [`Guard`], where there is time to end in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} died; start again")]
pub struct Died(pub &'static str);

/// Ends the process when an actor dies that nothing works without.
///
/// actix drops an actor that panicked and closes its mailbox for good; the rest would go on,
/// deaf. The guard is dropped with the actor, and while a panic unwinds it ends the process with the
/// actor's name, for the service manager to start it again from the store.
#[derive(Debug)]
pub struct Guard(&'static str);

impl Guard {
    /// Guards the actor of this name.
    pub fn new(name: &'static str) -> Self {
        Self(name)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() && ARMED.load(Ordering::Relaxed) {
            eprintln!("matteractor: {} died; ending the process", self.0);
            std::process::exit(EXIT_CODE.into());
        }
    }
}
