use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use secrecy::SecretString;

use crate::actors::Backlog;
use crate::actors::messages::FromSocket;
use crate::client::rest::Rest;
use crate::client::socket::Resume;
use crate::client::wire::Wire;
use crate::model::ids::ConnectionId;
use crate::store;

/// What the Socket works with.
pub struct SocketParts {
    /// The way to Mattermost.
    pub wire: Arc<dyn Wire>,
    /// Calls with the same token.
    pub rest: Rest,
    /// The bot's token.
    pub token: SecretString,
    /// Time between two pings.
    pub ping: Duration,
    /// How long the answer to one may take.
    pub pong_timeout: Duration,
    /// Where an earlier process stopped; see [`resume_of`].
    pub resume: Option<Resume>,
    pub intake: Recipient<FromSocket>,
    /// Shared with Intake.
    pub backlog: Backlog,
}

/// Where to go on after a remembered session; none if it isn't one.
pub fn resume_of(session: &store::Session) -> Option<Resume> {
    Some(Resume {
        connection_id: ConnectionId::parse(&session.connection_id).ok()?,
        next_seq: session.next_seq,
    })
}
