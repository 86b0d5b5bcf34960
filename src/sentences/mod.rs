//! What the bot says of its own accord: every sentence that people read and no skill wrote.
//!
//! They stand here and nowhere else, whole, with named parts, so that whoever translates them reads
//! one folder. What skills say stands in the skills; `/health` and the log speak English.

pub(crate) mod absent; // the bot isn't where it is asked
pub(crate) mod commands; // what was typed isn't taken
pub(crate) mod lost; // a place that the bot has lost
pub(crate) mod outdated; // buttons, menus and forms that hold no more
pub(crate) mod quotations; // what was typed isn't clear
pub(crate) mod typed; // the command, below what it is refused with
pub(crate) mod unfinished; // a turn that didn't come about, or may yet
pub(crate) mod unposted; // what can't be posted or shown
