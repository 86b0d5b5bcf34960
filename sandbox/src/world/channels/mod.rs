//! Teams, channels and who is in them.

pub(in crate::world) mod changes;
pub(in crate::world) mod channel;
pub(in crate::world) mod checks;
pub(in crate::world) mod listing;
pub(in crate::world) mod members;
pub(in crate::world) mod teams;
