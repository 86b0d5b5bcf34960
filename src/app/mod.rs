//! The composition root: [`App::build`], [`App::run_until_stopped`], and [`serve()`] for both.

mod parts;
mod inbound;
mod core;
mod outlet;
mod directory;
mod handshake;
mod hints;
mod announcing;
mod reach;
mod sealing;
mod housekeeping;
mod descriptors;
mod skills;
mod start;
mod running;
mod serve;

pub use self::core::Core;
pub use directory::{NoAccount, Reads};
pub(crate) use handshake::ServerFacts;
pub use parts::{Hearing, Parts};
pub use running::Ending;
pub use serve::{exit_code, serve, serve_with, stopped};
pub use skills::Skills;
pub use start::App;
