//! What the wire means to us, as plain data: events, places, slots, effects, cards, answers.
//!
//! A turn is one event handled by one skill: (event, state of its slot) → (state, effects).
//! Everything here is data that can be stored, compared and sent between actors.

mod answer;
mod card;
mod dialog;
mod happening;
mod id;
mod job;
mod key;
mod listening;
mod outbox;
mod place;
mod slot;

pub use answer::{Answer, Inline};
pub use card::{Button, Card, CardRow, Choice, Field, Home, Picker, Style};
pub use dialog::{DialogDraft, Opening};
pub use happening::{Body, Event, Heard, Observed, Person, Pressed, Submitted, Summons, TriggerId};
pub use id::EventId;
pub use job::{Job, JobId, JobKind};
pub use key::Key;
pub use listening::{Listening, Question};
pub use outbox::{Blame, Draft, Lane, Row, RowId, RowKind, Window};
pub use place::{Place, PlaceError};
pub use slot::{Slot, SlotRow, Version};
