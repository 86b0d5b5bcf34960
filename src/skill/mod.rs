//! What bot authors write against.
//!
//! A skill is a state, a handler for each kind of event, and a view. Handlers are plain async
//! functions that own their context: a dropped future has done nothing. They may run twice, so
//! they hold no statics and read no clock but [`Context::now`]. They read Mattermost, and never
//! write it: what they want done they say to the context, and it leaves after the commit.

mod address;
mod asking;
mod builder;
mod card;
mod catalog;
mod context;
mod dialog;
mod directory;
mod entry;
mod escape;
mod failure;
mod forms;
mod inputs;
mod invoke;
mod lead;
mod line;
mod links;
mod live;
mod marks;
mod members;
mod observers;
mod part;
mod parts;
mod patience;
mod patterns;
mod route;
mod scratch;
mod services;
mod state;
mod table;
mod tables;
mod tame;
mod undelivered;
mod wiring;
mod words;

pub use address::Address;
pub use builder::{AnySkill, Skill};
pub use card::Card;
#[doc(hidden)]
pub use catalog::Catalog;
pub(crate) use catalog::NotTaken;
pub use context::{Context, Done, Turn};
pub use dialog::{Dialog, DialogError};
pub use directory::{Directory, LookupError, Member};
pub use entry::Entry;
pub use escape::escape;
pub(crate) use escape::{ZERO_WIDTH_SPACE, escape_to, is_visible};
pub use failure::Failure;
pub use inputs::{Click, Errand, Observation, Post, Slash, Submission, Ticket, Undelivered};
#[doc(hidden)]
pub use lead::Lead;
#[doc(hidden)]
pub use live::Live;
pub(crate) use marks::narrow;
#[doc(hidden)]
pub use part::{Call, Outcome};
pub(crate) use part::{Change, Part, Trigger};
pub use parts::in_parts;
pub(crate) use route::Route;
pub(crate) use scratch::Effects;
#[cfg(test)]
pub(crate) use scratch::Say;
pub(crate) use services::RowIds;
#[doc(hidden)]
pub use services::Services;
pub use state::{Never, State, Stateless};
pub use table::{Misconfigured, Table};
pub use tables::WiringError;
pub(crate) use tame::tame_bold;
pub use tame::{quote, tame};
pub use words::{Word, words};
pub(crate) use words::{asks_help, shortened, word};

pub use crate::event::{Draft, Observed, Person, Place, Style};
pub use crate::model::allowed::Allowed;
pub use crate::model::ids::{ChannelId, Millis, PostId, UserId};
pub use crate::settings::duration;
