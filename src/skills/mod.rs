//! The built-in skills.
//!
//! Each is a file that opens with the chat that it makes, uses only [`skill`](crate::skill), and
//! reads its own table `[skills.NAME]` of the settings.

pub mod poll;

use crate::skill::{AnySkill, Misconfigured, Table};

/// The names of the built-in skills, in the order in which they are asked what they hear.
pub const NAMES: [&str; 1] = ["poll"];

/// The built-in skill of this name, set up as its table says; `None` where there is no such skill.
pub fn builtin(name: &str, table: &Table) -> Option<Result<AnySkill, Misconfigured>> {
    match name {
        "poll" => Some(poll::skill(table)),
        _ => None,
    }
}
