use std::collections::{BTreeMap, HashMap};

use actix::SpawnHandle;

use crate::event::{Lane, Row, RowId};
use crate::model::ids::Millis;

/// Rows that must leave, in order within each lane, one under way in each.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: BTreeMap<Lane, Waiting>,
    of_row: HashMap<RowId, Lane>,
}

#[derive(Debug, Default)]
struct Waiting {
    rows: BTreeMap<RowId, Queued>,
    under_way: Option<(RowId, SpawnHandle)>,
}

/// A row and whether an earlier process may have sent it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Queued {
    pub row: Row,
    pub maybe_sent: bool,
}

impl Lanes {
    /// Adds a row, unless it is known.
    pub fn add(&mut self, row: Row, maybe_sent: bool) {
        if self.of_row.contains_key(&row.id) {
            return;
        }
        self.of_row.insert(row.id.clone(), row.lane.clone());
        let waiting = self.lanes.entry(row.lane.clone()).or_default();
        waiting
            .rows
            .insert(row.id.clone(), Queued { row, maybe_sent });
    }

    /// The first row of each lane that has none under way.
    pub fn ready(&self) -> Vec<Queued> {
        let free = self
            .lanes
            .values()
            .filter(|waiting| waiting.under_way.is_none());
        free.filter_map(|waiting| waiting.rows.values().next().cloned())
            .collect()
    }

    /// A row is under way.
    pub fn started(&mut self, row: &RowId, handle: SpawnHandle) {
        if let Some(waiting) = self
            .of_row
            .get(row)
            .and_then(|lane| self.lanes.get_mut(lane))
        {
            waiting.under_way = Some((row.clone(), handle));
        }
    }

    /// A row has left or is set aside. Gives it back, with its handle if it was under way.
    pub fn ended(&mut self, id: &RowId) -> Option<(Row, Option<SpawnHandle>)> {
        let lane = self.of_row.remove(id)?;
        let waiting = self.lanes.get_mut(&lane)?;
        let queued = waiting.rows.remove(id)?;
        let own = waiting.under_way.take_if(|(under_way, _)| under_way == id);
        if waiting.rows.is_empty() && waiting.under_way.is_none() {
            self.lanes.remove(&lane);
        }
        Some((queued.row, own.map(|(_, handle)| handle)))
    }

    /// How many rows were made before this moment, and when the oldest was.
    pub fn older_than(&self, moment: Millis) -> (usize, Option<Millis>) {
        let rows = self.lanes.values().flat_map(|lane| lane.rows.values());
        let made = rows.map(|queued| queued.row.created);
        let old: Vec<Millis> = made.filter(|made| *made < moment).collect();
        (old.len(), old.iter().min().copied())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.of_row.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Draft, RowKind};
    use crate::model::ids::ChannelId;

    fn row(id: &str, channel: u8) -> Row {
        Row {
            id: RowId::read(id),
            lane: Lane::Channel(ChannelId::from_bytes([channel; 16])),
            kind: RowKind::Post(Draft::default()),
            created: Millis(1),
            blame: None,
        }
    }

    fn ready(lanes: &Lanes) -> Vec<String> {
        let mut ids: Vec<_> = lanes
            .ready()
            .into_iter()
            .map(|q| q.row.id.to_string())
            .collect();
        ids.sort();
        ids
    }

    #[test]
    fn each_lane_sends_one_row_at_a_time_in_order() {
        let mut lanes = Lanes::default();
        for (id, channel) in [("b", 1), ("a", 1), ("c", 2), ("a", 1)] {
            lanes.add(row(id, channel), false);
        }
        assert_eq!(
            (lanes.len(), ready(&lanes)),
            (3, vec!["a".to_owned(), "c".to_owned()])
        );
        lanes.started(&RowId::read("a"), SpawnHandle::default());
        assert_eq!(ready(&lanes), ["c"]);
        assert!(lanes.ended(&RowId::read("a")).unwrap().1.is_some());
        assert_eq!(ready(&lanes), ["b", "c"]);
        assert!(lanes.ended(&RowId::read("a")).is_none());
    }
}
