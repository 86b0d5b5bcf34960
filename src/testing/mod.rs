//! The bot against the sandbox, in a test: for skills of one's own and for the project's.
//!
//! [`play`] starts a pretend Mattermost and the whole bot, hands over the [`Chat`], and ends both.
//! People are [values](crate::sandbox::User) with verbs, [`Chat::faults`] says what goes wrong
//! next, and the bot can be killed and started again. [`crate::simulation`] has the same chat in
//! virtual time, and [`crate::stage::Stage`] is for a skill alone.
//!
//! Everything here panics with a readable sentence where something isn't as it should be: it is
//! for tests, and that is what the reader of a failed test needs.

mod account; // what a bot in the sandbox is, and must be told
mod setup; // what a chat begins with
mod mishaps; // what goes wrong next, in words
mod bot; // the whole bot, on a thread
mod chat; // all of them

pub use crate::sandbox::faults::Fault;
pub use crate::sandbox::people::{Answer, Form, Outcome, Sight, User};
pub use chat::{Chat, play};
pub use mishaps::Mishaps;
pub use setup::Setup;

pub(crate) use account::{announced, registered, variables};
