//! The pretend server's state, as a pure machine.
//!
//! Nothing here does I/O or reads a clock: every entry takes `now` (milliseconds since 1970), and
//! ids come from a seeded generator, so the same inputs give the same world. (The one exception
//! is the text of a signature in a trigger id: ring's ECDSA takes its nonce from the system.)

mod accounts;
mod actions;
mod attachments;
mod audience;
mod bots;
mod builtins;
mod calls;
mod channel_changes;
mod channel_checks;
mod channels;
mod command_answers;
mod command_place; // where one was given
mod command_hooks;
mod commands;
mod config;
mod connection;
mod connections;
mod dialogs;
mod edits;
mod ephemeral;
mod errors;
mod events;
mod files;
mod hashtags;
mod hook_body;
mod hooks;
mod ids;
mod incoming;
mod inputs;
mod ledger;
mod like;
mod members;
mod mentions;
mod outages;
mod outgoing;
mod pages;
mod pending;
mod posts;
mod props;
mod reactions;
mod reads;
mod rest;
mod routes;
mod saving;
mod sessions;
mod shape;
mod slack;
mod slash;
mod socket_actions;
mod status;
mod suggestions;
mod teams;
#[cfg(test)]
mod tests;
mod threads;
mod triggers;
mod users;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use http::Response;

pub use calls::{Call, CallFailure, MAX_ANSWER, TIMEOUT_MS};
pub use connection::Frame;
pub use connections::ConnectionKey;
pub use ids::{Ids, is_id};
pub use like::{Like, UnknownVersion};
pub use triggers::{BadKey, Signer};

pub(super) use calls::Heard;
pub(super) use channels::{Channel, Kind};
pub(super) use commands::Command;
pub(super) use hooks::Outgoing;
pub(super) use users::{Bot as BotAccount, User};

use crate::entry::Journal;
use crate::faults::Faults;

/// What the shell must do next.
#[derive(Debug)]
pub enum Step {
    /// Answer the request.
    Done(Response<Bytes>),
    /// Ask an integration, then call [`World::answered`].
    Call(Call),
    /// A fault: close the connection without an answer.
    Cut,
    /// A fault: wait so many milliseconds before doing the rest.
    Slow(u64, Box<Step>),
}

/// A pretend Mattermost.
pub struct World {
    like: Like,
    /// The longest message, if it was set.
    post_size: Option<usize>,
    site_url: String,
    signer: Signer,
    /// For what lasts; advances only by inputs that the journal keeps.
    ids: Ids,
    /// For what dies with the process: request ids and connections.
    fleeting: Ids,
    users: BTreeMap<String, User>,
    sessions: BTreeMap<String, sessions::Session>,
    teams: BTreeMap<String, teams::Team>,
    channels: BTreeMap<String, Channel>,
    members: BTreeMap<String, BTreeMap<String, members::Member>>,
    posts: ledger::Ledger,
    recent: pending::Recent,
    files: BTreeMap<String, files::File>,
    commands: BTreeMap<String, Command>,
    outgoing: BTreeMap<String, Outgoing>,
    incoming: BTreeMap<String, hooks::Incoming>,
    response_urls: BTreeMap<String, command_hooks::ResponseUrl>,
    connections: BTreeMap<ConnectionKey, connection::Connection>,
    /// Sockets that must be told of their end.
    doomed: BTreeMap<ConnectionKey, Frame>,
    /// Events that a fault has kept back, to go out after the next one.
    late: Vec<(ConnectionKey, String, serde_json::Value, serde_json::Value)>,
    /// Replies that go out before the end.
    last_words: BTreeMap<ConnectionKey, Vec<Frame>>,
    last_connection: u64,
    reaped_at: i64,
    last_call: u64,
    call_timeout_ms: u64,
    pending: BTreeMap<u64, inputs::Pending>,
    queue: VecDeque<Call>,
    journal: Option<Box<dyn Journal>>,
    /// What goes wrong next; tests set it.
    pub faults: Faults,
}

impl World {
    /// An empty world. `signer` signs trigger ids; it comes from outside because a key is random.
    pub fn new(seed: u64, signer: Signer) -> Self {
        Self {
            like: Like::default(),
            post_size: None,
            site_url: "http://127.0.0.1:8065".to_owned(),
            signer,
            ids: Ids::seeded(seed),
            fleeting: Ids::seeded(seed ^ 0x5eed_f1ee),
            users: BTreeMap::new(),
            sessions: BTreeMap::new(),
            teams: BTreeMap::new(),
            channels: BTreeMap::new(),
            members: BTreeMap::new(),
            posts: ledger::Ledger::default(),
            recent: pending::Recent::default(),
            files: BTreeMap::new(),
            commands: BTreeMap::new(),
            outgoing: BTreeMap::new(),
            incoming: BTreeMap::new(),
            response_urls: BTreeMap::new(),
            connections: BTreeMap::new(),
            doomed: BTreeMap::new(),
            late: Vec::new(),
            last_words: BTreeMap::new(),
            last_connection: 0,
            reaped_at: 0,
            last_call: 0,
            call_timeout_ms: TIMEOUT_MS,
            pending: BTreeMap::new(),
            queue: VecDeque::new(),
            journal: None,
            faults: Faults::default(),
        }
    }

    /// Where the world is reached: the base of every `response_url`, and `SiteURL` in the config.
    pub fn set_site_url(&mut self, url: &str) {
        self.site_url = url.trim_end_matches('/').to_owned();
    }

    /// Where the world is reached.
    pub fn site_url(&self) -> &str {
        &self.site_url
    }

    /// How long integrations may take, and how long trigger ids open dialogs: 30 s on a real
    /// server with its defaults (`OutgoingIntegrationRequestsTimeout`).
    pub fn set_call_timeout(&mut self, milliseconds: u64) {
        self.call_timeout_ms = milliseconds;
    }

    /// From now on every lasting input goes to `journal` before it is taken.
    pub fn record_to(&mut self, journal: Box<dyn Journal>) {
        self.journal = Some(journal);
    }

    /// The calls that nobody waits for (outgoing webhooks), to be answered like all others.
    pub fn take_calls(&mut self) -> Vec<Call> {
        self.queue.drain(..).collect()
    }
}
