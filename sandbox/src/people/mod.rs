//! People who use the sandbox: verbs for tests.
//!
//! A [`User`] is a value with a login and a WebSocket of its own. What it sees is what
//! Mattermost's own client would show: the posts of its channel and the whispers it heard. The
//! pure part is in [`sight`]. Verbs panic with the channel's transcript when they fail, because
//! that is what the reader of a failed test needs.

mod dialog; // forms that people fill in
mod listener; // a person's WebSocket
mod rest_client; // a person's REST
mod reach; // the way to the server
mod here; // which line of a test is under way
mod failing; // how a person waits and fails
mod user; // who and where
mod views; // what people see
mod acts; // what people do
pub mod sight; // what posts look like, pure

pub use dialog::{Form, Outcome};
pub use reach::{Frames, Reach};
pub use rest_client::Answer;
pub use sight::{Control, Sight};
pub use user::User;
