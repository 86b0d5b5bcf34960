//! The whole bot against a whole pretend Mattermost: one thread, virtual time, no sockets.
//!
//! [`play()`] hands over a [`Chat`]: the sandbox's world, a store, and the bot between them. Whatever
//! crosses a border (a request, a frame, a commit) takes a random while, so that a crash meets every
//! moment of a turn. The same seed plays the same hours again.

mod trace; // what happened, to be read
mod disk; // a store that takes time
mod wire; // the world as the bot's wire
mod storm; // exchanges that fail by chance
mod spoil; // posts that can't be read
mod network; // the world, and what is on its way
mod bot; // one process of the bot
mod people; // who acts, and what they see
mod process; // how the bot ends and begins
mod admin; // who rules over places and people
mod chat; // all of them
mod play; // a test in it

pub use crate::testing::Setup;
pub use chat::{Chat, ChatError};
pub use disk::Disk;
pub use people::{CommandAnswered, Seen};
pub use play::play;
pub use trace::Trace;
