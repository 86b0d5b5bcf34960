use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::tables::StoredTables;
use super::{Commit, CommitError, Cursor, Session, Settled, Store, StoreError, WaitingRow};
use crate::event::{CardRow, Home, Job, JobId, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};

/// A store that ends with the process: for simulation, tests and a first try.
///
/// It does no I/O, spawns nothing and knows no time, and its methods never wait; so it is at home
/// on a thread whose time is paused.
#[derive(Debug, Default)]
pub struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    tables: StoredTables,
    cursors: BTreeMap<ChannelId, Cursor>,
    began: Option<Millis>,
    session: Option<Session>,
    secrets: BTreeMap<String, Vec<u8>>,
    closed: bool,
}

impl Inner {
    fn move_cursors(&mut self, cursors: &[Cursor]) {
        for cursor in cursors {
            let known = self.cursors.entry(cursor.channel);
            let known = known.or_insert_with(|| cursor.clone());
            known.at = known.at.max(cursor.at);
            known.done = known.done.max(cursor.done);
        }
    }
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries each of the tables has whose entries come and go, by its name: for who looks
    /// whether anything is left over.
    pub fn sizes(&self) -> BTreeMap<&'static str, usize> {
        self.lock().tables.sizes()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics half way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let inner = self.lock();
        match inner.closed {
            true => Err(StoreError::closed()),
            false => Ok(inner),
        }
    }
}

#[async_trait]
impl Store for Memory {
    async fn load(&self, slots: &[Slot]) -> Result<Vec<Option<SlotRow>>, StoreError> {
        let inner = self.open()?;
        let row = |slot| inner.tables.slots.get(slot).cloned();
        Ok(slots.iter().map(row).collect())
    }

    async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        self.open()?.tables.commit(&commit)
    }

    async fn seen(&self, keys: &[Key]) -> Result<Vec<bool>, StoreError> {
        let inner = self.open()?;
        let seen = |key| inner.tables.keys.contains_key(key);
        Ok(keys.iter().map(seen).collect())
    }

    async fn listening(&self) -> Result<Vec<Question>, StoreError> {
        let question = |row: &SlotRow| {
            row.listening.clone().map(|listening| Question {
                slot: row.slot.clone(),
                listening,
            })
        };
        let inner = self.open()?;
        Ok(inner.tables.slots.values().filter_map(question).collect())
    }

    async fn due(&self, now: Millis, limit: usize) -> Result<Vec<Job>, StoreError> {
        let inner = self.open()?;
        let jobs = inner.tables.jobs.values();
        let mut due: Vec<&Job> = jobs.filter(|job| job.due <= now).collect();
        due.sort_by_key(|job| (job.due, &job.id));
        Ok(due.into_iter().take(limit).cloned().collect())
    }

    async fn next_due(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        let inner = self.open()?;
        let times = inner.tables.jobs.values().map(|job| job.due);
        Ok(times.filter(|due| *due > now).min())
    }

    async fn postpone(&self, job: &JobId, due: Millis, attempts: u32) -> Result<(), StoreError> {
        self.open()?.tables.postpone(job, due, attempts);
        Ok(())
    }

    async fn unsent(&self, after: Option<&RowId>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let inner = self.open()?;
        let rows = inner.tables.outbox.values();
        let unsent = rows.filter(|out| out.aside.is_none()).map(|out| &out.row);
        let later = unsent.filter(|row| after.is_none_or(|after| row.id > *after));
        Ok(later.take(limit).cloned().collect())
    }

    async fn card(&self, slot: &Slot) -> Result<Option<CardRow>, StoreError> {
        Ok(self.open()?.tables.cards.get(slot).cloned())
    }

    async fn card_of_post(&self, post: &PostId) -> Result<Option<CardRow>, StoreError> {
        let inner = self.open()?;
        let mut cards = inner.tables.cards.values();
        Ok(cards.find(|card| card.post == Some(*post)).cloned())
    }

    async fn stale_cards(
        &self,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<CardRow>, StoreError> {
        let stale = |card: &&CardRow| {
            matches!(card.home, Home::Bot { .. })
                && card.post.is_some()
                && card.shown_version < card.wanted_version
        };
        let inner = self.open()?;
        let cards = inner.tables.cards.values().filter(stale);
        let later = cards.filter(|card| after.is_none_or(|after| card.slot > *after));
        Ok(later.take(limit).cloned().collect())
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), StoreError> {
        let mut inner = self.open()?;
        for settled in &settled {
            inner.tables.settle(settled);
        }
        Ok(())
    }

    async fn waiting(&self) -> Result<Vec<WaitingRow>, StoreError> {
        let inner = self.open()?;
        let rows = inner.tables.outbox.values();
        let unsent = rows.filter(|out| out.aside.is_none());
        let waiting = unsent.filter_map(|out| {
            Some(WaitingRow {
                row: out.row.id.clone(),
                since: out.waits?,
                told: out.told,
            })
        });
        Ok(waiting.collect())
    }

    async fn set_aside(&self, limit: usize) -> Result<Vec<(Row, String)>, StoreError> {
        let inner = self.open()?;
        let rows = inner.tables.outbox.values().rev();
        let aside = rows.filter_map(|out| Some((out.row.clone(), out.aside.clone()?)));
        Ok(aside.take(limit).collect())
    }

    async fn began(&self) -> Result<Option<Millis>, StoreError> {
        Ok(self.open()?.began)
    }

    async fn begin(&self, at: Millis, cursors: Vec<Cursor>) -> Result<(), StoreError> {
        let mut inner = self.open()?;
        if inner.began.is_none() {
            inner.began = Some(at);
            inner.move_cursors(&cursors);
        }
        Ok(())
    }

    async fn cursors(
        &self,
        after: Option<&ChannelId>,
        limit: usize,
    ) -> Result<Vec<Cursor>, StoreError> {
        let inner = self.open()?;
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found = inner.cursors.range((after, Bound::Unbounded));
        Ok(found
            .take(limit)
            .map(|(_, cursor)| cursor.clone())
            .collect())
    }

    async fn move_cursors(
        &self,
        cursors: &[Cursor],
        session: Option<&Session>,
    ) -> Result<(), StoreError> {
        let mut inner = self.open()?;
        inner.move_cursors(cursors);
        if let Some(session) = session {
            inner.session = Some(session.clone());
        }
        Ok(())
    }

    async fn drop_cursors(&self, channels: &[ChannelId]) -> Result<(), StoreError> {
        let mut inner = self.open()?;
        for channel in channels {
            inner.cursors.remove(channel);
        }
        Ok(())
    }

    async fn session(&self) -> Result<Option<Session>, StoreError> {
        Ok(self.open()?.session.clone())
    }

    async fn secret(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let mut inner = self.open()?;
        Ok(inner
            .secrets
            .entry(name.to_owned())
            .or_insert(fresh)
            .clone())
    }

    async fn list(
        &self,
        skill: &str,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<SlotRow>, StoreError> {
        let inner = self.open()?;
        let rows = inner.tables.slots.values();
        let wanted = rows.filter(|row| skill.is_empty() || row.slot.skill == skill);
        let later = wanted.filter(|row| after.is_none_or(|after| row.slot > *after));
        Ok(later.take(limit).cloned().collect())
    }

    async fn prune(&self, now: Millis) -> Result<u64, StoreError> {
        Ok(self.open()?.tables.prune(now))
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.open().map(drop)
    }

    async fn close(&self) {
        self.lock().closed = true;
    }
}
