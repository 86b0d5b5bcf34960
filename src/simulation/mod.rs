//! The whole bot against a whole pretend Mattermost: one thread, virtual time, no sockets.
//!
//! A [`Town`] is the sandbox's world, a store, and the bot between them. Whatever crosses a border
//! (a request, a frame, a commit) takes a random while, so that a crash meets every moment of a
//! turn. With `fastrand::seed` and tokio's paused time the same seed plays the same hours again.
//!
//! A town lives in a [`tokio::task::LocalSet`] of a current-thread runtime.

mod trace; // what happened, to be read
mod disk; // a store that takes time
mod wire; // the world as the bot's wire
mod network; // the world, and what is on its way
mod socket; // the bot's WebSockets
mod bot; // one process of the bot
mod people; // who acts, and what they see
mod town; // all of them

pub use disk::Disk;
pub use people::{Answered, Seen};
pub use town::{Setup, Town, TownError};
pub use trace::Trace;
