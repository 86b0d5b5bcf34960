//! An integration server for Mattermost, and the crate to write such bots with.
//!
//! Slash commands, buttons, menus, dialogs, outgoing webhooks and posts all become events of one
//! [router](actors); each is handled by one [skill] in one [turn](event), and a turn is a
//! transaction. Read this file from top to bottom: a module uses only what is declared above it,
//! and the sandbox, which plays the other side of the wire, uses none of them.

#![warn(missing_docs)]

pub mod model; // what Mattermost says: serde types, no I/O
pub mod event; // what it means to us: plain data
pub(crate) mod sentences; // what the bot says of its own accord
pub mod settings; // default < file < environment
pub mod telemetry; // logs and the names of metrics
pub mod time; // the only clock
pub mod trust; // tokens, envelopes, trigger signatures
pub mod store; // what outlives a crash
pub mod client; // the only way to Mattermost
pub mod skill; // what bot authors write against
pub mod skills; // the built-in ones
pub mod turns; // how they are taken and committed, place by place
pub mod stage; // where skills are tested, on the same turns
pub mod actors; // who does what, in messages
pub mod http; // the doors
pub mod app; // the composition root
#[cfg(feature = "sandbox")]
pub use mattermost_sandbox as sandbox; // a pretend Mattermost, a crate of its own
#[cfg(feature = "sandbox")]
pub mod testing; // the bot against it, in a test
#[cfg(feature = "sandbox")]
pub mod simulation; // both on one thread, in virtual time
pub mod cli; // run, sandbox, healthcheck

/// What bot authors write with: `use matteractor::prelude::*;`, beside serde's derives.
pub mod prelude {
    pub use std::process::ExitCode;

    pub use crate::app::serve;
    pub use crate::skill::{
        Address, AnySkill, Card, ChannelId, Click, Context, Dialog, Draft, Errand, Failure, Millis,
        Never, Person, Place, Post, PostId, Skill, Slash, State, Stateless, Style, Submission,
        Ticket, Turn, UserId, escape, in_parts, quote, tame,
    };
    pub use crate::stage::Stage;
}

/// The code in the README, compiled as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
