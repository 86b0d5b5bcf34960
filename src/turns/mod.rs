//! How turns are taken: found, run, committed and told of, place by place.
//!
//! [`Turns`] are those of one place. They know no actor and no address: what is to be said to others is what
//! [`Turns::step`] gives, and who waits for an event is a [`Waiter`].

mod fate; // what became of an event
mod teams; // by numbers
mod channels; // what is known of each channel, in one table
mod memberships; // where the bot is a member
mod workshop; // where author code runs
mod unheard; // questions whose answer nobody would hear
mod copy; // a place's slots, as the current batch has them
mod waiter; // who waits for what becomes of an event
mod verdict; // what a turn came to
mod batch; // turns of one place that commit together
mod joined; // several of one kind, as one
pub(crate) mod routes; // by which way each thing leaves
mod engine; // how one turn is taken
mod queue; // what waits in a place
mod place; // a place's turns, step by step
mod runner; // a place's turns on threads that may be blocked
mod jobs; // how jobs are brought, and when again
mod undelivered; // the word of what can never be posted

#[cfg(test)]
pub(crate) mod fake; // what they read in tests
#[cfg(test)]
mod tests;

pub use channels::{Channels, Mark, Spot};
pub use engine::Engine;
pub use fate::Fate;
pub use jobs::{Worked, again, brought};
pub use memberships::Memberships;
pub use place::{Failed, Told, Turns};
pub use queue::{Queue, Waiting};
pub use runner::{Hears, Runner};
pub use undelivered::undelivered;
pub use waiter::Waiter;
pub use workshop::{Workshop, WorkshopError};
