//! The composition root: [`App::build`], [`App::run_until_stopped`].

mod core;
mod directory;
mod start;

pub use self::core::{Core, Hearing, Parts};
pub use directory::{NoAccount, Reads};
pub use start::{App, builtin_skills};
