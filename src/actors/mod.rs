//! The actors and their messages.
//!
//! Hubs (Intake, Webhooks, Router, Poster, Clock) live as long as the process; a [`guard::Guard`]
//! ends the process when one dies. The Socket is supervised and reconnects. Conversations come and
//! go: one for each place that has something to do.

mod reply; // who is told what became of an event
#[cfg(test)]
mod fake; // a Mattermost for tests
mod health; // how a part is
pub mod guard; // ends the process when a hub dies
mod clicked; // what a click was on
pub mod messages; // all of them, on one page
mod apart; // what runs beside its actor
mod asks; // that a question is posted, told once
mod drains; // who waits until an actor has nothing under way
pub mod hubs; // whom Conversations speak to
mod open_answers; // people, for an answer
pub mod pressure; // how much hasn't left yet
pub mod router; // events to places, and their turns there
pub mod webhooks; // open answers and their budget
mod label; // what people read on a button
pub mod card_format; // what cards look like on the wire
pub mod poster; // what leaves
mod backlog; // what is between Socket and Intake
pub mod intake; // posts, and how far each channel is handled
pub mod socket; // the connection
pub mod clock; // timers, mail and work

pub use asks::Asks;
pub use backlog::Backlog;
pub use health::{Health, Said};
pub use reply::{AwaitedAnswer, OpenAnswer, Reply};
