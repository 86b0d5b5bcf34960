//! How much hasn't left yet, as the Router knows it from the Poster.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::{Lane, Place};

/// How much the Poster holds that Mattermost hasn't taken yet, for the Router to refuse more. One place
/// counts only up to its own limit, so that one that nothing leaves doesn't stop the others: beyond that
/// it is full itself.
#[derive(Clone, Debug)]
pub struct Pressure {
    place: usize,
    held: Arc<Mutex<HeldBack>>,
}

#[derive(Debug, Default)]
struct HeldBack {
    lanes: HashMap<Lane, usize>,
    /// Of all lanes, each up to its own limit.
    rows: usize,
    full: HashSet<Place>,
}

impl Pressure {
    /// None yet; `place` is how many rows one place may have.
    pub fn new(place: usize) -> Self {
        Self {
            place,
            held: Arc::default(),
        }
    }

    /// So many rows are in these lanes now; in others there are as many as before.
    pub(super) fn holds(&self, lanes: impl Iterator<Item = (Lane, usize)>) {
        let mut held = self.held();
        for (lane, rows) in lanes {
            let place = lane.place();
            match rows >= self.place {
                true => held.full.insert(place),
                false => held.full.remove(&place),
            };
            let before = match rows {
                0 => held.lanes.remove(&lane),
                rows => held.lanes.insert(lane, rows),
            };
            held.rows += rows.min(self.place);
            held.rows -= before.unwrap_or_default().min(self.place);
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.held().rows
    }

    /// Whether a place has as many rows as it may.
    pub(super) fn is_full(&self, place: &Place) -> bool {
        self.held().full.contains(place)
    }

    fn held(&self) -> MutexGuard<'_, HeldBack> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::ChannelId;

    #[test]
    fn a_place_that_nothing_leaves_is_full_and_leaves_room_for_others() {
        let lane = |n| Lane::Channel(ChannelId::from_bytes([n; 16]));
        let (blocked, other) = (lane(1), lane(2));
        let pressure = Pressure::new(64);
        pressure.holds([(blocked.clone(), 5_000), (other.clone(), 63)].into_iter());
        assert_eq!(pressure.rows(), 64 + 63);
        assert!(pressure.is_full(&blocked.place()) && !pressure.is_full(&other.place()));
        pressure.holds([(blocked.clone(), 63)].into_iter());
        assert!(!pressure.is_full(&blocked.place()));
        pressure.holds([(blocked, 0)].into_iter());
        assert_eq!(pressure.rows(), 63, "the other's are still there");
    }
}
