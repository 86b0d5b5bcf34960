use std::collections::BTreeMap;
use std::time::Duration;

use actix::prelude::*;

use super::Poster;
use super::ended::Aside;
use super::lanes::{LostPlace, Queued};
use crate::event::{Blame, Draft, Lane, Row, RowId, RowKind};
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::sentences::lost::{Lost, Task, Why};
use crate::sentences::unposted::why;
use crate::store::Settled;
use crate::telemetry::names;

/// After how long the person whom a row concerns is told that it waits.
pub(super) const TELLS: Duration = Duration::from_secs(10 * 60);
/// How long a person waits for what a command that they have typed brings.
const FRESH: Duration = Duration::from_secs(60);
/// How often a person is told of one place at most.
const RETELLS: Duration = Duration::from_secs(24 * 3600);
/// How often a lost place is tried without a reason: Mattermost can lose the event of a return.
pub(super) const LOOKS: Duration = Duration::from_secs(5 * 60);
/// How long a row waits.
pub(super) const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many rows wait for one place at most.
const MOST: usize = 10_000;
/// How many places are named to the admin.
const NAMED: usize = 20;

/// What waits for a place that the bot has lost.
impl Poster {
    /// A row can't leave before the bot is back; those behind it keep their order.
    pub(super) fn lose(&mut self, id: &RowId, lost: Lost, maybe_sent: bool) {
        let Some(lane) = self.lanes.lane_of(id).cloned() else {
            return;
        };
        tracing::warn!(row = %id, ?lane, why = ?lost.why, "a place is lost; its posts wait");
        let again = self.now().plus(LOOKS);
        self.lanes.lose(id, lost, maybe_sent, again);
    }

    /// Goes on where the bot is back, and sees to what waits for long.
    pub(super) fn watch_places(&mut self, ctx: &mut Context<Self>) {
        let now = self.now();
        self.watch_cards(now, ctx);
        let memberships = &self.outlet.memberships;
        let came = |lane: &Lane| matches!(lane, Lane::Channel(channel) if memberships.is_known_in(channel));
        let places = self.lanes.lost();
        let back = places.filter(|place| place.again <= now || came(place.lane));
        let back: Vec<Lane> = back.map(|place| place.lane.clone()).collect();
        for lane in &back {
            self.lanes.back(lane);
        }
        if !back.is_empty() {
            self.work(ctx);
        }
        self.note_waiting(now, ctx);
        self.tell_waiting(now, ctx);
        self.give_up_waiting(now, ctx);
        let waiting = self.lanes.len() - self.lanes.owed();
        metrics::gauge!(names::WAITING).set(waiting as f64);
    }

    fn note_waiting(&mut self, now: Millis, ctx: &mut Context<Self>) {
        let rows = self.lanes.begin_to_wait(now);
        self.answer_waiting(&rows, ctx);
        if !rows.is_empty() {
            self.settle(Settled::Waits { rows, since: now }, ctx);
        }
    }

    /// Who has just typed a command in a channel that the bot isn't in reads it there, at once.
    fn answer_waiting(&mut self, begun: &[RowId], ctx: &mut Context<Self>) {
        let mut answers = Vec::new();
        for place in self.lanes.lost() {
            let text = place.lost.answer(&self.outlet.memberships.name());
            let begun = begun.iter().filter_map(|id| place.rows.get(id));
            for queued in begun.filter(|queued| Task::of(&queued.row.kind) == Task::Post) {
                let typed = queued.row.blame.clone();
                let typed = typed.filter(|blame| blame.response_url.is_some());
                answers.extend(typed.map(|blame| (queued.row.id.clone(), blame, text.clone())));
            }
        }
        for (row, blame, text) in answers {
            let said = saying(text, blame.response_url.clone());
            self.tell(vec![row], blame.person, said, Some(blame), ctx);
        }
    }

    /// Tells each person once of all that waits for a place and concerns them.
    fn tell_waiting(&mut self, now: Millis, ctx: &mut Context<Self>) {
        let late = |queued: &&Queued| {
            let due = queued.waits.is_some_and(|since| since.plus(TELLS) <= now);
            due && !queued.told && concern(&queued.row).is_some()
        };
        let mut news = Vec::new();
        for place in self.lanes.lost() {
            let mut people: Vec<(UserId, Task)> = Vec::new();
            for queued in place.rows.values().filter(late) {
                let news = |known: &_| !people.contains(known) && !was_told(&place, *known, now);
                people.extend(concern(&queued.row).filter(news));
            }
            for (person, task) in people {
                let own = place.rows.values().filter(|queued| {
                    let its = concern(&queued.row) == Some((person, task));
                    !queued.told && queued.waits.is_some() && its
                });
                let own: Vec<&Queued> = own.collect();
                let whats: Vec<Option<&str>> = own.iter().map(|queued| what(&queued.row)).collect();
                let text = place
                    .lost
                    .notice(&whats, task, &self.outlet.memberships.name());
                let rows = own.iter().map(|queued| queued.row.id.clone()).collect();
                news.push((rows, person, text));
            }
        }
        for (rows, person, text) in news {
            self.tell(rows, person, saying(text, None), None, ctx);
        }
    }

