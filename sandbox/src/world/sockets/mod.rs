//! The WebSocket: who is connected, and what they hear and ask.

pub(in crate::world) mod actions;
pub(in crate::world) mod connection;
pub(in crate::world) mod connections;
pub(in crate::world) mod events;
