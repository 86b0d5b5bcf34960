//! Our side of the WebSocket's protocol, without any I/O: what to ask for, what to send, and what
//! an incoming text means.
//!
//! Facts (Mattermost 10.0 and 11.6, recorded): only an upgrade with the `Authorization` header can
//! resume; after a resume there is no `hello`, so that readiness is the reply to the first ping;
//! after a revoked token the socket stays open, and only a ping tells.

use http::uri::InvalidUri;
use http::{HeaderMap, header};
use secrecy::{ExposeSecret, SecretString};

use super::base::Base;
use super::rest::bearer;
use super::wire::ConnectRequest;
use crate::model::happening::Hello;
use crate::model::ids::ConnectionId;
use crate::model::remains::Remains;
use crate::model::socket::{Envelope, EventName, Frame, Reply, ReplyStatus, Request};
use crate::model::token::Token;

const PATH: &str = "/api/v4/websocket";

/// Where to go on after a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// The connection's name on the server.
    pub connection_id: ConnectionId,
    /// The number of the next event that we want.
    pub next_seq: i64,
}

/// The protocol's state on one connection. After the end of the connection make a new one of
/// [`SocketSession::resume`].
#[derive(Debug, Clone)]
pub struct SocketSession {
    connection: Option<ConnectionId>,
    next_seq: i64,
    /// Whether the server still seems to know the connection that we asked for.
    resumed: bool,
    /// How many texts that may have been events came without a number since the last one that had one.
    unnumbered: i64,
    /// What can't be read was counted as if it had been.
    passed_over: bool,
    /// Whether an event came in its order since the connection began.
    in_order: bool,
    ready: bool,
    last_request: i64,
    awaited: Option<i64>,
    /// Proves who connects with its first text instead of the header.
    by_challenge: bool,
}

/// What an incoming text means.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// A new numbering begins: what happened since the last event that we have must be fetched
    /// over REST.
    Hello,
    /// The first ping was answered.
    Ready {
        /// Whether the old numbering went on, so that nothing was missed.
        resumed: bool,
    },
    /// A later ping was answered.
    Pong,
    /// An event, in its order.
    Event(Envelope<'a>),
    /// The token is not valid any more: stop, and tell the admin.
    Unauthorized,
    /// Something else was answered, or a ping with a failure.
    Reply(Reply),
    /// Events are missing: end the connection, and resume.
    OutOfSequence {
        /// The number that should have come.
        expected: i64,
        /// The one that came.
        got: i64,
    },
    /// Not a frame of this protocol: count it and go on. What it told of must be fetched.
    Malformed {
        /// What is wrong with it.
        error: serde_json::Error,
        /// What happened, where that can be read.
        event: Option<EventName>,
    },
}

impl SocketSession {
    /// Before a connection that goes on at `resume`, or begins anew.
    pub fn new(resume: Option<Resume>) -> Self {
        Self {
            connection: resume.map(|r| r.connection_id),
            next_seq: resume.map_or(0, |r| r.next_seq),
            resumed: resume.is_some(),
            unnumbered: 0,
            passed_over: false,
            in_order: false,
            ready: false,
            last_request: 0,
            awaited: None,
            by_challenge: false,
        }
    }

    /// Before a connection past a proxy that takes the header away. It begins anew, and can't be
    /// resumed.
    pub fn by_challenge() -> Self {
        Self {
            by_challenge: true,
            ..Self::new(None)
        }
    }

    /// What to send first: the proof of who connects, where the header isn't one. Mattermost waits
    /// 5 s for it.
    pub fn greeting(&mut self, token: &SecretString) -> Option<String> {
        if !self.by_challenge {
            return None;
        }
        self.last_request += 1;
        let token = Token::new(token.expose_secret().trim());
        Some(Request::authenticate(self.last_request, &token).to_string())
    }

    /// The request for the connection.
    ///
    /// # Errors
    /// None for an address that was checked.
    pub fn request(&self, base: &Base, token: &SecretString) -> Result<ConnectRequest, InvalidUri> {
        let query = self.resume().map(|r| {
            format!(
                "?connection_id={}&sequence_number={}",
                r.connection_id, r.next_seq
            )
        });
        let proof = (!self.by_challenge).then(|| (header::AUTHORIZATION, bearer(token)));
        Ok(ConnectRequest {
            uri: base.join(&format!("{PATH}{}", query.unwrap_or_default()))?,
            headers: HeaderMap::from_iter(proof),
        })
    }

