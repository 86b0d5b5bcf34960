//! The WebSocket's frames.
//!
//! The head comes first: [`Frame::decode`] reads the name, the number and the broadcast of an
//! event and leaves its data alone, so that an event that nobody wants costs little.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::AppError;
use super::ids::{ChannelId, TeamId, UserId};
use super::lenient::maybe;
use super::token::Token;
use super::word::word;

word! {
    /// What happened. Mattermost knows some 90 names, and plugins add `custom_…`.
    EventName {
        /// The connection begins, at number 0.
        Hello = "hello",
        /// A post was made.
        Posted = "posted",
        /// A post changed.
        PostEdited = "post_edited",
        /// A post was deleted.
        PostDeleted = "post_deleted",
        /// A post that only the receiver sees.
        EphemeralMessage = "ephemeral_message",
        /// An emoji was put on a post.
        ReactionAdded = "reaction_added",
        /// An emoji was taken away.
        ReactionRemoved = "reaction_removed",
        /// Somebody came into a channel.
        UserAdded = "user_added",
        /// Somebody left a channel.
        UserRemoved = "user_removed",
        /// A channel was made; its maker alone is told.
        ChannelCreated = "channel_created",
        /// A channel was archived.
        ChannelDeleted = "channel_deleted",
        /// A channel came back from the archive.
        ChannelRestored = "channel_restored",
        /// A public channel became private.
        ChannelConverted = "channel_converted",
        /// A channel's name or header changed.
        ChannelUpdated = "channel_updated",
        /// A direct channel began.
        DirectAdded = "direct_added",
        /// A group channel began.
        GroupAdded = "group_added",
        /// The receiver came into a team.
        AddedToTeam = "added_to_team",
        /// Somebody left a team.
        LeaveTeam = "leave_team",
        /// Somebody's name or settings changed.
        UserUpdated = "user_updated",
        /// Somebody is online, away or offline.
        StatusChange = "status_change",
        /// Somebody types.
        Typing = "typing",
        /// A dialog is to be shown.
        OpenDialog = "open_dialog",
    }
}

/// Whom an event is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Broadcast {
    /// All but these.
    #[serde(default)]
    pub omit_users: Option<BTreeMap<UserId, bool>>,
    /// This person alone.
    #[serde(default, with = "maybe")]
    pub user_id: Option<UserId>,
    /// This channel's members.
    #[serde(default, with = "maybe")]
    pub channel_id: Option<ChannelId>,
    /// This team's members.
    #[serde(default, with = "maybe")]
    pub team_id: Option<TeamId>,
    /// This connection alone.
    #[serde(default)]
    pub connection_id: String,
    /// All but this connection.
    #[serde(default)]
    pub omit_connection_id: String,
    /// Something was left out for people without rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains_sanitized_data: Option<bool>,
    /// For people with rights alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains_sensitive_data: Option<bool>,
}

/// An event with its data unread. See [`super::happening`] for reading them.
#[derive(Debug, Clone, Serialize)]
pub struct Envelope<'a> {
    /// What happened.
    pub event: EventName,
    /// What belongs to it.
    pub data: Cow<'a, RawValue>,
    /// Whom it is for.
    pub broadcast: Broadcast,
    /// Its number on this connection: one more than the last one's.
    pub seq: i64,
}

impl Envelope<'_> {
    /// The same with data of its own, so that it can be handed on without its text.
    pub fn into_owned(self) -> Envelope<'static> {
        Envelope {
            event: self.event,
            data: Cow::Owned(self.data.into_owned()),
            broadcast: self.broadcast,
            seq: self.seq,
        }
    }
}

/// The same event in the same words.
impl PartialEq for Envelope<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.seq == other.seq
            && self.event == other.event
            && self.broadcast == other.broadcast
            && self.data.get() == other.data.get()
    }
}

impl Eq for Envelope<'_> {}

word! {
    /// How a request of the client ended.
    ReplyStatus {
        /// Done.
        Ok = "OK",
        /// Refused, with an error.
        Fail = "FAIL",
    }
}

