use std::collections::BTreeSet;

use super::{OutboxRow, StoredTables};
use crate::event::{JobKind, SlotRow};
use crate::store::{CardWrite, Commit, CommitError, SlotWrite};

impl StoredTables {
    /// Checks a commit and writes it, or leaves everything as it is.
    pub fn commit(&mut self, commit: &Commit) -> Result<(), CommitError> {
        if self.commits.contains(&(commit.now, commit.id)) {
            return Ok(());
        }
        well_formed(commit)?;
        self.check_keys(commit)?;
        self.check_jobs(commit)?;
        self.check_versions(commit)?;
        self.write(commit);
        Ok(())
    }

    fn check_keys(&self, commit: &Commit) -> Result<(), CommitError> {
        let mut own = BTreeSet::new();
        let used = |(key, _): &_| self.keys.contains_key(key) || !own.insert(*key);
        match commit.keys.iter().position(used) {
            Some(i) => Err(CommitError::Duplicate(i)),
            None => Ok(()),
        }
    }

    fn check_jobs(&self, commit: &Commit) -> Result<(), CommitError> {
        let mut own = BTreeSet::new();
        let gone = |job| !self.jobs.contains_key(job) || !own.insert(job);
        match commit.consumed.iter().position(gone) {
            Some(i) => Err(CommitError::Gone(i)),
            None => Ok(()),
        }
    }

    fn check_versions(&self, commit: &Commit) -> Result<(), CommitError> {
        let version = |write: &SlotWrite| self.slots.get(&write.slot).map_or(0, |row| row.version);
        match commit
            .slots
            .iter()
            .find(|write| version(write) != write.read)
        {
            Some(write) => Err(CommitError::Conflict(write.slot.clone())),
            None => Ok(()),
        }
    }

    /// In the order of the commit's fields: what it writes for a slot that it forgets stays.
    fn write(&mut self, commit: &Commit) {
        if commit.is_repeatable() {
            self.commits.insert((commit.now, commit.id));
        }
        self.keys.extend(commit.keys.iter().copied());
        for job in &commit.consumed {
            self.jobs.remove(job);
        }
        for write in &commit.slots {
            match &write.row {
                Some(row) => self.write_slot(row.clone()),
                None => self.forget(&write.slot),
            }
        }
        for row in &commit.rows {
            let outgoing = OutboxRow::new(row.clone());
            self.outbox.insert(row.id.clone(), outgoing);
        }
        for card in &commit.cards {
            self.write_card(card);
        }
        for cancel in &commit.cancels {
            self.stop_timer(&cancel.slot, &cancel.name);
        }
        for job in &commit.jobs {
            if let JobKind::Timer(name) = &job.kind {
                self.stop_timer(&job.slot, name);
            }
            self.jobs.insert(job.id.clone(), job.clone());
        }
    }

    fn write_slot(&mut self, mut row: SlotRow) {
        // The question may have been posted after the slot was read: settling doesn't touch the
        // version, so this write doesn't know.
        let known = self
            .slots
            .get(&row.slot)
            .and_then(|row| row.listening.as_ref());
        if let (Some(listening), Some(known)) = (&mut row.listening, known)
            && listening.row == known.row
        {
            listening.since = listening.since.or(known.since);
        }
        self.slots.insert(row.slot.clone(), row);
    }

    fn write_card(&mut self, write: &CardWrite) {
        let known = self.cards.get(&write.slot).cloned();
        let card = match (known, &write.home) {
            (None, None) => return, // Its post is gone, and nothing more is shown.
            (Some(mut card), Some(home)) if write.moves => {
                card.moves(home.clone());
                card
            }
            (Some(mut card), home) if home.as_ref().is_none_or(|home| *home == card.home) => {
                card.post = card.post.or(write.post);
                card
            }
            (_, Some(home)) => write.first(home.clone()),
            (Some(card), None) => card,
        };
        let card = write.newest(card);
        self.cards.insert(card.slot.clone(), card);
    }
}

/// Refuses what no store could ever write.
fn well_formed(commit: &Commit) -> Result<(), CommitError> {
    let mut slots = BTreeSet::new();
    for write in &commit.slots {
        let slot = &write.slot;
        if !slots.insert(slot) {
            return Err(CommitError::Refused(format!(
                "a commit writes slot {slot} twice"
            )));
        }
        let Some(row) = &write.row else { continue };
        if row.slot != *slot {
            let text = format!("a commit writes slot {} as slot {slot}", row.slot);
            return Err(CommitError::Refused(text));
        }
        if write.read < 0 || row.version != write.read + 1 {
            let (read, version) = (write.read, row.version);
            let text = format!("slot {slot} can't go from version {read} to {version}");
            return Err(CommitError::Refused(text));
        }
    }
    Ok(())
}
