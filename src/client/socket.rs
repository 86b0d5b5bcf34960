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
/// [`Session::resume`].
#[derive(Debug, Clone)]
pub struct Session {
    connection: Option<ConnectionId>,
    next_seq: i64,
    /// Whether the server still seems to know the connection that we asked for.
    resumed: bool,
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
    Hello {
        /// The connection's new name.
        connection_id: ConnectionId,
    },
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
    /// Not a frame of this protocol: count it and go on. If it was an event, the next one is out
    /// of sequence.
    Malformed(serde_json::Error),
}

impl Session {
    /// Before a connection that goes on at `resume`, or begins anew.
    pub fn new(resume: Option<Resume>) -> Self {
        Self {
            connection: resume.map(|r| r.connection_id),
            next_seq: resume.map_or(0, |r| r.next_seq),
            resumed: resume.is_some(),
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
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Takes a text frame in.
    pub fn incoming<'a>(&mut self, text: &'a str) -> Incoming<'a> {
        match Frame::decode(text) {
            Ok(Frame::Event(event)) if event.event == EventName::Hello => self.hello(event),
            Ok(Frame::Event(event)) => self.event(event),
            Ok(Frame::Reply(reply)) => self.reply(reply),
            Err(error) => Incoming::Malformed(error),
        }
    }

