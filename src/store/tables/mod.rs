//! What a commit and a settlement mean, as pure code over maps.
//!
//! The memory store keeps all of its rows here; the SQLite store loads the rows that a group of
//! writes touches, lets this code decide and change them, and writes the difference. So both keep
//! the same promises.

mod settle;
mod turn;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::CommitId;
use crate::event::{CardRow, Home, Job, JobId, JobKind, Key, Row, RowId, Slot, SlotRow};
use crate::model::ids::Millis;

/// How long a commit's id is remembered, so that the commit can be repeated.
pub(super) const COMMIT_MEMORY: Duration = Duration::from_secs(10 * 60);

/// How long the admin can read what could never leave.
pub(super) const ASIDE_MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OutboxRow {
    /// What must leave.
    pub row: Row,
    /// Why it never will.
    pub aside: Option<String>,
    /// Since when it waits for a place that the bot has lost.
    pub waits: Option<Millis>,
    /// The person whom it concerns was told that it waits.
    pub told: bool,
}

impl OutboxRow {
    /// A row that is new.
    pub fn new(row: Row) -> Self {
        Self {
            row,
            aside: None,
            waits: None,
            told: false,
        }
    }
}

/// The rows that commits and settlements read and write.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StoredTables {
    /// Commits that were written: when they were built, and their ids.
    pub commits: BTreeSet<(Millis, CommitId)>,
    /// Used keys, each with the time until which it must be remembered.
    pub keys: BTreeMap<Key, Millis>,
    pub slots: BTreeMap<Slot, SlotRow>,
    /// Timers, mail and work.
    pub jobs: BTreeMap<JobId, Job>,
    /// What must leave.
    pub outbox: BTreeMap<RowId, OutboxRow>,
    /// Each slot's card.
    pub cards: BTreeMap<Slot, CardRow>,
}

impl StoredTables {
    /// A job is tried again at `due`; an unknown one is passed over.
    pub fn postpone(&mut self, job: &JobId, due: Millis, attempts: u32) {
        if let Some(job) = self.jobs.get_mut(job) {
            job.due = due;
            job.attempts = attempts;
        }
    }

    /// How much there is of each.
    pub fn sizes(&self) -> BTreeMap<&'static str, usize> {
        BTreeMap::from([
            ("commits", self.commits.len()),
            ("keys", self.keys.len()),
            ("slots", self.slots.len()),
            ("jobs", self.jobs.len()),
            ("outbox", self.outbox.len()),
            ("cards", self.cards.len()),
        ])
    }

    /// Forgets what is past its time; returns how many keys and slots went.
    pub fn prune(&mut self, now: Millis) -> u64 {
        let before = self.keys.len() + self.slots.len();
        let commits = now.minus(COMMIT_MEMORY);
        self.commits.retain(|(at, _)| *at > commits);
        self.keys.retain(|_, until| *until > now);
        let aside = now.minus(ASIDE_MEMORY);
        self.outbox
            .retain(|_, outgoing| outgoing.aside.is_none() || outgoing.row.created > aside);
        let expired = |row: &SlotRow| row.expires.is_some_and(|expires| expires <= now);
        let gone: Vec<Slot> = self
            .slots
            .values()
            .filter(|row| expired(row))
            .map(|row| row.slot.clone())
            .collect();
        for slot in &gone {
            self.forget(slot);
        }
        let slots = &self.slots;
        self.cards
            .retain(|slot, card| slots.contains_key(slot) || unsettled(card));
        (before - self.keys.len() - self.slots.len()) as u64
    }

    /// Removes a slot with its card and its own timers and work. Mail stays, for it is another's word
    /// to whoever is there by then.
    fn forget(&mut self, slot: &Slot) {
        self.slots.remove(slot);
        self.jobs
            .retain(|_, job| job.slot != *slot || job.kind == JobKind::Mail);
        self.cards.remove(slot);
    }

    fn stop_timer(&mut self, slot: &Slot, name: &str) {
        self.jobs.retain(|_, job| {
            job.slot != *slot || !matches!(&job.kind, JobKind::Timer(timer) if timer == name)
        });
    }
}

/// Whether the bot still has to post a card or to change its post.
fn unsettled(card: &CardRow) -> bool {
    let shown = card.post.is_some() && card.shown_version >= card.wanted_version;
    matches!(card.home, Home::Bot { .. }) && !shown
}
