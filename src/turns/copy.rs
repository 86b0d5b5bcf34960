use std::collections::HashMap;
use std::sync::Arc;

use crate::event::{Listening, Question, RowId, Slot, SlotRow, Version};
use crate::model::ids::Millis;
use crate::skill::{Change, Live, Outcome};
use crate::store::SlotWrite;

/// How many slots a conversation keeps in memory between batches.
const KEPT: usize = 256;

/// One place's slots as a Conversation knows them: what is committed, and what the turns of the
/// current batch have made of it.
#[derive(Debug)]
pub(super) struct WorkingCopy {
    slots: HashMap<Slot, CopiedSlot>,
    listening: Vec<Question>,
    /// The listening that the store has.
    committed: Vec<Question>,
}

#[derive(Debug, Clone)]
struct CopiedSlot {
    /// As the current batch has it.
    row: Option<SlotRow>,
    /// The row's state, as its last turn left it.
    live: Live,
    /// As it is committed; 0 where there is none.
    base: Version,
    /// The committed row listens.
    listens: bool,
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

    /// Whether a slot has been loaded.
    pub fn has(&self, slot: &Slot) -> bool {
        self.slots.contains_key(slot)
    }

    /// What a loaded slot listens for, where that isn't what was believed; it is believed then.
    pub fn mistaken(&mut self, slot: &Slot) -> Option<Option<Listening>> {
        let row = self.slots.get(slot)?.row.as_ref();
        let own = row.and_then(|row| row.listening.clone());
        let believed = self.listening.iter().find(|q| q.slot == *slot);
        let question = |listening: &Listening| listening.row.clone();
        if believed.map(|q| question(&q.listening)) == own.as_ref().map(question) {
            return None;
        }
        listen(&mut self.listening, slot, own.clone());
        listen(&mut self.committed, slot, own.clone());
        Some(own)
    }

    /// A slot, where it has been loaded. A turn may change the state, so it is taken away.
    pub fn lend(&mut self, slot: &Slot) -> Option<(Option<SlotRow>, Live)> {
        let held = self.slots.get_mut(slot)?;
        Some((held.row.clone(), held.live.take()))
    }

    /// The version that the current batch makes of a slot.
    pub fn next_version(&self, slot: &Slot) -> Version {
        self.slots.get(slot).map_or(0, |held| held.base) + 1
    }

    /// A slot as the store has it, which may not have been told yet when a question was posted.
    pub fn loaded(&mut self, slot: Slot, mut row: Option<SlotRow>) {
        let own = row.as_mut().and_then(|row| row.listening.as_mut());
        let believed = self.listening.iter().find(|q| q.slot == slot);
        if let (Some(own), Some(believed)) = (own, believed)
            && own.row == believed.listening.row
        {
            own.since = own.since.or(believed.listening.since);
        }
        let base = row.as_ref().map_or(0, |row| row.version);
        let listens = listens(row.as_ref());
        self.slots.insert(
            slot,
            CopiedSlot {
                row,
                live: Live::default(),
                base,
                listens,
                written: false,
            },
        );
    }

