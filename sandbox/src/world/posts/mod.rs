//! Posts, what hangs on them, and in which order they are read.

pub(in crate::world) mod attachments;
pub(in crate::world) mod edits;
pub(in crate::world) mod ephemeral;
pub(in crate::world) mod files;
pub(in crate::world) mod hashtags;
pub(in crate::world) mod ledger;
pub(in crate::world) mod mentions;
pub(in crate::world) mod pages;
pub(in crate::world) mod pending;
pub(in crate::world) mod post;
pub(in crate::world) mod reactions;
pub(in crate::world) mod reads;
pub(in crate::world) mod threads;
