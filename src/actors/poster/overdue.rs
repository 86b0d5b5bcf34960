use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{ASIDE_SHOWN, LastAside, Poster, SetAside};
use crate::event::{Row, RowId};
use crate::model::ids::Millis;
use crate::telemetry::names;

/// What waits longer than this to leave is a problem.
const LATE: Duration = Duration::from_secs(60);
/// How long a row that was set aside is a problem: a day, so that whoever looks once a day sees it.
const ASIDE_COUNTS: Duration = Duration::from_secs(24 * 60 * 60);

/// What was in the way last, shared by all that wait to leave.
#[derive(Clone, Debug, Default)]
pub struct LastTrouble(Arc<Mutex<String>>);

impl LastTrouble {
    pub(super) fn note(&self, trouble: &impl Display) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble.to_string();
    }

    fn told(&self) -> String {
        let trouble = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble.as_str() {
            "" => "Mattermost hasn't answered yet".to_owned(),
            trouble => trouble.to_owned(),
        }
    }
}

/// Since when something waits that is not as it should be yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Since(Millis);

impl Since {
    pub fn of(now: Millis) -> Self {
        Self(now)
    }

    pub fn is_late(self, now: Millis) -> bool {
        now.since(self.0) > LATE
    }
}

/// What should have left by now, and hasn't.
impl Poster {
    pub(super) fn overdue(&self) -> Vec<String> {
        let now = self.now();
        let (late, oldest) = self.lanes.older_than(now.minus(LATE));
        let cards = self.cards.late(now);
        let aside = self.set_aside.since(now.minus(ASIDE_COUNTS));
        metrics::gauge!(names::OVERDUE).set(late as f64);
        metrics::gauge!(names::CARDS_OVERDUE).set(cards as f64);
        metrics::gauge!(names::SET_ASIDE).set(aside as f64);
        let why = self.outlet.last_trouble.told();
        let unread = self.unread.why();
        let mut found: Vec<String> = unread.map(unread_outbox).into_iter().collect();
        if late > 0 {
            let oldest = oldest.map_or(0, |oldest| now.since(oldest).as_secs());
            found.push(format!(
                "{} to leave, the oldest for {oldest} s: {why}",
                number(late, "post waits", "posts wait")
            ));
        }
        if cards > 0 {
            let cards = number(cards, "card doesn't show", "cards don't show");
            found.push(format!(
                "{cards} what is wanted for more than a minute: {why}"
            ));
        }
        if aside > 0 {
            found.push(self.set_aside.told(aside));
        }
        found
    }
}

fn unread_outbox(why: &str) -> String {
    format!("what is to leave can't be read from the store, so that nothing leaves: {why}")
}

