//! Incoming and outgoing webhooks.

pub(in crate::world) mod body;
pub(in crate::world) mod hook;
pub(in crate::world) mod incoming;
pub(in crate::world) mod outgoing;
pub(in crate::world) mod slack;
