//! Outgoing and incoming webhooks: their calls and answers, and their registration.

mod incoming; // what we may send to Mattermost
mod outgoing; // what Mattermost sends
mod registration; // how both come to be

pub use incoming::IncomingRequest;
pub use outgoing::{OutgoingRequest, OutgoingResponse};
pub use registration::{ContentType, IncomingHook, NewIncomingHook, NewOutgoingHook, OutgoingHook};
