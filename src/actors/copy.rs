use std::collections::HashMap;

use crate::event::{Listening, Question, RowId, Slot, SlotRow, Version};
use crate::model::ids::Millis;
use crate::skill::{Change, Outcome};
use crate::store::SlotWrite;

/// How many slots a conversation keeps in memory between batches.
const KEPT: usize = 256;

/// One place's slots as a Conversation knows them: what is committed, and what the turns of the
/// current batch have made of it.
#[derive(Debug)]
pub(super) struct WorkingCopy {
    slots: HashMap<Slot, Held>,
    listening: Vec<Question>,
    /// The listening that the store has.
    committed: Vec<Question>,
}

#[derive(Debug, Clone)]
struct Held {
    /// As the current batch has it.
    row: Option<SlotRow>,
    /// As it is committed; 0 where there is none.
    base: Version,
    /// The current batch has written it.
    written: bool,
}

impl WorkingCopy {
    /// Nothing loaded yet; `listening` is what the place's slots wait for.
    pub fn new(listening: Vec<Question>) -> Self {
        Self {
            slots: HashMap::new(),
            committed: listening.clone(),
            listening,
        }
    }

    /// What the place's slots wait for.
    pub fn listening(&self) -> &[Question] {
        &self.listening
    }

    /// A slot, where it has been loaded.
    pub fn get(&self, slot: &Slot) -> Option<Option<SlotRow>> {
        self.slots.get(slot).map(|held| held.row.clone())
    }

    /// The version that the current batch makes of a slot.
    pub fn next_version(&self, slot: &Slot) -> Version {
        self.slots.get(slot).map_or(0, |held| held.base) + 1
    }

    /// A slot as the store has it.
    pub fn loaded(&mut self, slot: Slot, row: Option<SlotRow>) {
        let base = row.as_ref().map_or(0, |row| row.version);
        self.slots.insert(
            slot,
            Held {
                row,
                base,
                written: false,
            },
        );
    }

    /// What a turn made of its slot. `true` where the batch must close, because a forgotten slot's
    /// timers go with its row and a new one's must not.
    pub fn apply(&mut self, outcome: &Outcome) -> bool {
        let Outcome {
            slot,
            change,
            form,
            effects,
            ..
        } = outcome;
        let held = self.slots.entry(slot.clone()).or_insert(Held {
            row: None,
            base: 0,
            written: false,
        });
        match change {
            Change::Nothing => return false,
            Change::End => {
                held.row = None;
                held.written = true;
                self.listen(slot, None);
                return true;
            }
            Change::Keep(state) => {
                let old = held.row.take();
                let listening = match &effects.listening {
                    Some(changed) => changed.clone(),
                    None => old.as_ref().and_then(|row| row.listening.clone()),
                };
                let expires = effects.expires.unwrap_or(old.and_then(|row| row.expires));
                held.row = Some(SlotRow {
                    slot: slot.clone(),
                    version: held.base + 1,
                    state: state.clone(),
                    form: *form,
                    listening: listening.clone(),
                    expires,
                });
                held.written = true;
                self.listen(slot, listening);
            }
        }
        false
    }

    /// A question was posted: from now on its answer is heard.
    pub fn asked(&mut self, row: &RowId, at: Millis) {
        let held = self
            .slots
            .values_mut()
            .filter_map(|held| held.row.as_mut()?.listening.as_mut());
        let known = self
            .listening
            .iter_mut()
            .map(|question| &mut question.listening);
        let base = self
            .committed
            .iter_mut()
            .map(|question| &mut question.listening);
        for listening in held
            .chain(known)
            .chain(base)
            .filter(|listening| listening.row == *row)
        {
            listening.since = Some(at);
        }
    }

    /// The batch's writes.
    pub fn writes(&self) -> Vec<SlotWrite> {
        let written = self.slots.iter().filter(|(_, held)| held.written);
        let mut writes: Vec<_> = written
            .filter(|(_, held)| held.base > 0 || held.row.is_some())
            .map(|(slot, held)| SlotWrite {
                slot: slot.clone(),
                read: held.base,
                row: held.row.clone(),
            })
            .collect();
        writes.sort_by(|a, b| a.slot.cmp(&b.slot));
        writes
    }

    /// The batch is committed: what it made is the base of the next.
    pub fn committed(&mut self) {
        for held in self.slots.values_mut().filter(|held| held.written) {
            held.base = held.row.as_ref().map_or(0, |row| row.version);
            held.written = false;
        }
        self.committed = self.listening.clone();
        if self.slots.len() > KEPT {
            self.slots.clear();
        }
    }

    /// The batch is not committed: forget what it made, and load again.
    pub fn reset(&mut self) {
        self.slots.clear();
        self.listening = self.committed.clone();
    }

    /// What the slots listen for that the batch has written.
    pub fn listening_changes(&self) -> Vec<(Slot, Option<Listening>)> {
        let written = self.slots.iter().filter(|(_, held)| held.written);
        written
            .map(|(slot, held)| {
                (
                    slot.clone(),
                    held.row.as_ref().and_then(|row| row.listening.clone()),
                )
            })
            .collect()
    }

    fn listen(&mut self, slot: &Slot, listening: Option<Listening>) {
        self.listening.retain(|question| question.slot != *slot);
        self.listening.extend(listening.map(|listening| Question {
            slot: slot.clone(),
            listening,
        }));
    }
}
