//! Loads the rows that a group of writes reads or changes.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row};

use super::fault::Fault;
use super::query::{each_by, name};
use super::request::Write;
use super::rows::{self, job_columns, outbox_columns, slot_columns, slot_columns_but_state};
use crate::event::{JobId, JobKind, Key, RowId, RowKind, Slot, Version};
use crate::model::ids::Millis;
use crate::store::tables::StoredTables;
use crate::store::{Commit, CommitId, Settled};

/// Which rows a group needs.
#[derive(Default)]
pub(super) struct CommitWindow<'a> {
    commits: BTreeSet<(Millis, &'a CommitId)>,
    keys: BTreeSet<&'a Key>,
    slots: BTreeSet<&'a Slot>,
    forgotten: BTreeSet<&'a Slot>,
    jobs: BTreeSet<&'a JobId>,
    timers: BTreeSet<(&'a Slot, &'a str)>,
    rows: BTreeSet<&'a RowId>,
    posted: BTreeSet<&'a RowId>,
    /// Each with the smallest version that replaces what it wants shown; 0 where nothing does.
    cards: BTreeMap<Slot, Version>,
}

impl<'a> CommitWindow<'a> {
    /// Adds what a write needs.
    pub fn add(&mut self, write: &'a Write) {
        match write {
            Write::Commit(commit) => self.add_commit(commit),
            Write::Settle(settled) => settled.iter().for_each(|settled| self.add_settled(settled)),
            Write::Postpone { job, .. } => {
                self.jobs.insert(job);
            }
            _ => {}
        }
    }

    fn add_commit(&mut self, commit: &'a Commit) {
        if commit.is_repeatable() {
            self.commits.insert((commit.now, &commit.id));
        }
        self.keys.extend(commit.keys.iter().map(|(key, _)| key));
        self.jobs.extend(&commit.consumed);
        for write in &commit.slots {
            self.slots.insert(&write.slot);
            if write.row.is_none() {
                self.forgotten.insert(&write.slot);
                self.add_card(&write.slot, 0);
            }
        }
        for card in &commit.cards {
            self.add_card(&card.slot, card.version);
        }
        let cancels = commit.cancels.iter();
        self.timers
            .extend(cancels.map(|cancel| (&cancel.slot, cancel.name.as_str())));
        for job in &commit.jobs {
            if let JobKind::Timer(name) = &job.kind {
                self.timers.insert((&job.slot, name));
            }
        }
    }

    fn add_settled(&mut self, settled: &'a Settled) {
        match settled {
            Settled::Posted { row, .. } => {
                self.rows.insert(row);
                self.posted.insert(row);
            }
            Settled::Left(row) | Settled::SetAside { row, .. } => {
                self.rows.insert(row);
            }
            Settled::Waits { rows, .. } | Settled::Told { rows, .. } => self.rows.extend(rows),
            Settled::Shown { slot, .. } | Settled::Altered(slot) | Settled::Gone { slot, .. } => {
                self.add_card(slot, 0);
            }
        }
    }

    fn add_card(&mut self, slot: &Slot, version: Version) {
        match self.cards.get_mut(slot) {
            Some(least) => *least = version.min(*least),
            None => drop(self.cards.insert(slot.clone(), version)),
        }
    }

    /// Reads the rows; a table that nothing is wanted of costs nothing.
    pub fn load(mut self, at: &Connection) -> Result<StoredTables, Fault> {
        let mut tables = StoredTables::default();
        self.events(at, &mut tables)?;
        self.outbox(at, &mut tables)?;
        self.slots(at, &mut tables)?;
        self.jobs(at, &mut tables)?;
        // Which cards the rows post is known once they are read.
        for outgoing in tables.outbox.values() {
            if let RowKind::Card(slot) = &outgoing.row.kind {
                self.add_card(slot, 0);
            }
        }
        self.cards(at, &mut tables)?;
        Ok(tables)
    }

