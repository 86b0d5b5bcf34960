use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::actors::apart::Apart;
use crate::event::{Lane, Row, RowId, RowKind};
use crate::model::ids::Millis;
use crate::sentences::lost::Lost;
use crate::store;

/// Rows that must leave, in order within each lane, one under way in each.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: BTreeMap<Lane, QueuedRows>,
    of_row: HashMap<RowId, Lane>,
    /// Those whose first row may leave.
    ready: BTreeSet<Lane>,
    /// Those of which [`loads`](Self::loads) hasn't told what they are now.
    changed: BTreeSet<Lane>,
    /// Rows that have left or are set aside, as long as the store, or a read of it, may not know.
    over: HashSet<RowId>,
    /// Those of them of which the store knows.
    settled: Vec<RowId>,
}

#[derive(Debug, Default)]
struct QueuedRows {
    rows: BTreeMap<RowId, Queued>,
    under_way: Option<(RowId, Apart)>,
    /// The bot has lost the place; and when it is tried again without a reason.
    lost: Option<(Lost, Millis)>,
}

/// A row, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Queued {
    pub row: Row,
    /// It may have been sent: the channel is read before another try.
    pub maybe_sent: bool,
    /// Since when it waits for a place that the bot has lost.
    pub waits: Option<Millis>,
    /// The person whom it concerns was told that it waits.
    pub told: bool,
}

impl Queued {
    pub fn new(row: Row, maybe_sent: bool) -> Self {
        Self {
            row,
            maybe_sent,
            waits: None,
            told: false,
        }
    }
}

/// A place that the bot has lost, with what waits for it.
pub(super) struct LostPlace<'a> {
    pub lane: &'a Lane,
    pub lost: &'a Lost,
    /// When it is tried again without a reason.
    pub again: Millis,
    pub rows: &'a BTreeMap<RowId, Queued>,
}

impl Lanes {
    /// Adds a row, unless it is known.
    pub fn add(&mut self, row: Row, maybe_sent: bool) {
        if self.of_row.contains_key(&row.id) || self.over.contains(&row.id) {
            return;
        }
        self.of_row.insert(row.id.clone(), row.lane.clone());
        let lane = row.lane.clone();
        let waiting = self.lanes.entry(lane.clone()).or_default();
        let queued = Queued::new(row, maybe_sent);
        waiting.rows.insert(queued.row.id.clone(), queued);
        self.change(lane);
    }

    /// A row waits for a lost place, as the store has it.
    pub fn waits(&mut self, waiting: &store::WaitingRow) {
        if let Some(queued) = self.queued(&waiting.row) {
            queued.waits = Some(waiting.since);
            queued.told |= waiting.told;
        }
    }

    /// The first row of each lane that has none under way and isn't lost.
    pub fn ready(&self) -> Vec<Queued> {
        let ready = self.ready.iter().filter_map(|lane| self.lanes.get(lane));
        ready
            .filter_map(|waiting| waiting.rows.values().next().cloned())
            .collect()
    }

    /// A lane isn't as it was. So nobody has to look at all of them, which may be thousands.
    fn change(&mut self, lane: Lane) {
        let free = |waiting: &QueuedRows| waiting.under_way.is_none() && waiting.lost.is_none();
        if self.lanes.get(&lane).is_some_and(free) {
            self.ready.insert(lane.clone());
        } else {
            self.ready.remove(&lane);
        }
        self.changed.insert(lane);
    }

    /// Posts of a lane that may have been sent.
    pub fn doubtful(&self, lane: &Lane) -> Vec<&Row> {
        let waiting = self.lanes.get(lane);
        let queued = waiting
            .into_iter()
            .flat_map(|waiting| waiting.rows.values());
        let doubtful = queued.filter(|queued| queued.maybe_sent);
        let rows = doubtful.map(|queued| &queued.row);
        rows.filter(|row| matches!(row.kind, RowKind::Post(_) | RowKind::Card(_)))
            .collect()
    }

    /// A row was looked for, and isn't there.
    pub fn was_not_sent(&mut self, row: &RowId) {
        if let Some(queued) = self.queued(row) {
            queued.maybe_sent = false;
        }
    }

