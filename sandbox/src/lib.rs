//! A pretend Mattermost: a pure [world](World) behind a thin [shell].
//!
//! For bots in any language, and for their tests: the program `mattermost-sandbox` is a server on a port, and
//! [`Sandbox::start`] the same within a Rust test. As far as an integration can tell it is a Mattermost 11.6, an
//! older 10.0 or a newer 11.10: recordings of real servers are replayed against it.
//!
//! ```
//! use mattermost_sandbox::faults::Fault;
//! use mattermost_sandbox::seed::Bot;
//! use mattermost_sandbox::{Options, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! actix::System::new().block_on(async {
//!     let sandbox = Sandbox::start(Options::default()).await?;
//!     let known = sandbox.provision(&Bot {
//!         username: "bot".into(),
//!         ..Bot::default()
//!     });
//!     // Here a bot would begin, with `sandbox.url()` and `known.bot_token`.
//!     sandbox.with(|world| world.faults.strike(1, "POST", "/api/v4/posts", Fault::TooMany(1)));
//!     let ann = sandbox.person("ann").await;
//!     ann.says("hello").await;
//!     sandbox.stop().await;
//!     # drop(known);
//!     Ok(())
//! })
//! # }
//! ```

#![warn(missing_docs)]

mod world; // the state, pure
mod proxy; // what others say in its place
pub mod faults; // what goes wrong next
mod bot; // one that is to be made known
pub mod entry; // the inputs that last
pub mod journal; // how a world outlives its process
pub mod seed; // who is there from the start
mod client; // HTTP to others
mod guest; // who may call it
mod hub; // the lock, the clock, calls to integrations
mod traffic; // what crossed the wire
mod socket; // one WebSocket, an actor
mod page; // what people see at `/`
pub mod shell; // the server on a port
pub mod people; // verbs for tests
#[cfg(test)]
mod tests; // with real sockets

pub use people::User;
pub use shell::{Options, Running, Sandbox};
pub use traffic::Exchange;
pub use world::{
    Call, CallFailure, ConnectionKey, Frame, Ids, Like, MAX_ANSWER, Signer, Step, TIMEOUT_MS,
    UnknownVersion, World, is_id,
};