    /// What a turn made of its slot. `true` where the batch must close, because a forgotten slot's
    /// timers go with its row and a new one's must not.
    pub fn apply(&mut self, outcome: &mut Outcome) -> bool {
        let slot = &outcome.slot;
        let held = self.slots.entry(slot.clone()).or_insert(CopiedSlot {
            row: None,
            live: Live::default(),
            base: 0,
            listens: false,
            written: false,
        });
        match &outcome.change {
            Change::Nothing => return false,
            Change::End => {
                held.row = None;
                held.live = Live::default();
            }
            Change::Keep(state) => {
                held.row = Some(remade(held, outcome, state.clone()));
                held.live = outcome.live.take();
            }
        }
        held.written = true;
        let listening = held.row.as_ref().and_then(|row| row.listening.clone());
        listen(&mut self.listening, slot, listening);
        outcome.change == Change::End
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
            held.listens = listens(held.row.as_ref());
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

    /// What the slots listen for that the batch has written, where they do, did, or were believed to.
    pub fn listening_changes(&self) -> Vec<(Slot, Option<Listening>)> {
        let believed = |slot: &Slot| self.committed.iter().any(|q| q.slot == *slot);
        let matters = |slot: &Slot, held: &CopiedSlot| {
            held.listens || listens(held.row.as_ref()) || believed(slot)
        };
        let written = self.slots.iter().filter(|(_, held)| held.written);
        written
            .filter(|(slot, held)| matters(slot, held))
            .map(|(slot, held)| {
                let row = held.row.as_ref();
                (slot.clone(), row.and_then(|row| row.listening.clone()))
            })
            .collect()
    }
}

fn listens(row: Option<&SlotRow>) -> bool {
    row.is_some_and(|row| row.listening.is_some())
}

fn listen(questions: &mut Vec<Question>, slot: &Slot, listening: Option<Listening>) {
    questions.retain(|question| question.slot != *slot);
    questions.extend(listening.map(|listening| Question {
        slot: slot.clone(),
        listening,
    }));
}

/// A slot's row with a new state; what it listens for and its expiry stay unless the turn said
/// otherwise.
fn remade(held: &CopiedSlot, outcome: &Outcome, state: Arc<str>) -> SlotRow {
    let (old, effects) = (held.row.as_ref(), &outcome.effects);
    let listening = match &effects.listening {
        Some(changed) => changed.clone(),
        None => old.and_then(|row| row.listening.clone()),
    };
    SlotRow {
        slot: outcome.slot.clone(),
        version: held.base + 1,
        state,
        form: outcome.form,
        listening,
        expires: effects.expires.unwrap_or(old.and_then(|row| row.expires)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Place;
    use crate::skill::{Effects, Never, State};

    #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    struct Counter(u32);

    impl State for Counter {
        const NAME: &'static str = "counter";
        type Button = Never;
        type Signal = Never;
    }

    fn slot() -> Slot {
        Slot::new(Place::Desk("d".into()), "counter", "")
    }

    fn counted(to: u32) -> Outcome {
        Outcome {
            slot: slot(),
            change: Change::Keep(to.to_string().into()),
            live: Live::new(Counter(to)),
            form: 1,
            card: None,
            effects: Effects::default(),
        }
    }

    /// The state that a turn finds, and the JSON that stands for it.
    fn found(copy: &mut WorkingCopy) -> (Option<Counter>, String) {
        let (row, mut live) = copy.lend(&slot()).unwrap();
        (live.state(), row.unwrap().state.to_string())
    }

    #[test]
    fn a_slot_that_is_loaded_before_the_store_is_told_when_its_question_was_posted_hears_its_answer()
     {
        let (row, slot) = (RowId::read("1"), slot());
        let asks = |since| Listening {
            who: None,
            root: None,
            row: RowId::read("1"),
            since,
        };
        let mut copy = WorkingCopy::new(vec![Question {
            slot: slot.clone(),
            listening: asks(None),
        }]);
        copy.asked(&row, Millis(9));
        let mut first = counted(1);
        first.effects.listening = Some(Some(asks(None)));
        let mut store = WorkingCopy::new(Vec::new());
        store.apply(&mut first);
        let (stored, _) = store.lend(&slot).unwrap();
        copy.loaded(slot, stored);
        copy.apply(&mut counted(2));
        assert_eq!(copy.listening()[0].listening.since, Some(Millis(9)));
    }

    #[test]
    fn a_turn_finds_the_state_that_the_last_one_left() {
        let mut copy = WorkingCopy::new(Vec::new());
        copy.apply(&mut counted(1));
        copy.committed();
        assert_eq!(found(&mut copy), (Some(Counter(1)), "1".into()));
    }

    #[test]
    fn what_a_failed_turn_made_of_a_state_is_seen_by_nobody() {
        let mut copy = WorkingCopy::new(Vec::new());
        copy.apply(&mut counted(1));
        // It took the state, and gave nothing back.
        let (_, mut live) = copy.lend(&slot()).unwrap();
        let Counter(count) = &mut live.state::<Counter>().unwrap();
        *count += 1;
        assert_eq!(found(&mut copy), (None, "1".into()));
    }

    #[test]
    fn who_never_listened_is_not_told_of_and_who_stops_is() {
        let mut copy = WorkingCopy::new(Vec::new());
        copy.apply(&mut counted(1));
        assert!(copy.listening_changes().is_empty());
        copy.committed();
        let asks = |listening| {
            let mut outcome = counted(2);
            outcome.effects.listening = Some(listening);
            outcome
        };
        let question = Listening {
            who: None,
            root: None,
            row: RowId::read("1"),
            since: None,
        };
        for (listening, told) in [(Some(question), 1), (None, 1), (None, 0)] {
            copy.apply(&mut asks(listening));
            assert_eq!(copy.listening_changes().len(), told);
            copy.committed();
        }
    }

    #[test]
    fn what_was_not_committed_is_loaded_again() {
        let mut copy = WorkingCopy::new(Vec::new());
        copy.apply(&mut counted(1));
        copy.reset();
        assert!(copy.lend(&slot()).is_none());
    }
}