    /// A row isn't under way any more.
    pub fn rests(&mut self, row: &RowId) {
        let Some(lane) = self.of_row.get(row).cloned() else {
            return;
        };
        if let Some(waiting) = self.lanes.get_mut(&lane) {
            waiting.under_way.take_if(|(under_way, _)| under_way == row);
            self.change(lane);
        }
    }

    fn queued(&mut self, row: &RowId) -> Option<&mut Queued> {
        let lane = self.of_row.get(row)?;
        self.lanes.get_mut(lane)?.rows.get_mut(row)
    }

    /// Where a row leaves.
    pub fn lane_of(&self, row: &RowId) -> Option<&Lane> {
        self.of_row.get(row)
    }

    /// The bot has lost a row's place: nothing leaves there until it is back.
    pub fn lose(&mut self, row: &RowId, lost: Lost, maybe_sent: bool, again: Millis) {
        let Some(lane) = self.of_row.get(row).cloned() else {
            return;
        };
        let Some(waiting) = self.lanes.get_mut(&lane) else {
            return;
        };
        if let Some(queued) = waiting.rows.get_mut(row) {
            queued.maybe_sent = maybe_sent;
        }
        waiting.under_way = None;
        waiting.lost = Some((lost, again));
        self.change(lane);
    }

    /// The bot may be back in a place.
    pub fn back(&mut self, lane: &Lane) {
        if let Some(waiting) = self.lanes.get_mut(lane) {
            waiting.lost = None;
            self.change(lane.clone());
        }
    }

