//! The only way to Mattermost: REST and WebSocket behind one seam.

pub mod retry; // when to try again: pure arithmetic
pub mod wire; // the seam: bytes in, bytes out
pub mod net; // the seam in earnest: sockets
pub mod base; // where the server is, and which addresses are its own
pub mod budget; // the rate that all calls share
mod foreign; // answers that aren't Mattermost's own
pub mod error; // what a call can come back with
mod clocks; // how far Mattermost's is from ours
mod troubles; // what keeps calls from Mattermost
pub mod rest; // typed calls
pub mod socket; // the WebSocket's protocol, without I/O
mod cache; // what was read a moment ago
pub mod mattermost; // what skills may read: cached and paced
pub mod witness; // what the server says of a caller

#[cfg(test)]
pub(crate) mod fake;
