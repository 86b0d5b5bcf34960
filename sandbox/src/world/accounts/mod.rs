//! People and bots, how they log in, and who is online.

pub(in crate::world) mod activation;
pub(in crate::world) mod bots;
pub(in crate::world) mod sessions;
pub(in crate::world) mod status;
pub(in crate::world) mod users;