    /// Where the next connection should go on; none if it must begin anew.
    pub fn resume(&self) -> Option<Resume> {
        Some(Resume {
            connection_id: self.connection.filter(|_| !self.by_challenge)?,
            next_seq: self.next_seq,
        })
    }

    /// The connection's name on the server and the number of its next event, once they are known.
    pub fn position(&self) -> Option<Resume> {
        Some(Resume {
            connection_id: self.connection?,
            next_seq: self.next_seq,
        })
    }

    /// A ping to send. The first one should be sent as soon as the connection is open.
    pub fn ping(&mut self) -> String {
        self.last_request += 1;
        self.awaited = Some(self.last_request);
        Request::ping(self.last_request).to_string()
    }

    /// Whether a ping is still unanswered: at its deadline the connection is dead, whatever the
    /// socket says.
    pub fn awaits_pong(&self) -> bool {
        self.awaited.is_some()
    }

    /// Whether a ping was answered on this connection.
    #[cfg(test)]
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Takes a text frame in.
    pub fn incoming<'a>(&mut self, text: &'a str) -> Incoming<'a> {
        match Frame::decode(text) {
            Ok(Frame::Event(event)) if event.event == EventName::Hello => self.hello(event),
            Ok(Frame::Event(event)) => self.event(event),
            Ok(Frame::Reply(reply)) => self.reply(reply),
            Err(error) => self.malformed(text, error),
        }
    }

    /// Whether events count as taken, since the last time that this was asked, of which only texts came that
    /// can't be read. What they told of must be fetched.
    pub fn has_passed_over(&mut self) -> bool {
        std::mem::take(&mut self.passed_over)
    }

    /// One that can't be read is no gap: where its number can be, it counts as any other.
    fn malformed<'a>(&mut self, text: &str, error: serde_json::Error) -> Incoming<'a> {
        let Remains {
            event,
            seq,
            is_reply,
        } = Remains::of(text);
        if event != Some(EventName::Hello) {
            match seq {
                Some(seq) => {
                    if let Some(missing) = self.missing_before(seq) {
                        return missing;
                    }
                    self.passed_over = true;
                }
                None => self.unnumbered += i64::from(!is_reply),
            }
        }
        Incoming::Malformed { error, event }
    }

    /// Any `hello` begins a numbering, also one with the name that we asked for: to insist on the
    /// old number would mean to reconnect for ever.
    fn hello<'a>(&mut self, event: Envelope<'a>) -> Incoming<'a> {
        match event.read::<Hello>() {
            Ok(hello) => {
                self.connection = Some(hello.connection_id);
                self.next_seq = event.seq + 1;
                self.resumed = false;
                self.unnumbered = 0;
                self.in_order = true;
                Incoming::Hello
            }
            Err(error) => Incoming::Malformed {
                error,
                event: Some(EventName::Hello),
            },
        }
    }

    fn event<'a>(&mut self, event: Envelope<'a>) -> Incoming<'a> {
        let missing = self.missing_before(event.seq);
        missing.unwrap_or(Incoming::Event(event))
    }

    /// An event with this number has come: it is in its order, or others before it are missing.
    fn missing_before<'a>(&mut self, seq: i64) -> Option<Incoming<'a>> {
        let unnumbered = std::mem::take(&mut self.unnumbered);
        let missing = seq.saturating_sub(self.next_seq);
        if !(0..=unnumbered).contains(&missing) {
            if !self.in_order {
                // Asked to go on at a number, the server went on at another: asking again is vain.
                self.connection = None;
            }
            return Some(Incoming::OutOfSequence {
                expected: self.next_seq,
                got: seq,
            });
        }
        self.in_order = true;
        self.passed_over |= missing > 0;
        self.next_seq = seq + 1;
        None
    }

    fn reply<'a>(&mut self, reply: Reply) -> Incoming<'a> {
        if reply
            .error
            .as_ref()
            .is_some_and(|error| error.status_code == 401)
        {
            return Incoming::Unauthorized;
        }
        if reply.status != ReplyStatus::Ok || self.awaited != Some(reply.seq_reply) {
            return Incoming::Reply(reply);
        }
        self.awaited = None;
        if std::mem::replace(&mut self.ready, true) {
            return Incoming::Pong;
        }
        Incoming::Ready {
            resumed: self.resumed,
        }
    }
}

#[cfg(test)]
mod tests;