    fn tell(
        &mut self,
        rows: Vec<RowId>,
        person: UserId,
        kind: RowKind,
        blame: Option<Blame>,
        ctx: &mut Context<Self>,
    ) {
        self.lanes.told(&rows);
        let notice = self.notice(person, kind, blame);
        self.settle(Settled::Told { rows, notice }, ctx);
    }

    /// A row can never leave, and its person is told so: the store hears of both at once.
    pub(super) fn settle_and_tell(
        &mut self,
        settled: Settled,
        reader: Blame,
        text: String,
        ctx: &mut Context<Self>,
    ) {
        if let Settled::SetAside { row, .. } = &settled {
            // Who typed a command long ago may not look there any more, and what is whispered is gone then.
            let fresh = row.made().is_some_and(|made| made.plus(FRESH) > self.now());
            let url = reader.response_url.filter(|_| fresh);
            let notice = self.notice(reader.person, saying(text, url), None);
            let rows = vec![row.clone()];
            self.settling.add(Settled::Told { rows, notice });
        }
        self.settle(settled, ctx);
    }

    /// A row by which a person is told of others.
    fn notice(&mut self, person: UserId, kind: RowKind, blame: Option<Blame>) -> Box<Row> {
        let now = self.now();
        Box::new(Row {
            id: self.ids.next(now),
            lane: Lane::Direct(person),
            kind,
            created: now,
            blame,
            from: None,
            event: None,
        })
    }

    /// What has waited too long, or for what won't come back, is set aside.
    fn give_up_waiting(&mut self, now: Millis, ctx: &mut Context<Self>) {
        let mut given_up = Vec::new();
        for place in self.lanes.lost() {
            for (at, queued) in place.rows.values().enumerate() {
                let gone = place.lost.why == Why::Deleted
                    && queued.waits.is_some_and(|since| since.plus(TELLS) <= now);
                let reason = if gone {
                    why::CHANNEL_DELETED
                } else if queued.row.created.plus(LIFE) <= now {
                    why::CHANNEL_LOST
                } else if at >= MOST {
                    why::TOO_MANY_WAIT
                } else {
                    continue;
                };
                given_up.push((queued.row.id.clone(), reason, queued.told));
            }
        }
        for (id, reason, told) in given_up {
            if let Some((row, _)) = self.lanes.ended(&id) {
                self.put_aside(row, &Aside::because(reason), told, ctx);
            }
        }
    }

    /// What waits, for the admin.
    pub(super) fn lost_places(&self) -> Vec<String> {
        let cards = self.cards.lost();
        let mut places: BTreeMap<&ChannelId, (&Lost, usize, usize)> = cards
            .map(|(channel, lost, cards)| (channel, (lost, 0, cards)))
            .collect();
        for place in self.lanes.lost() {
            if let Lane::Channel(channel) = place.lane {
                let waits = places.entry(channel).or_insert((place.lost, 0, 0));
                (waits.0, waits.1) = (place.lost, place.rows.len());
            }
        }
        let others = places.len().saturating_sub(NAMED);
        let named = places.into_iter().take(NAMED);
        let name = &self.outlet.memberships.name();
        let mut problems: Vec<String> = named
            .map(|(id, (lost, posts, cards))| lost.problem(posts, cards, id, name))
            .collect();
        if others > 0 {
            problems.push(format!("posts or cards wait for {others} other channels"));
        }
        problems
    }
}

/// Whether somebody was told within a day that something waits for a place: a timer may add a post every few minutes.
fn was_told(place: &LostPlace<'_>, known: (UserId, Task), now: Millis) -> bool {
    let lately = |queued: &&Queued| {
        let since = queued.waits.is_some_and(|since| since.plus(RETELLS) > now);
        // Who has just typed a command was answered, and told of that alone.
        let blame = queued.row.blame.as_ref();
        let typed = blame.is_some_and(|blame| blame.response_url.is_some());
        queued.told && since && !typed
    };
    let mut told = place.rows.values().filter(lately);
    told.any(|queued| concern(&queued.row) == Some(known))
}

/// How a person is told: where the command was typed as long as that can be answered, else directly.
fn saying(text: String, response_url: Option<String>) -> RowKind {
    match response_url {
        None => RowKind::Post(Draft {
            text,
            ..Draft::default()
        }),
        response_url => RowKind::Whisper {
            text,
            response_url,
            window: None,
        },
    }
}

/// Whom a row concerns, and what it does.
fn concern(row: &Row) -> Option<(UserId, Task)> {
    let blame = row.blame.as_ref()?;
    Some((blame.person, Task::of(&row.kind)))
}

fn what(row: &Row) -> Option<&str> {
    row.blame.as_ref()?.what.as_deref()
}