    /// The places that are lost.
    pub fn lost(&self) -> impl Iterator<Item = LostPlace<'_>> {
        self.lanes.iter().filter_map(|(lane, waiting)| {
            let (lost, again) = waiting.lost.as_ref()?;
            Some(LostPlace {
                lane,
                lost,
                again: *again,
                rows: &waiting.rows,
            })
        })
    }

    /// Rows of lost places wait from now on; which of them didn't before.
    pub fn begin_to_wait(&mut self, now: Millis) -> Vec<RowId> {
        let lost = self.lanes.values_mut().filter(|lane| lane.lost.is_some());
        let new = lost.flat_map(|lane| lane.rows.values_mut());
        let mut begun = Vec::new();
        for queued in new.filter(|queued| queued.waits.is_none()) {
            queued.waits = Some(now);
            begun.push(queued.row.id.clone());
        }
        begun
    }

    /// The persons whom rows concern are told that they wait.
    pub fn told(&mut self, rows: &[RowId]) {
        for row in rows {
            if let Some(queued) = self.queued(row) {
                queued.told = true;
            }
        }
    }

    /// A row is under way.
    pub fn started(&mut self, row: &RowId, sends: Apart) {
        let Some(lane) = self.of_row.get(row).cloned() else {
            return;
        };
        if let Some(waiting) = self.lanes.get_mut(&lane) {
            waiting.under_way = Some((row.clone(), sends));
            self.change(lane);
        }
    }

    /// A row has left or is set aside. Gives it back, with what sends it if it was under way.
    pub fn ended(&mut self, id: &RowId) -> Option<(Row, Option<Apart>)> {
        let lane = self.of_row.remove(id)?;
        let waiting = self.lanes.get_mut(&lane)?;
        let queued = waiting.rows.remove(id)?;
        self.over.insert(id.clone());
        let own = waiting.under_way.take_if(|(under_way, _)| under_way == id);
        if waiting.rows.is_empty() && waiting.under_way.is_none() {
            self.lanes.remove(&lane);
        }
        self.change(lane);
        Some((queued.row, own.map(|(_, sends)| sends)))
    }

    /// A row that was ended is read from the store again.
    pub fn comes_again(&mut self, id: &RowId) {
        self.over.remove(id);
    }

    /// The store knows what became of these.
    pub fn settled(&mut self, rows: impl IntoIterator<Item = RowId>) {
        self.settled.extend(rows);
    }

    /// No read of the store is under way: what comes of the next one knows what is settled now.
    pub fn reads_nothing(&mut self) {
        for id in self.settled.drain(..) {
            self.over.remove(&id);
        }
    }

    /// How many rows don't wait for a lost place.
    pub fn owed(&self) -> usize {
        self.len() - self.lost().map(|place| place.rows.len()).sum::<usize>()
    }

    /// How many rows are in each lane that has changed since; none counts that waits for a lost place.
    pub fn loads(&mut self) -> impl Iterator<Item = (Lane, usize)> {
        let lanes = &self.lanes;
        std::mem::take(&mut self.changed).into_iter().map(|lane| {
            let waiting = lanes.get(&lane).filter(|waiting| waiting.lost.is_none());
            let rows = waiting.map_or(0, |waiting| waiting.rows.len());
            (lane, rows)
        })
    }

    /// How many rows that don't wait for a lost place were made before this moment, and when the oldest was.
    pub fn older_than(&self, moment: Millis) -> (usize, Option<Millis>) {
        let lanes = self.lanes.values().filter(|lane| lane.lost.is_none());
        let rows = lanes.flat_map(|lane| lane.rows.values());
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
    use crate::sentences::lost::Why;

    fn row(id: &str, channel: u8) -> Row {
        Row {
            id: RowId::read(id),
            lane: Lane::Channel(ChannelId::from_bytes([channel; 16])),
            kind: RowKind::Post(Draft::default()),
            created: Millis(1),
            blame: None,
            from: None,
            event: None,
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

    #[actix::test]
    async fn each_lane_sends_one_row_at_a_time_in_order() {
        let mut lanes = Lanes::default();
        for (id, channel) in [("b", 1), ("a", 1), ("c", 2), ("a", 1)] {
            lanes.add(row(id, channel), false);
        }
        assert_eq!(
            (lanes.len(), ready(&lanes)),
            (3, vec!["a".to_owned(), "c".to_owned()])
        );
        lanes.started(&RowId::read("a"), Apart::nothing());
        assert_eq!(ready(&lanes), ["c"]);
        assert!(lanes.ended(&RowId::read("a")).unwrap().1.is_some());
        assert_eq!(ready(&lanes), ["b", "c"]);
        assert!(lanes.ended(&RowId::read("a")).is_none());
    }

    #[test]
    fn what_has_ended_does_not_begin_again_from_a_read_that_does_not_know() {
        let mut lanes = Lanes::default();
        lanes.add(row("a", 1), false);
        lanes.ended(&RowId::read("a"));
        lanes.add(row("a", 1), true);
        lanes.settled([RowId::read("a")]);
        lanes.add(row("a", 1), true);
        assert_eq!(lanes.len(), 0);
        lanes.reads_nothing();
        assert_eq!((lanes.over.len(), lanes.settled.len()), (0, 0));
    }

    #[actix::test]
    async fn what_waits_for_a_lost_place_holds_up_nothing_else_and_keeps_its_order() {
        let mut lanes = Lanes::default();
        for (id, channel) in [("a", 1), ("b", 1), ("c", 2)] {
            lanes.add(row(id, channel), false);
        }
        lanes.started(&RowId::read("a"), Apart::nothing());
        let lost = Lost {
            why: Why::NotMember,
            name: None,
        };
        lanes.lose(&RowId::read("a"), lost, true, Millis(9));
        assert_eq!((ready(&lanes), lanes.owed()), (vec!["c".to_owned()], 1));
        assert_eq!(
            lanes.begin_to_wait(Millis(5)),
            ["a", "b"].map(RowId::read),
            "they begin to wait"
        );
        assert_eq!(lanes.begin_to_wait(Millis(6)), []);
        let lane = row("a", 1).lane;
        lanes.back(&lane);
        assert_eq!(
            (ready(&lanes), lanes.owed()),
            (vec!["a".to_owned(), "c".to_owned()], 3)
        );
        let ready = lanes.ready();
        let head = ready.iter().find(|queued| queued.row.id.as_str() == "a");
        let head = head.unwrap();
        assert_eq!((head.waits, head.maybe_sent), (Some(Millis(5)), true));
    }
}
