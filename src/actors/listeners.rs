use std::collections::HashMap;

use crate::event::{Listening, Place, Question, RowId, Slot};
use crate::model::ids::Millis;

/// Who listens where, as the Router keeps it.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    places: HashMap<Place, Vec<Question>>,
    rows: HashMap<RowId, Place>,
}

impl Listeners {
    /// From what the store remembers.
    pub fn new(questions: Vec<Question>) -> Self {
        let mut listeners = Self::default();
        questions
            .into_iter()
            .for_each(|question| listeners.add(question));
        listeners
    }

    /// What slots of a place wait for.
    pub fn of(&self, place: &Place) -> &[Question] {
        self.places.get(place).map_or(&[], Vec::as_slice)
    }

    /// How many slots listen.
    pub fn len(&self) -> usize {
        self.places.values().map(Vec::len).sum()
    }

    /// A slot listens for this from now on, or for nothing.
    pub fn change(&mut self, slot: Slot, listening: Option<Listening>) {
        self.remove(&slot);
        if let Some(listening) = listening {
            self.add(Question { slot, listening });
        }
    }

    /// A question was posted; where it was asked, if anybody still listens.
    pub fn asked(&mut self, row: &RowId, at: Millis) -> Option<Place> {
        let place = self.rows.get(row)?.clone();
        for question in self.places.get_mut(&place)?.iter_mut() {
            if question.listening.row == *row {
                question.listening.since = Some(at);
            }
        }
        Some(place)
    }

    fn add(&mut self, question: Question) {
        let place = question.slot.place.clone();
        self.rows
            .insert(question.listening.row.clone(), place.clone());
        self.places.entry(place).or_default().push(question);
    }

    fn remove(&mut self, slot: &Slot) {
        let Some(questions) = self.places.get_mut(&slot.place) else {
            return;
        };
        for question in questions.extract_if(.., |question| question.slot == *slot) {
            self.rows.remove(&question.listening.row);
        }
        if questions.is_empty() {
            self.places.remove(&slot.place);
        }
    }
}
