//! The only clock.
//!
//! Nothing else in the crate asks for the time or sleeps: a simulated [`Time`] follows tokio's
//! paused clock, so that hours pass in a test as fast as its work is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::model::ids::Millis;

/// Where the time of day comes from. Cheap to clone; all clones agree.
#[derive(Clone, Debug)]
pub struct Time(Source);

#[derive(Clone, Debug)]
enum Source {
    Wall,
    Simulated { start: Millis, origin: Instant },
    Set(Arc<AtomicI64>),
}

/// The hand of a clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    /// It shows this, from now on.
    pub fn set(&self, to: Millis) {
        self.0.store(to.0, Ordering::Release);
    }
}

impl Time {
    /// The machine's clock.
    pub fn wall() -> Self {
        Self(Source::Wall)
    }

    /// A clock that shows `start` now and moves with tokio's time, also when that is paused.
    ///
    /// Must be called inside a tokio runtime if its time may be paused.
    pub fn simulated(start: Millis) -> Self {
        Self(Source::Simulated {
            start,
            origin: Instant::now(),
        })
    }

    /// A clock that shows `start` until its hand is moved.
    pub fn standing(start: Millis) -> (Self, Hand) {
        let shown = Arc::new(AtomicI64::new(start.0));
        (Self(Source::Set(shown.clone())), Hand(shown))
    }

    /// Milliseconds since 1970 in UTC, as Mattermost counts them.
    pub fn now(&self) -> Millis {
        match &self.0 {
            Source::Wall => Millis(since_epoch()),
            Source::Simulated { start, origin } => Millis(start.0 + millis(origin.elapsed())),
            Source::Set(shown) => Millis(shown.load(Ordering::Acquire)),
        }
    }
}

/// A reading of the monotonic clock: for back-off, liveness and budgets, which a jump of the time
/// of day must not disturb. It follows tokio's time, also when that is paused.
pub fn instant() -> Instant {
    Instant::now()
}

/// Whether tokio's time is paused: then its clock stands still while a thread does nothing.
pub fn is_paused() -> bool {
    let before = Instant::now();
    std::thread::sleep(Duration::from_millis(1));
    before == Instant::now()
}

fn since_epoch() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => millis(after),
        Err(before) => -millis(before.duration()),
    }
}

fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_simulated_clock_moves_with_paused_time_and_its_clones_agree() {
        let time = Time::simulated(Millis(1_000));
        let clone = time.clone();
        assert_eq!(time.now(), Millis(1_000));
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(time.now(), Millis(3_601_000));
        assert_eq!(clone.now(), time.now());
    }

    #[test]
    fn a_standing_clock_moves_by_its_hand_alone() {
        let (time, hand) = Time::standing(Millis(1_000));
        assert_eq!(time.now(), Millis(1_000));
        hand.set(Millis(5_000));
        assert_eq!(time.clone().now(), Millis(5_000));
    }

    #[tokio::test]
    async fn paused_time_can_be_told_from_time_that_runs() {
        assert!(!is_paused());
        tokio::time::pause();
        assert!(is_paused());
    }

    #[test]
    fn the_wall_clock_shows_a_time_of_this_century() {
        let now = Time::wall().now();
        assert!(now > Millis(1_700_000_000_000) && now < Millis(4_102_444_800_000));
    }
}
