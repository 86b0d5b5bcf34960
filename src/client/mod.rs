//! The only way to Mattermost: REST and WebSocket behind one seam.

pub mod retry; // when to try again: pure arithmetic
pub mod wire; // the seam: bytes in, bytes out
pub mod net; // the seam in earnest: sockets
