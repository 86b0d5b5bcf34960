//! An integration server for Mattermost, and the crate to write such bots with.
//!
//! Slash commands, buttons, menus, dialogs, outgoing webhooks and posts all become events of one
//! router; each is handled by one [skill] in one turn, and a turn is a
//! transaction. Read this file from top to bottom: a module uses only what is declared above it,
//! and the sandbox, which plays the other side of the wire, uses none of them.

#![cfg_attr(
    not(all(feature = "sandbox", feature = "sqlite")),
    allow(dead_code, unused_imports, reason = "only the simulation uses it")
)]

#[doc(hidden)]
#[warn(missing_docs)]
pub mod model; // what Mattermost says: serde types, no I/O; all of it, for the recordings
#[warn(missing_docs)]
mod event; // what it means to us: plain data
mod sentences; // what the bot says of its own accord
#[warn(missing_docs)]
mod settings; // default < file < environment
mod telemetry; // logs and the names of metrics
mod time; // the only clock
mod trust; // tokens, envelopes, trigger signatures
mod store; // what outlives a crash
mod client; // the only way to Mattermost
#[warn(missing_docs)]
pub mod skill; // what bot authors write against
mod skills; // the built-in ones
mod turns; // how they are taken and committed, place by place
#[warn(missing_docs)]
pub mod stage; // where skills are tested, on the same turns
mod actors; // who does what, in messages
mod http; // the doors
mod app; // the composition root
#[cfg(feature = "sandbox")]
pub use mattermost_sandbox as sandbox; // a pretend Mattermost, a crate of its own
#[cfg(feature = "sandbox")]
#[warn(missing_docs)]
pub mod testing; // the bot against it, in a test
#[cfg(feature = "sandbox")]
#[warn(missing_docs)]
pub mod simulation; // both on one thread, in virtual time
pub mod cli; // run, sandbox, healthcheck

/// What bot authors write with: `use matteractor::prelude::*;`, beside serde's derives.
pub mod prelude {
    pub use std::process::ExitCode;

    pub use crate::app::{Skills, serve};
    pub use crate::skill::{
        Address, AnySkill, Card, ChannelId, Click, Context, Dialog, Draft, Errand, Failure, Millis,
        Never, Person, Place, Post, PostId, Skill, Slash, State, Stateless, Style, Submission,
        Ticket, Turn, UserId, escape, in_parts, quote, tame,
    };
    pub use crate::stage::Stage;
}

/// Not for authors: what the program, its tests and its benchmarks take of the library. It changes without notice.
#[doc(hidden)]
pub mod internals {
    pub use crate::actors::guard::{Guard, arm};
    pub use crate::app::{App, Core, NoAccount, Parts};
    pub use crate::cli::Cli;
    pub use crate::client::base::Base;
    pub use crate::client::rest::Rest;
    pub use crate::client::wire::{ConnectRequest, Connection, Wire, WireError};
    pub use crate::event::{
        Answer, Body, CardRow, ClickBody, Event, Home, Job, Key, Lane, Person, Place, PostBody,
        Row, RowId, RowKind, SlashBody, Slot, SlotRow, TriggerId,
    };
    pub use crate::http::{Callers, Keys, Signatures};
    pub use crate::settings::{Options, Settings};
    pub use crate::skill::{Call, Catalog, Lead, Live, Outcome, Services};
    pub use crate::skills::poll::skill as poll;
    pub use crate::store::{CardWrite, Commit, Memory, Settled, Store};
    pub use crate::telemetry::{METRICS, PrometheusHandle, recorder};
    pub use crate::time::Time;
    pub use crate::trust::{
        Envelope, EnvelopeKind, Keyring, Nonce, Seal, Tokens, TriggerKey, verify_trigger,
    };
    pub use crate::turns::{
        Engine, Fate, Memberships, Queue, Told, Turns, Waiter, Waiting, Workshop,
    };
}

pub use app::{Skills, serve};

/// The code in the README, compiled as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
