//! Loads the rows that a group of writes reads or changes: a statement a table.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::SqliteConnection;

use super::fault::Fault;
use super::rows::{self, job_columns, slot_columns, slot_columns_but_state};
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
            Settled::Shown { slot, .. } | Settled::Altered(slot) | Settled::Gone(slot) => {
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
    pub async fn load(mut self, at: &mut SqliteConnection) -> Result<Tables, Fault> {
        let mut tables = Tables::default();
        self.load_events(&mut tables, at).await?;
        self.load_outbox(&mut tables, at).await?;
        self.load_slots(&mut tables, at).await?;
        self.load_jobs(&mut tables, at).await?;
        self.load_cards(&mut tables, at).await?;
        Ok(tables)
    }

    async fn load_events(&self, to: &mut Tables, at: &mut SqliteConnection) -> Result<(), Fault> {
        if !self.commits.is_empty() {
            const SQL: &str = "SELECT t.at, t.id FROM json_each(?1) AS j CROSS JOIN commits AS t \
                ON t.at = j.value ->> 0 AND t.id = unhex(j.value ->> 1)";
            let ids = list(self.commits.iter().map(|(at, id)| (at, hex(id))))?;
            let found: Vec<(i64, Vec<u8>)> =
                sqlx::query_as(SQL).bind(ids).fetch_all(&mut *at).await?;
            for (time, id) in found {
                to.commits
                    .insert((Millis(time), rows::bytes("commit", &id)?));
            }
        }
        if !self.keys.is_empty() {
            const SQL: &str = "SELECT t.key, t.until FROM json_each(?1) AS j \
                CROSS JOIN keys AS t ON t.key = unhex(j.value)";
            let keys = list(self.keys.iter().map(|key| key.to_hex()))?;
            let found: Vec<(Vec<u8>, i64)> = sqlx::query_as(SQL).bind(keys).fetch_all(at).await?;
            for (key, until) in found {
                to.keys
                    .insert(Key::from_bytes(rows::bytes("key", &key)?), Millis(until));
            }
        }
        Ok(())
    }

    /// Rows that are settled, and with them the cards that they post.
    async fn load_outbox(
        &mut self,
        to: &mut Tables,
        at: &mut SqliteConnection,
    ) -> Result<(), Fault> {
        if self.rows.is_empty() {
            return Ok(());
        }
        const SQL: &str = "SELECT t.row, t.aside FROM json_each(?1) AS j \
            CROSS JOIN outbox AS t ON t.id = j.value";
        let ids = list(&self.rows)?;
        let found: Vec<rows::OutboxColumns> = sqlx::query_as(SQL).bind(ids).fetch_all(at).await?;
        for columns in found {
            let outgoing = rows::outgoing(columns)?;
            if let RowKind::Card(slot) = &outgoing.row.kind {
                self.add_card(slot, 0);
            }
            to.outbox.insert(outgoing.row.id.clone(), outgoing);
        }
        Ok(())
    }

    /// Slots that are written, and those whose question was posted. A write replaces the whole slot,
    /// so its state isn't read; a question's time is written with the state that is there, so those
    /// come last, for a slot may be both.
    async fn load_slots(&self, to: &mut Tables, at: &mut SqliteConnection) -> Result<(), Fault> {
        let mut found: Vec<rows::SlotColumns> = Vec::new();
        if !self.slots.is_empty() {
            const SQL: &str = concat!(
                slot_columns_but_state!(),
                "FROM json_each(?1) AS j CROSS JOIN slots AS t ON t.place = j.value ->> 0 \
                 AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2"
            );
            let slots = slots(self.slots.iter().copied())?;
            found.extend(sqlx::query_as(SQL).bind(slots).fetch_all(&mut *at).await?);
        }
        if !self.posted.is_empty() {
            const SQL: &str = concat!(
                slot_columns!(),
                "FROM json_each(?1) AS j CROSS JOIN slots AS t ON t.asks = j.value"
            );
            found.extend(
                sqlx::query_as(SQL)
                    .bind(list(&self.posted)?)
                    .fetch_all(at)
                    .await?,
            );
        }
        for columns in found {
            let row = rows::slot_row(columns)?;
            to.slots.insert(row.slot.clone(), row);
        }
        Ok(())
    }

    /// Jobs that are consumed or postponed, timers that are replaced, all of forgotten slots.
    async fn load_jobs(&self, to: &mut Tables, at: &mut SqliteConnection) -> Result<(), Fault> {
        let mut found: Vec<rows::JobColumns> = Vec::new();
        if !self.jobs.is_empty() {
            const SQL: &str = concat!(
                job_columns!(),
                "FROM json_each(?1) AS j CROSS JOIN jobs AS t ON t.id = j.value"
            );
            found.extend(
                sqlx::query_as(SQL)
                    .bind(list(&self.jobs)?)
                    .fetch_all(&mut *at)
                    .await?,
            );
        }
        if !self.forgotten.is_empty() {
            const SQL: &str = concat!(
                job_columns!(),
                "FROM json_each(?1) AS j CROSS JOIN jobs AS t ON t.place = j.value ->> 0 \
                 AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2"
            );
            let slots = slots(self.forgotten.iter().copied())?;
            found.extend(sqlx::query_as(SQL).bind(slots).fetch_all(&mut *at).await?);
        }
        if !self.timers.is_empty() {
            const SQL: &str = concat!(
                job_columns!(),
                "FROM json_each(?1) AS j CROSS JOIN jobs AS t ON t.place = j.value ->> 0 \
                 AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2 \
                 AND t.kind = 'timer' AND t.name = j.value ->> 3"
            );
            let timers = self
                .timers
                .iter()
                .map(|(slot, name)| (slot.place.to_string(), &slot.skill, &slot.topic, name));
            found.extend(
                sqlx::query_as(SQL)
                    .bind(list(timers)?)
                    .fetch_all(at)
                    .await?,
            );
        }
        for columns in found {
            let job = rows::job(columns)?;
            to.jobs.insert(job.id.clone(), job);
        }
        Ok(())
    }

    async fn load_cards(&self, to: &mut Tables, at: &mut SqliteConnection) -> Result<(), Fault> {
        if self.cards.is_empty() {
            return Ok(());
        }
        // What every accepted write replaces isn't read.
        const SQL: &str = "SELECT t.place, t.skill, t.topic, t.home, t.post, \
            CASE WHEN t.wanted_version < j.value ->> 3 THEN '{}' ELSE t.wanted END, \
            t.wanted_version, t.shown_version \
            FROM json_each(?1) AS j CROSS JOIN cards AS t ON t.place = j.value ->> 0 \
            AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2";
        let cards = self.cards.iter();
        let cards = cards.map(|(slot, version)| {
            let place = slot.place.to_string();
            (place, &slot.skill, &slot.topic, version)
        });
        let query = sqlx::query_as(SQL).bind(list(cards)?);
        let found: Vec<rows::CardColumns> = query.fetch_all(at).await?;
        for columns in found {
            let card = rows::card(columns)?;
            to.cards.insert(card.slot.clone(), card);
        }
        Ok(())
    }
}

/// A list as the JSON that `json_each` takes.
pub(super) fn list<T: Serialize>(items: impl IntoIterator<Item = T>) -> Result<String, Fault> {
    let items: Vec<T> = items.into_iter().collect();
    Ok(serde_json::to_string(&items)?)
}

/// Slots as lists of three.
pub(super) fn slots<'s>(slots: impl IntoIterator<Item = &'s Slot>) -> Result<String, Fault> {
    let slots = slots.into_iter();
    list(slots.map(|slot| (slot.place.to_string(), &slot.skill, &slot.topic)))
}

/// Bytes as `unhex` takes them.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    Key::from_bytes(*bytes).to_hex()
}