    fn events(&self, at: &Connection, to: &mut StoredTables) -> Result<(), Fault> {
        const COMMIT: &str = "SELECT at, id FROM commits WHERE at = ?1 AND id = ?2";
        let commits = self.commits.iter().map(|(at, id)| (at.0, *id));
        each_by(at, COMMIT, commits, |row| {
            let id = rows::bytes("commit", row, 1)?;
            to.commits.insert((Millis(row.get(0)?), id));
            Ok(())
        })?;
        const KEY: &str = "SELECT key, until FROM keys WHERE key = ?1";
        let keys = self.keys.iter().map(|key| [key.as_bytes()]);
        each_by(at, KEY, keys, |row| {
            let key = Key::from_bytes(rows::bytes("key", row, 0)?);
            to.keys.insert(key, Millis(row.get(1)?));
            Ok(())
        })
    }

    /// Rows that are settled.
    fn outbox(&self, at: &Connection, to: &mut StoredTables) -> Result<(), Fault> {
        const SQL: &str = concat!(
            "SELECT ",
            outbox_columns!(),
            " FROM outbox AS t WHERE t.id = ?1"
        );
        each_by(at, SQL, self.rows.iter().map(|id| [id.as_str()]), |row| {
            let outgoing = rows::outgoing(row)?;
            to.outbox.insert(outgoing.row.id.clone(), outgoing);
            Ok(())
        })
    }

    /// Slots that are written, and those whose question was posted. A write replaces the whole slot,
    /// so its state isn't read; a question's time is written with the state that is there, so those
    /// come last, for a slot may be both.
    fn slots(&self, at: &Connection, to: &mut StoredTables) -> Result<(), Fault> {
        const WRITTEN: &str = concat!(
            "SELECT ",
            slot_columns_but_state!(),
            " FROM slots AS t WHERE t.place = ?1 AND t.skill = ?2 AND t.topic = ?3"
        );
        const ASKS: &str = concat!(
            "SELECT ",
            slot_columns!(),
            " FROM slots AS t WHERE t.asks = ?1"
        );
        let mut take = |row: &Row<'_>| {
            let row = rows::slot_row(row)?;
            to.slots.insert(row.slot.clone(), row);
            Ok(())
        };
        let written = self.slots.iter().map(|slot| name(slot));
        each_by(at, WRITTEN, written, &mut take)?;
        let asks = self.posted.iter().map(|id| [id.as_str()]);
        each_by(at, ASKS, asks, &mut take)
    }

    /// Jobs that are consumed or postponed, timers that are replaced, all of forgotten slots.
    fn jobs(&self, at: &Connection, to: &mut StoredTables) -> Result<(), Fault> {
        const ONE: &str = concat!("SELECT ", job_columns!(), " FROM jobs AS t WHERE t.id = ?1");
        macro_rules! of_slot {
            ($and:literal) => {
                concat!(
                    "SELECT ",
                    job_columns!(),
                    " FROM jobs AS t WHERE t.place = ?1 AND t.skill = ?2 AND t.topic = ?3",
                    $and
                )
            };
        }
        const ALL: &str = of_slot!("");
        const TIMER: &str = of_slot!(" AND t.kind = 'timer' AND t.name = ?4");
        let mut take = |row: &Row<'_>| {
            let job = rows::job(row)?;
            to.jobs.insert(job.id.clone(), job);
            Ok(())
        };
        let ids = self.jobs.iter().map(|id| [id.as_str()]);
        each_by(at, ONE, ids, &mut take)?;
        let forgotten = self.forgotten.iter().map(|slot| name(slot));
        each_by(at, ALL, forgotten, &mut take)?;
        let timers = self.timers.iter().map(|(slot, timer)| {
            let (place, skill, topic) = name(slot);
            (place, skill, topic, *timer)
        });
        each_by(at, TIMER, timers, &mut take)
    }

    fn cards(&self, at: &Connection, to: &mut StoredTables) -> Result<(), Fault> {
        // What every accepted write replaces isn't read.
        const SQL: &str = "SELECT t.place, t.skill, t.topic, t.home, t.post, \
            CASE WHEN t.wanted_version < ?4 THEN '{}' ELSE t.wanted END, \
            t.wanted_version, t.shown_version FROM cards AS t \
            WHERE t.place = ?1 AND t.skill = ?2 AND t.topic = ?3";
        let cards = self.cards.iter().map(|(slot, version)| {
            let (place, skill, topic) = name(slot);
            (place, skill, topic, *version)
        });
        each_by(at, SQL, cards, |row| {
            let card = rows::card(row)?;
            to.cards.insert(card.slot.clone(), card);
            Ok(())
        })
    }
}
