//! The pretend server's state, as a pure machine.
//!
//! Nothing here does I/O or reads a clock: every entry takes `now` (milliseconds since 1970), and
//! ids come from a seeded generator, so the same inputs give the same world. (The one exception
//! is the text of a signature in a trigger id: ring's ECDSA takes its nonce from the system.)

mod ids; // what names things
mod like; // which release is played
mod wire; // questions, answers and refusals
mod accounts; // people and bots
mod channels; // where they meet
mod posts; // what they say
mod hooks; // programs that post, and that are told
mod commands; // slash commands
mod interactive; // buttons, menus and dialogs
mod sockets; // what they hear
mod saving; // a post, from the request to all who hear it
mod config; // the server itself
mod routes; // which request goes where
mod inputs; // how they come in
mod outages; // what goes wrong on purpose
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use http::Response;

pub use ids::{Ids, is_id};
pub use interactive::triggers::{BadKey, Signer};
pub use like::{Like, UnknownVersion};
pub use sockets::connection::Frame;
pub use sockets::connections::ConnectionKey;
pub use wire::calls::{Call, CallFailure, MAX_ANSWER, TIMEOUT_MS};

pub(super) use accounts::users::{Account, BotAccount};
pub(super) use channels::channel::{Channel, Kind};
pub(super) use commands::command::Command;
pub(super) use hooks::hook::Outgoing;
pub(super) use wire::calls::Heard;

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
    users: BTreeMap<String, Account>,
    sessions: BTreeMap<String, accounts::sessions::Session>,
    teams: BTreeMap<String, channels::teams::Team>,
    channels: BTreeMap<String, Channel>,
    members: BTreeMap<String, BTreeMap<String, channels::members::Member>>,
    posts: posts::ledger::Ledger,
    recent: posts::pending::Recent,
    files: BTreeMap<String, posts::files::File>,
    commands: BTreeMap<String, Command>,
    outgoing: BTreeMap<String, Outgoing>,
    incoming: BTreeMap<String, hooks::hook::Incoming>,
    response_urls: BTreeMap<String, commands::response_urls::ResponseUrl>,
    connections: BTreeMap<ConnectionKey, sockets::connection::Connection>,
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
            posts: posts::ledger::Ledger::default(),
            recent: posts::pending::Recent::default(),
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
