//! What Mattermost says: serde types of the wire, without I/O.
//!
//! What is received is read with patience: limits are not enforced, unknown words and keys are
//! kept, so that a value which is decoded and encoded again loses nothing. What we build is
//! checked when it is built, by constructors whose errors name the [limit](limits) and the value.

mod lenient; // where Go's JSON is looser than Rust's types
mod word; // words of the protocol, of which some are known

pub mod json; // as it goes to Mattermost
pub mod limits; // what Mattermost refuses, as constants
pub mod ids; // 26 characters, and points in time
pub mod by_id; // maps by ids, for very many of them
pub mod token; // secrets that don't print
pub mod error; // the body of a refusal
pub mod form; // urlencoded bodies
pub mod trigger; // the format of trigger ids
pub mod action; // buttons and menus
pub mod attachment; // what a post may carry beside its text
pub mod props; // the keys and values of a post
pub mod mention; // names behind an @
pub mod post; // what people see in a channel
pub mod click; // the call that a button or menu makes, and its answer
pub mod reaction; // emoji on posts
pub mod file; // uploads
pub mod slash; // slash commands
pub mod command; // their registration
pub mod element; // the fields of a dialog
pub mod dialog; // questions in a window
pub mod hook; // outgoing and incoming webhooks
pub mod user; // people and bots
pub mod team; // teams and their members
pub mod channel; // channels and their members
pub mod server; // what the server says of itself
pub mod allowed; // what one takes and another one doesn't
pub mod socket; // the WebSocket's frames
pub mod remains; // what is left of one that can't be read
pub mod inner; // JSON inside a string
pub mod happening; // what a WebSocket event carries
