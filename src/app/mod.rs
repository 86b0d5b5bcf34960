//! The composition root: [`App::build`], [`App::run_until_stopped`], and [`serve()`] for both.

mod parts;
mod ears;
mod core;
mod outlet;
mod directory;
mod asking;
mod hints;
mod announcing;
mod reach;
mod sealing;
mod chores;
mod descriptors;
mod start;
mod running;
mod serve;

pub use self::core::Core;
pub(crate) use asking::Known;
pub use directory::{NoAccount, Reads};
pub use parts::{Hearing, Parts};
pub use running::Ending;
pub use serve::{exit_code, serve, serve_with, stopped};
pub use start::{App, builtin_skills};
