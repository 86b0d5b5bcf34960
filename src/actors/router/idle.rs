use std::collections::BTreeMap;

use crate::event::Place;

/// How many places stay in memory with nothing to do.
const IDLE: usize = 512;

/// When a place's last turn ended, in turns.
pub(super) type LastTurn = u64;

/// Places with nothing to do, in the order in which they came to rest.
#[derive(Debug, Default)]
pub(super) struct Idle {
    places: BTreeMap<LastTurn, Place>,
    last: LastTurn,
}

impl Idle {
    /// A place comes to rest. Gives back its entry, and who has rested longest where these are too
    /// many.
    pub fn rests(&mut self, place: Place) -> (LastTurn, Option<Place>) {
        self.last += 1;
        self.places.insert(self.last, place);
        let longest = (self.places.len() > IDLE).then(|| self.places.pop_first());
        (self.last, longest.flatten().map(|(_, place)| place))
    }

    /// A place has something to do again, or is gone.
    pub fn wakes(&mut self, since: Option<LastTurn>) {
        if let Some(since) = since {
            self.places.remove(&since);
        }
    }

    /// All are gone.
    pub fn clear(&mut self) {
        self.places.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_place_pushes_nobody_out() {
        let (mut idle, desk) = (Idle::default(), |n: usize| Place::Desk(n.to_string()));
        idle.rests(desk(0));
        let mut busy = None;
        for _ in 0..2 * IDLE {
            idle.wakes(busy);
            let (since, gone) = idle.rests(desk(1));
            assert_eq!(gone, None);
            busy = Some(since);
        }
        let gone: Vec<_> = (2..=IDLE).filter_map(|n| idle.rests(desk(n)).1).collect();
        assert_eq!(gone, [desk(0)]);
    }
}