/// The answer to a request of the client; it has no number of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// How it ended.
    pub status: ReplyStatus,
    /// The request's number.
    #[serde(default)]
    pub seq_reply: i64,
    /// What was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Map<String, Value>>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
}

/// A text frame from the server.
#[derive(Debug, Clone)]
pub enum Frame<'a> {
    /// Something happened.
    Event(Envelope<'a>),
    /// A request of the client was answered.
    Reply(Reply),
}

/// All keys of both kinds of frames, so that one pass is enough.
#[derive(Deserialize)]
struct EventKeys<'a> {
    event: Option<EventName>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    broadcast: Option<Broadcast>,
    #[serde(default)]
    seq: i64,
    status: Option<ReplyStatus>,
    #[serde(default)]
    seq_reply: i64,
    error: Option<AppError>,
}

impl<'a> Frame<'a> {
    /// Reads the head of a frame; an event's data stay text.
    pub fn decode(json: &'a str) -> Result<Self, serde_json::Error> {
        let keys: EventKeys<'a> = serde_json::from_str(json)?;
        match (keys.event, keys.status) {
            (Some(event), _) => Ok(Self::Event(Envelope {
                event,
                data: Cow::Borrowed(keys.data.unwrap_or(RawValue::NULL)),
                broadcast: keys.broadcast.unwrap_or_default(),
                seq: keys.seq,
            })),
            (None, Some(status)) => Ok(Self::Reply(Reply {
                status,
                seq_reply: keys.seq_reply,
                data: keys
                    .data
                    .map(|data| serde_json::from_str(data.get()))
                    .transpose()?,
                error: keys.error,
            })),
            (None, None) => Err(serde::de::Error::custom("neither an event nor a reply")),
        }
    }
}

/// A request of the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Its number, from 1 on.
    pub seq: i64,
    /// What is asked for.
    pub action: String,
    /// What belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Map<String, Value>>,
}

/// As it is sent.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Request {
    /// Proves who connects, within 5 s. A connection that does so can't be resumed, and a wrong
    /// token is answered with nothing but the end.
    pub fn authenticate(seq: i64, token: &Token) -> Self {
        let data = [("token".to_owned(), token.expose().into())];
        Self {
            seq,
            action: "authentication_challenge".into(),
            data: Some(data.into_iter().collect()),
        }
    }

    /// Asks whether the server is there; the answer's data have `text: pong`.
    pub fn ping(seq: i64) -> Self {
        Self {
            seq,
            action: "ping".into(),
            data: None,
        }
    }

    /// Shows that the bot types, in a channel or in a thread.
    pub fn typing(seq: i64, channel: ChannelId, thread: &str) -> Self {
        let data = [
            ("channel_id".to_owned(), channel.as_str().into()),
            ("parent_id".to_owned(), thread.into()),
        ];
        Self {
            seq,
            action: "user_typing".into(),
            data: Some(data.into_iter().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_without_its_data() {
        let json = r#"{"event":"custom_x_y","data":{"a": [1, 2]},"broadcast":{"omit_users":null,
            "user_id":"","channel_id":"km7qshsrt7bpzg5ub4gs6wyago","team_id":""},"seq":7}"#;
        let Frame::Event(event) = Frame::decode(json).unwrap() else {
            panic!("a reply")
        };
        assert_eq!(event.event, EventName::Other("custom_x_y".into()));
        assert_eq!(event.seq, 7);
        assert_eq!(event.data.get(), r#"{"a": [1, 2]}"#);
        assert!(event.broadcast.channel_id.is_some() && event.broadcast.user_id.is_none());
    }

    #[test]
    fn a_reply_has_a_status_and_no_number() {
        let json = r#"{"status":"FAIL","seq_reply":4,"error":{"id":"x","status_code":401}}"#;
        let Frame::Reply(reply) = Frame::decode(json).unwrap() else {
            panic!("an event")
        };
        assert_eq!((reply.status, reply.seq_reply), (ReplyStatus::Fail, 4));
        assert_eq!(reply.error.unwrap().status_code, 401);
        assert!(Frame::decode("{}").is_err());
    }
}