fn number(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// When rows were set aside, the last ones first.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<(RowId, Millis)>);

impl Times {
    pub fn add(&mut self, row: &RowId, at: Millis, most: usize) {
        self.0.insert(0, (row.clone(), at));
        self.0.truncate(most);
    }

    pub fn of(&self, row: &RowId) -> Option<Millis> {
        let found = self.0.iter().find(|(known, _)| known == row);
        found.map(|(_, at)| *at)
    }

    pub fn since(&self, moment: Millis) -> usize {
        self.0.iter().filter(|(_, at)| *at >= moment).count()
    }
}

impl SetAside {
    /// What the store keeps. When a row was set aside by an earlier process isn't kept: when it was
    /// made is the next best.
    pub(super) fn read(&self, rows: &[(Row, String)]) -> Self {
        let mut times = Times::default();
        for (row, _) in rows.iter().rev() {
            let at = self.times.of(&row.id).unwrap_or(row.created);
            times.add(&row.id, at, ASIDE_SHOWN);
        }
        Self {
            count: rows.len(),
            last: rows.first().map(|(row, reason)| LastAside::of(row, reason)),
            times,
        }
    }

    pub(super) fn add(&mut self, row: &Row, reason: &str, now: Millis) {
        self.count += 1;
        self.last = Some(LastAside::of(row, reason));
        self.times.add(&row.id, now, ASIDE_SHOWN);
    }

    fn since(&self, moment: Millis) -> usize {
        self.times.since(moment)
    }

    fn told(&self, count: usize) -> String {
        let what = number(count, "post was", "posts were");
        let last = self.last.as_ref();
        let last = last.map(|last| format!(", the last one ({}): {}", last.row, last.reason));
        format!(
            "{what} set aside within a day, as they can never leave{}",
            last.unwrap_or_default()
        )
    }
}

impl LastAside {
    fn of(row: &Row, reason: &str) -> Self {
        Self {
            row: row.id.clone(),
            lane: row.lane.clone(),
            created: row.created,
            reason: reason.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::poster::cached_card::CachedCard;
    use crate::actors::poster::lanes::Lanes;
    use crate::actors::poster::{ASIDE_SHOWN, SetAside};
    use crate::event::{CardContent, CardRow, Draft, Home, Lane, Place, Row, RowKind, Slot};
    use crate::model::ids::ChannelId;

    const NOW: Millis = Millis(1_000_000_000);

    fn row(id: &str, created: Millis) -> Row {
        Row {
            id: RowId::read(id),
            lane: lane(),
            kind: RowKind::Post(Draft::default()),
            created,
            blame: None,
            from: None,
            event: None,
        }
    }

    fn lane() -> Lane {
        Lane::Channel(ChannelId::from_bytes([2; 16]))
    }

    fn card(shown: i64) -> CachedCard {
        let row = CardRow {
            slot: Slot::new(Place::Desk("d".into()), "poll", "1"),
            home: Home::Bot {
                row: RowId::read("r"),
                lane: lane(),
                root: None,
                from: None,
            },
            post: None,
            wanted: CardContent::default().into(),
            wanted_version: 9,
            shown_version: shown,
        };
        CachedCard::new(row, NOW)
    }

    #[test]
    fn a_card_that_does_not_get_on_is_late_after_a_minute_and_one_that_does_is_not() {
        let (later, mut stuck, mut busy) = (NOW.plus(LATE * 2), card(1), card(1));
        for known in [&mut stuck, &mut busy] {
            known.look(NOW);
            assert!(!known.is_late(NOW.plus(LATE)));
        }
        busy.row.shown_version = 2;
        for known in [&mut stuck, &mut busy] {
            known.look(later);
        }
        assert!(stuck.is_late(later) && !busy.is_late(later));
        stuck.row.shown_version = 9;
        stuck.look(later);
        assert!(!stuck.is_late(later));
    }

    #[test]
    fn rows_that_wait_are_counted_from_a_moment_on() {
        let mut lanes = Lanes::default();
        for (id, created) in [("a", 5), ("b", 3), ("c", 9)] {
            lanes.add(row(id, Millis(created)), false);
        }
        assert_eq!(lanes.older_than(Millis(3)), (0, None));
        assert_eq!(lanes.older_than(Millis(9)), (2, Some(Millis(3))));
    }

    #[test]
    fn what_was_set_aside_counts_for_a_day_from_when_it_was() {
        let made = NOW.minus(ASIDE_COUNTS * 3);
        let (old, other) = (row("a", made), row("b", NOW));
        let mut aside = SetAside::default();
        aside.add(&old, "no", NOW);
        assert_eq!(aside.since(NOW.minus(ASIDE_COUNTS)), 1);
        // The store doesn't say when, and this process still knows.
        let stored = [(other, "no".into()), (old, "no".into())];
        aside = aside.read(&stored);
        assert_eq!(aside.since(NOW.minus(ASIDE_COUNTS)), 2);
        assert_eq!(aside.since(NOW.plus(Duration::from_secs(1))), 0);
        let after_restart = SetAside::default().read(&stored);
        assert_eq!(after_restart.since(NOW.minus(ASIDE_COUNTS)), 1);
        for n in 0..2 * ASIDE_SHOWN {
            aside.add(&row(&n.to_string(), NOW), "no", NOW);
        }
        assert_eq!(aside.since(NOW), ASIDE_SHOWN);
    }
}
