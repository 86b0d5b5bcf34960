//! A pretend Mattermost: a pure [world](World) behind a thin [shell].
//!
//! It is what `matteractor sandbox` shows to newcomers, what tests act on, and what simulation
//! runs without sockets. As far as an integration can tell it is a Mattermost 11.6, an older 10.0 or
//! a newer 11.10: recordings of real servers are replayed against it.

mod world; // the state, pure
mod proxy; // what others say in its place
pub mod faults; // what goes wrong next
pub mod entry; // the inputs that last
pub mod journal; // how a world outlives its process
pub mod seed; // who is there from the start
mod guest; // who may call it
mod hub; // the lock, the clock, calls to integrations
mod traffic; // what crossed the wire
mod socket; // one WebSocket, an actor
mod page; // what people see at `/`
pub mod shell; // the server on a port
pub mod people; // verbs for tests
#[cfg(test)]
mod tests; // with real sockets

pub use people::Person;
pub use shell::{Options, Running, Sandbox};
pub use traffic::Exchange;
pub use world::{
    Call, CallFailure, ConnectionKey, Frame, Ids, Like, MAX_ANSWER, Signer, Step, TIMEOUT_MS,
    UnknownVersion, World, is_id,
};
