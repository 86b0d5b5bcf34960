use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::pool::{LONG, Pool};

/// It stays awake so long after the last poll: waking it costs more than a few looks.
const AWAKE: Duration = Duration::from_secs(1);

/// Starts the thread that looks after a pool: what a blocked thread can't do goes on elsewhere.
pub(super) fn look_after(pool: &Arc<Pool>) {
    let pool = pool.clone();
    let thread = std::thread::Builder::new().name("skills-watchdog".into());
    if let Err(error) = thread.spawn(move || look(&pool)) {
        tracing::error!(%error, "no thread looks after author code");
    }
}

/// Until the pool ends.
fn look(pool: &Arc<Pool>) {
    let (mut seen, mut quiet) = (0, Duration::ZERO);
    loop {
        for relief in pool.relieve() {
            relief.relieve();
        }
        while let Some(piece) = pool.stranded() {
            piece.poll();
        }
        let mut work = pool.lock();
        if work.closed {
            return;
        }
        let busy = work.is_busy() || work.polled != seen;
        seen = work.polled;
        quiet = if busy { Duration::ZERO } else { quiet + LONG };
        let sleeps = quiet >= AWAKE;
        work.asleep = sleeps;
        let waited = match sleeps {
            true => pool.busy.wait(work).unwrap_or_else(PoisonError::into_inner),
            false => {
                let waited = pool.busy.wait_timeout(work, LONG / 2);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        drop(waited);
    }
}
