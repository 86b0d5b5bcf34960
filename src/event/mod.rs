//! What the wire means to us, as plain data: events, places, slots, effects, cards, answers.
//!
//! A turn is one event handled by one skill: (event, state of its slot) → (state, effects).
//! Everything here is data that can be stored, compared and sent between actors.

mod place; // where
mod row_id; // names of rows and jobs
mod trigger_id; // the right to open a dialog
mod key; // what makes two events one
mod id; // an event's name in the log
mod slot; // what remembers
mod listening; // what a slot waits to hear
mod slot_row; // a slot as it is stored
mod lane; // where posts leave in order
mod card; // what an interactive post shows
mod dialog; // what is filled in
mod answer; // what goes back at once
mod job; // what the program itself brings
mod outbox; // what leaves
mod happening; // what has come
#[cfg(test)]
pub(crate) mod fake; // cards in tests

pub use answer::{Answer, Inline};
pub use card::{Button, CardContent, CardRow, Choice, Field, Home, Picker, Style};
pub use dialog::{DialogDraft, Opening};
pub use happening::{Body, ClickBody, DialogBody, Event, Observed, Person, PostBody, SlashBody};
pub use id::EventId;
pub use job::{Job, JobKind};
pub use key::Key;
pub use lane::Lane;
pub use listening::{Listening, Question};
pub use outbox::{Blame, Draft, Row, RowKind, Window};
pub use place::Place;
pub use row_id::{JobId, RowId};
pub use slot::{Slot, Version};
pub use slot_row::SlotRow;
pub use trigger_id::TriggerId;
