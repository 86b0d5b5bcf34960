//! Loads the rows that a group of writes reads or changes.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use super::fault::Fault;
use super::reading::{Reading, found, hex, list, slots};
use super::rows::{self, job_columns, outbox_columns, slot_columns, slot_columns_but_state};
use super::writer::Write;
use crate::event::{JobId, JobKind, Key, RowId, RowKind, Slot, Version};
use crate::model::ids::Millis;
use crate::store::tables::Tables;
use crate::store::{Commit, CommitId, Settled};

/// Which rows a group needs.
#[derive(Default)]
pub(super) struct Window<'a> {
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

impl<'a> Window<'a> {
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

    /// Begins a transaction and reads the rows; a table that nothing is wanted of costs nothing.
    pub async fn load(mut self, at: &mut SqliteConnection) -> Result<Tables, Fault> {
        let mut reading = Reading::begin();
        self.events(&mut reading)?;
        self.outbox(&mut reading)?;
        self.slots(&mut reading)?;
        self.jobs(&mut reading)?;
        if self.rows.is_empty() {
            self.cards(&mut reading)?;
            return reading.run(at).await;
        }
        // Which cards the rows post is known once they are read.
        let mut tables = reading.run(at).await?;
        for outgoing in tables.outbox.values() {
            if let RowKind::Card(slot) = &outgoing.row.kind {
                self.add_card(slot, 0);
            }
        }
        if !self.cards.is_empty() {
            let mut reading = Reading::default();
            self.cards(&mut reading)?;
            tables.cards = reading.run(at).await?.cards;
        }
        Ok(tables)
    }

    fn events(&self, to: &mut Reading) -> Result<(), Fault> {
        if !self.commits.is_empty() {
            const SQL: &str = found!(
                ["t.at, hex(t.id)"],
                "FROM json_each(?) AS j CROSS JOIN commits AS t \
                 ON t.at = j.value ->> 0 AND t.id = unhex(j.value ->> 1)"
            );
            let ids = list(self.commits.iter().map(|(at, id)| (at, hex(id))))?;
            to.add(SQL, ids, |(at, id): (i64, String), tables| {
                tables
                    .commits
                    .insert((Millis(at), rows::bytes("commit", &id)?));
                Ok(())
            })?;
        }
        if !self.keys.is_empty() {
            const SQL: &str = found!(
                ["hex(t.key), t.until"],
                "FROM json_each(?) AS j CROSS JOIN keys AS t ON t.key = unhex(j.value)"
            );
            let keys = list(self.keys.iter().map(|key| key.to_hex()))?;
            to.add(SQL, keys, |(key, until): (String, i64), tables| {
                let key = Key::from_bytes(rows::bytes("key", &key)?);
                tables.keys.insert(key, Millis(until));
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Rows that are settled.
    fn outbox(&self, to: &mut Reading) -> Result<(), Fault> {
        if self.rows.is_empty() {
            return Ok(());
        }
        const SQL: &str = found!(
            [outbox_columns!()],
            "FROM json_each(?) AS j CROSS JOIN outbox AS t ON t.id = j.value"
        );
        to.add(SQL, list(&self.rows)?, |columns, tables| {
            let outgoing = rows::outgoing(columns)?;
            tables.outbox.insert(outgoing.row.id.clone(), outgoing);
            Ok(())
        })
    }

    /// Slots that are written, and those whose question was posted. A write replaces the whole slot,
    /// so its state isn't read; a question's time is written with the state that is there, so those
    /// come last, for a slot may be both.
    fn slots(&self, to: &mut Reading) -> Result<(), Fault> {
        let take = |columns, tables: &mut Tables| {
            let row = rows::slot_row(columns)?;
            tables.slots.insert(row.slot.clone(), row);
            Ok(())
        };
        if !self.slots.is_empty() {
            const SQL: &str = found!(
                [slot_columns_but_state!()],
                "FROM json_each(?) AS j CROSS JOIN slots AS t ON t.place = j.value ->> 0 \
                 AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2"
            );
            to.add(SQL, slots(self.slots.iter().copied())?, take)?;
        }
        if !self.posted.is_empty() {
            const SQL: &str = found!(
                [slot_columns!()],
                "FROM json_each(?) AS j CROSS JOIN slots AS t ON t.asks = j.value"
            );
            to.add(SQL, list(&self.posted)?, take)?;
        }
        Ok(())
    }

    /// Jobs that are consumed or postponed, timers that are replaced, all of forgotten slots.
    fn jobs(&self, to: &mut Reading) -> Result<(), Fault> {
        let take = |columns, tables: &mut Tables| {
            let job = rows::job(columns)?;
            tables.jobs.insert(job.id.clone(), job);
            Ok(())
        };
        if !self.jobs.is_empty() {
            const SQL: &str = found!(
                [job_columns!()],
                "FROM json_each(?) AS j CROSS JOIN jobs AS t ON t.id = j.value"
            );
            to.add(SQL, list(&self.jobs)?, take)?;
        }
        if !self.forgotten.is_empty() {
            const SQL: &str = found!(
                [job_columns!()],
                "FROM json_each(?) AS j CROSS JOIN jobs AS t ON t.place = j.value ->> 0 \
                 AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2"
            );
            to.add(SQL, slots(self.forgotten.iter().copied())?, take)?;
        }
        if !self.timers.is_empty() {
            const SQL: &str = found!(
                [job_columns!()],
                "FROM json_each(?) AS j CROSS JOIN jobs AS t ON t.place = j.value ->> 0 \
                 AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2 \
                 AND t.kind = 'timer' AND t.name = j.value ->> 3"
            );
            let timers = self.timers.iter();
            let timers =
                timers.map(|(slot, name)| (slot.place.to_string(), &slot.skill, &slot.topic, name));
            to.add(SQL, list(timers)?, take)?;
        }
        Ok(())
    }

    fn cards(&self, to: &mut Reading) -> Result<(), Fault> {
        if self.cards.is_empty() {
            return Ok(());
        }
        // What every accepted write replaces isn't read.
        const SQL: &str = found!(
            ["t.place, t.skill, t.topic, t.home, t.post, \
              CASE WHEN t.wanted_version < j.value ->> 3 THEN '{}' ELSE t.wanted END, \
              t.wanted_version, t.shown_version"],
            "FROM json_each(?) AS j CROSS JOIN cards AS t ON t.place = j.value ->> 0 \
             AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2"
        );
        let cards = self.cards.iter();
        let cards = cards.map(|(slot, version)| {
            let place = slot.place.to_string();
            (place, &slot.skill, &slot.topic, version)
        });
        to.add(SQL, list(cards)?, |columns, tables| {
            let card = rows::card(columns)?;
            tables.cards.insert(card.slot.clone(), card);
            Ok(())
        })
    }
}
