use std::collections::VecDeque;

use super::Router;
use crate::event::Place;

/// How much may wait before events are refused.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// In one place.
    pub place: usize,
    /// In all.
    pub total: usize,
    /// Rows that Mattermost hasn't taken yet.
    pub unsent: usize,
}

impl Router {
    /// Whether there is no room for another event.
    pub(super) fn full(&self, place: &Place) -> bool {
        let taken = self.live.get(place).map_or(0, |live| live.waiting);
        let held = self.undecided.get(place).map_or(0, VecDeque::len);
        self.waiting >= self.bounds.total
            || taken + held >= self.bounds.place
            || self.pressure.rows() >= self.bounds.unsent
            || self.pressure.is_full(place)
    }
}
