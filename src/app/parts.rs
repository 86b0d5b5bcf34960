use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::client::rest::Rest;
use crate::client::wire::Wire;
use crate::event::Person;
use crate::http::Callers;
use crate::model::ids::Millis;
use crate::settings::{self, Limits};
use crate::skill::{Catalog, Directory};
use crate::store::Store;
use crate::time::Time;
use crate::trust::Seal;
use crate::turns::Workshop;

/// Everything that the actors need, in earnest and in simulation alike.
pub struct Parts {
    /// Who takes what.
    pub catalog: Arc<Catalog>,
    /// What turns may read.
    pub directory: Arc<dyn Directory>,
    /// What outlives a crash.
    pub store: Arc<dyn Store>,
    /// The way to Mattermost.
    pub rest: Rest,
    /// The bot; `None` without an account.
    pub me: Option<Person>,
    /// Makes envelopes.
    pub seal: Seal,
    /// Who may call.
    pub callers: Callers,
    /// Where Mattermost finds us.
    pub url: String,
    /// An incoming webhook, for posts where there is no bot account.
    pub incoming: Option<SecretString>,
    /// Budgets and bounds.
    pub limits: Limits,
    /// Where author code runs.
    pub workshop: Workshop,
    /// How posts are heard; `None` without an account.
    pub hearing: Option<Hearing>,
    /// The clock.
    pub time: Time,
}

/// How posts are heard.
pub struct Hearing {
    /// The way to Mattermost.
    pub wire: Arc<dyn Wire>,
    /// The bot's token.
    pub token: SecretString,
    /// Pings of our own.
    pub socket: settings::Socket,
    /// Where hearing began, as [`begin_hearing`](crate::actors::intake::begin_hearing) has made durable.
    pub began: Millis,
    /// After an outage posts older than this are counted, not answered.
    pub max_age: Duration,
    /// Whether the Socket gets a thread of its own; simulation has one thread.
    pub own_thread: bool,
}
