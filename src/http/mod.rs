//! The doors: what Mattermost and admins call.
//!
//! Each is a function from request to response under a thin shell of actix's HTTP, so that simulation
//! can call it without a socket. A door turns bytes into a typed event and checks who asks.

mod doors; // which door, and how large a body may be
mod callers; // who may call
mod claims; // what a body proves, before the rest of it is read
mod refusals; // why not, in the log and for the counters
mod proven; // what a signature alone doesn't prove
mod slash; // POST /slash
mod action; // POST /actions
mod dialog; // POST /dialogs
mod outgoing; // POST /outgoing
mod answer; // what goes back
mod condition; // how the program is
pub mod admin; // health and metrics
mod crowd; // how many connections there may be, and who goes
mod stream; // a connection that can be ended
mod bodies; // what is read before anything is proved
mod convert; // types of two versions
mod serve; // the shell of actix-web

pub use callers::{Callers, Keys, Signatures};
pub use doors::{Doors, HELLO};
pub use proven::Proofs;
pub use refusals::Refusals;
pub use serve::{BoundDoors, Serving, admin_listening, hooks_listening};