    /// Any `hello` begins a numbering, also one with the name that we asked for: to insist on the
    /// old number would mean to reconnect for ever.
    fn hello<'a>(&mut self, event: Envelope<'a>) -> Incoming<'a> {
        match event.read::<Hello>() {
            Ok(hello) => {
                self.connection = Some(hello.connection_id);
                self.next_seq = event.seq + 1;
                self.resumed = false;
                self.in_order = true;
                Incoming::Hello {
                    connection_id: hello.connection_id,
                }
            }
            Err(error) => Incoming::Malformed(error),
        }
    }

    fn event<'a>(&mut self, event: Envelope<'a>) -> Incoming<'a> {
        if event.seq != self.next_seq {
            if !self.in_order {
                // Asked to go on at a number, the server went on at another: asking again is vain.
                self.connection = None;
            }
            return Incoming::OutOfSequence {
                expected: self.next_seq,
                got: event.seq,
            };
        }
        self.in_order = true;
        self.next_seq += 1;
        Incoming::Event(event)
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
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Texts recorded from real servers, by version and connection.
    fn recorded(version: &str, connection: &str) -> Vec<String> {
        type Versions = BTreeMap<String, BTreeMap<String, Vec<String>>>;
        let json = include_str!("../../tests/fixtures/client/websocket.json");
        let mut versions: Versions = serde_json::from_str(json).unwrap();
        versions
            .remove(version)
            .unwrap()
            .remove(connection)
            .unwrap()
    }

    /// One word per incoming text.
    fn take_in(session: &mut Session, texts: &[String]) -> Vec<String> {
        let word = |incoming: Incoming<'_>| match incoming {
            Incoming::Event(event) => format!("event {}", event.seq),
            Incoming::Hello { .. } => "hello".into(),
            Incoming::Malformed(error) => panic!("{error}"),
            other => format!("{other:?}"),
        };
        texts
            .iter()
            .map(|text| word(session.incoming(text)))
            .collect()
    }

    fn event(seq: i64) -> String {
        format!(r#"{{"event":"posted","data":{{}},"broadcast":{{}},"seq":{seq}}}"#)
    }

    fn hello(id: &str) -> String {
        format!(r#"{{"event":"hello","data":{{"connection_id":"{id}"}},"broadcast":{{}},"seq":0}}"#)
    }

    fn resume(next_seq: i64) -> Option<Resume> {
        Some(Resume {
            connection_id: ConnectionId::parse(OLD).unwrap(),
            next_seq,
        })
    }

    const OLD: &str = "e649yzctsfrn5pg7msz1ya363e";
    const NEW: &str = "ffp43nek8t8bpecpe9wr8ma71e";

    #[test]
    fn a_recorded_connection_is_resumed_and_in_the_end_begins_anew() {
        for (version, lost_at) in [("10.0", 3), ("11.6", 4)] {
            let mut first = Session::new(None);
            assert_eq!(
                take_in(&mut first, &recorded(version, "header-first"))[..2],
                ["hello", "event 1"]
            );
            let resume = first.resume().unwrap();
            assert_eq!(resume.next_seq, lost_at, "{version}");

            let mut second = Session::new(Some(resume));
            let taken = take_in(&mut second, &recorded(version, "header-resumed"));
            assert_eq!(
                taken[0],
                format!("event {lost_at}"),
                "{version}: no hello after a resume"
            );
            assert!(
                taken.iter().all(|word| word.starts_with("event ")),
                "{version}: {taken:?}"
            );
            assert_eq!(second.resume().unwrap().connection_id, resume.connection_id);

            let mut third = Session::new(second.resume());
            assert_eq!(
                take_in(&mut third, &recorded(version, "header-overflow")),
                ["hello", "event 1"]
            );
            assert_ne!(third.resume().unwrap().connection_id, resume.connection_id);
        }
    }

    #[test]
    fn a_long_recorded_connection_has_every_number_once() {
        for version in ["10.0", "11.6"] {
            let mut session = Session::new(None);
            let texts = recorded(version, "bot");
            let taken = take_in(&mut session, &texts);
            let events = taken
                .iter()
                .filter(|word| word.starts_with("event "))
                .count();
            assert!(events > 20 && taken[0] == "hello", "{version}: {taken:?}");
            assert_eq!(session.resume().unwrap().next_seq, 1 + events as i64);
        }
    }

    #[test]
    fn a_revoked_token_shows_in_the_reply_to_a_ping() {
        let texts = recorded("11.6", "revoked");
        let mut session = Session::new(None);
        session.ping();
        let taken = take_in(&mut session, &texts);
        assert_eq!(taken.last().unwrap(), "Unauthorized");
    }

    #[test]
    fn the_first_pong_means_ready_and_tells_whether_the_numbering_went_on() {
        for (greeting, resumed) in [(None, true), (Some(hello(NEW)), false)] {
            let mut session = Session::new(resume(5));
            assert_eq!(session.ping(), r#"{"seq":1,"action":"ping"}"#);
            greeting
                .iter()
                .for_each(|text| drop(session.incoming(text)));
            assert!(!session.is_ready() && session.awaits_pong());
            let pong = r#"{"status":"OK","seq_reply":1,"data":{"text":"pong"}}"#;
            assert!(
                matches!(session.incoming(pong), Incoming::Ready { resumed: r } if r == resumed)
            );
            assert!(session.is_ready() && !session.awaits_pong());
            assert!(
                matches!(session.incoming(pong), Incoming::Reply(_)),
                "the same one twice is no pong"
            );
            assert_eq!(session.ping(), r#"{"seq":2,"action":"ping"}"#);
            assert!(matches!(
                session.incoming(r#"{"status":"OK","seq_reply":2}"#),
                Incoming::Pong
            ));
        }
    }

    #[test]
    fn a_failed_ping_is_not_a_pong() {
        let mut session = Session::new(None);
        session.ping();
        let failed = r#"{"status":"FAIL","seq_reply":1,"error":{"id":"x","status_code":500}}"#;
        assert!(matches!(session.incoming(failed), Incoming::Reply(_)));
        assert!(session.awaits_pong() && !session.is_ready());
    }

    #[test]
    fn a_missing_event_is_asked_for_by_its_number() {
        let mut session = Session::new(None);
        session.incoming(&hello(OLD));
        assert!(matches!(session.incoming(&event(1)), Incoming::Event(_)));
        assert!(matches!(
            session.incoming(&event(3)),
            Incoming::OutOfSequence {
                expected: 2,
                got: 3
            }
        ));
        assert_eq!(session.resume(), resume(2));
    }

    #[test]
    fn a_server_that_goes_on_at_a_wrong_number_is_not_asked_again() {
        for got in [0, 4, 6] {
            let mut session = Session::new(resume(5));
            assert!(matches!(
                session.incoming(&event(got)),
                Incoming::OutOfSequence { expected: 5, .. }
            ));
            assert_eq!(session.resume(), None);
        }
    }

    #[test]
    fn any_hello_begins_a_numbering_so_that_nobody_reconnects_for_ever() {
        for id in [OLD, NEW] {
            let mut session = Session::new(resume(5));
            assert!(matches!(
                session.incoming(&hello(id)),
                Incoming::Hello { .. }
            ));
            assert!(
                matches!(session.incoming(&event(1)), Incoming::Event(_)),
                "{id}"
            );
        }
    }

    #[test]
    fn what_is_no_frame_is_malformed_and_changes_nothing() {
        let mut session = Session::new(resume(5));
        for text in [
            "",
            "nonsense",
            "[]",
            "{}",
            r#"{"event":"hello","data":{}}"#,
            "\u{0}",
        ] {
            assert!(
                matches!(session.incoming(text), Incoming::Malformed(_)),
                "{text:?}"
            );
        }
        assert_eq!(session.resume(), resume(5));
    }

    #[test]
    fn the_request_has_the_query_of_a_resume_and_the_token_in_its_header_alone() {
        let base = Base::parse("https://chat.example/team").unwrap();
        let fresh = Session::new(None).request(&base, &"secret".into()).unwrap();
        assert_eq!(
            fresh.uri.to_string(),
            "https://chat.example/team/api/v4/websocket"
        );
        assert_eq!(fresh.headers[header::AUTHORIZATION], "Bearer secret");
        let again = Session::new(resume(28))
            .request(&base, &"secret".into())
            .unwrap();
        let expected = format!("{}?connection_id={OLD}&sequence_number=28", fresh.uri);
        assert_eq!(again.uri.to_string(), expected);
        assert!(!format!("{again:?}").contains("secret"));
    }

    #[test]
    fn past_a_proxy_that_takes_the_header_the_first_text_proves_who_connects() {
        let base = Base::parse("https://chat.example").unwrap();
        let mut session = Session::by_challenge();
        let request = session.request(&base, &"secret".into()).unwrap();
        assert!(request.headers.is_empty());
        assert_eq!(
            session.greeting(&"secret".into()).unwrap(),
            r#"{"seq":1,"action":"authentication_challenge","data":{"token":"secret"}}"#
        );
        assert_eq!(session.ping(), r#"{"seq":2,"action":"ping"}"#);
        session.incoming(r#"{"status":"OK","seq_reply":1}"#);
        assert!(session.awaits_pong(), "the proof is no pong");
        session.incoming(&hello(NEW));
        assert_eq!(
            (session.resume(), session.position().unwrap().next_seq),
            (None, 1)
        );
        assert_eq!(Session::new(None).greeting(&"secret".into()), None);
    }
}
