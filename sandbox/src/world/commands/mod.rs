//! Slash commands, from what is typed to the answer.

pub(in crate::world) mod answers;
pub(in crate::world) mod builtins;
pub(in crate::world) mod command;
pub(in crate::world) mod execution;
pub(in crate::world) mod place;
pub(in crate::world) mod response_urls;
pub(in crate::world) mod suggestions;
