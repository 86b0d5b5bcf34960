//! The composition root: [`App::build`], [`App::run_until_stopped`].

mod ears;
mod core;
mod directory;
mod start;

pub use self::core::{Core, Parts};
pub use directory::{NoAccount, Reads};
pub use ears::Hearing;
pub use start::{App, builtin_skills};
