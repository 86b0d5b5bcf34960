//! What a WebSocket event carries, read on request.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::channel::{Channel, ChannelType};
use super::dialog::OpenDialog;
use super::ids::{ChannelId, ConnectionId, Millis, PostId, TeamId, UserId};
use super::inner::Inner;
use super::lenient::maybe;
use super::post::{Post, PostHead};
use super::reaction::Reaction;
use super::socket::{Envelope, EventName};
use super::user::User;

/// The connection begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// What a resume has to name.
    pub connection_id: ConnectionId,
    /// `11.6.0.build.hash.licensed`.
    #[serde(default)]
    pub server_version: String,
    /// Keys that have no name here; `server_hostname` since 10.4.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A post was made. The post itself stays JSON until [`Posted::head`] or [`Posted::post`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Posted<'a> {
    /// The post's JSON.
    #[serde(borrow)]
    pub post: Cow<'a, str>,
    /// What kind of channel it is in.
    pub channel_type: ChannelType,
    /// The channel's name in addresses.
    #[serde(borrow, default)]
    pub channel_name: Cow<'a, str>,
    /// The channel's name for people.
    #[serde(borrow, default)]
    pub channel_display_name: Cow<'a, str>,
    /// Who made it, with `@`.
    #[serde(borrow, default)]
    pub sender_name: Cow<'a, str>,
    /// The team; none in direct and group channels.
    #[serde(default, with = "maybe")]
    pub team_id: Option<TeamId>,
    /// Whether it made its sender appear online.
    #[serde(default)]
    pub set_online: bool,
    /// A JSON list with the receiver's own id, if the post mentions them.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<Cow<'a, str>>,
    /// The same, if the receiver follows the thread.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub followers: Option<Cow<'a, str>>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Posted<'_> {
    /// What decides whether anybody wants the post.
    pub fn head(&self) -> Result<PostHead, serde_json::Error> {
        PostHead::decode(&self.post)
    }

    /// The whole post, as far as it can be read.
    pub fn post(&self) -> Result<Post, serde_json::Error> {
        Post::read(&self.post)
    }

    /// Whether the post mentions this person, who must be the receiver.
    pub fn mentions(&self, user: UserId) -> bool {
        self.mentions
            .as_ref()
            .is_some_and(|list| list.contains(user.as_str()))
    }
}

/// A post changed, was deleted, or is for the receiver alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostChange {
    /// The post as it is now; a deleted one as it was.
    pub post: Inner<Post>,
    /// Keys that have no name here; `delete_by` of a deletion by somebody else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An emoji came or went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReactionChange {
    /// The emoji, its post and who.
    pub reaction: Inner<Reaction>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Somebody came into or left a channel or a team, or was seen there. Which keys there are
/// depends on the event and on who is told; the broadcast may have the channel instead.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Membership {
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub user_id: Option<UserId>,
    /// In which channel.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub channel_id: Option<ChannelId>,
    /// In which team.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub team_id: Option<TeamId>,
    /// Who removed them.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub remover_id: Option<UserId>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A channel was made, archived, restored or converted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelChange {
    /// Which.
    pub channel_id: ChannelId,
    /// When it was archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_at: Option<Millis>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A channel's name or header changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelUpdated {
    /// The channel as it is now; some servers name it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Inner<Channel>>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A direct or group channel began; the broadcast has its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invited {
    /// Who began it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub creator_id: Option<UserId>,
    /// With whom, in a direct channel.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub teammate_id: Option<UserId>,
    /// With whom, in a group channel: a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teammate_ids: Option<Value>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Somebody's name or settings changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserUpdated {
    /// The person as they are now.
    pub user: User,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Somebody types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Typing {
    /// Who.
    pub user_id: UserId,
    /// In which thread.
    #[serde(default, with = "maybe")]
    pub parent_id: Option<PostId>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A dialog is to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DialogOpened {
    /// What to show, and whom to call.
    pub dialog: Inner<OpenDialog>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What happened, with its data read. The variants bear the names of [`EventName`].
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Happening<'a> {
    /// The connection begins.
    Hello(Hello),
    /// A post was made.
    Posted(Posted<'a>),
    /// A post changed.
    PostEdited(PostChange),
    /// A post was deleted.
    PostDeleted(PostChange),
    /// A post for the receiver alone.
    EphemeralMessage(PostChange),
    /// An emoji was put on a post.
    ReactionAdded(ReactionChange),
    /// An emoji was taken away.
    ReactionRemoved(ReactionChange),
    /// Somebody came into a channel.
    UserAdded(Membership),
    /// Somebody left a channel.
    UserRemoved(Membership),
    /// The receiver made a channel.
    ChannelCreated(ChannelChange),
    /// A channel was archived.
    ChannelDeleted(ChannelChange),
    /// A channel came back from the archive.
    ChannelRestored(ChannelChange),
    /// A public channel became private.
    ChannelConverted(ChannelChange),
    /// A channel's name or header changed.
    ChannelUpdated(ChannelUpdated),
    /// A direct channel began.
    DirectAdded(Invited),
    /// A group channel began.
    GroupAdded(Invited),
    /// The receiver came into a team.
    AddedToTeam(Membership),
    /// Somebody left a team.
    LeaveTeam(Membership),
    /// Somebody's name or settings changed.
    UserUpdated(UserUpdated),
    /// Somebody types.
    Typing(Typing),
    /// A dialog is to be shown.
    OpenDialog(DialogOpened),
    /// Any other event: its name is in the envelope.
    Other(&'a RawValue),
}

impl Envelope<'_> {
    /// Reads the data by the event's name.
    pub fn happening(&self) -> Result<Happening<'_>, serde_json::Error> {
        Ok(match self.event {
            EventName::Hello => Happening::Hello(self.read()?),
            EventName::Posted => Happening::Posted(self.read()?),
            EventName::PostEdited => Happening::PostEdited(self.read()?),
            EventName::PostDeleted => Happening::PostDeleted(self.read()?),
            EventName::EphemeralMessage => Happening::EphemeralMessage(self.read()?),
            EventName::ReactionAdded => Happening::ReactionAdded(self.read()?),
            EventName::ReactionRemoved => Happening::ReactionRemoved(self.read()?),
            EventName::UserAdded => Happening::UserAdded(self.read()?),
            EventName::UserRemoved => Happening::UserRemoved(self.read()?),
            EventName::ChannelCreated => Happening::ChannelCreated(self.read()?),
            EventName::ChannelDeleted => Happening::ChannelDeleted(self.read()?),
            EventName::ChannelRestored => Happening::ChannelRestored(self.read()?),
            EventName::ChannelConverted => Happening::ChannelConverted(self.read()?),
            EventName::ChannelUpdated => Happening::ChannelUpdated(self.read()?),
            EventName::DirectAdded => Happening::DirectAdded(self.read()?),
            EventName::GroupAdded => Happening::GroupAdded(self.read()?),
            EventName::AddedToTeam => Happening::AddedToTeam(self.read()?),
            EventName::LeaveTeam => Happening::LeaveTeam(self.read()?),
            EventName::UserUpdated => Happening::UserUpdated(self.read()?),
            EventName::Typing => Happening::Typing(self.read()?),
            EventName::OpenDialog => Happening::OpenDialog(self.read()?),
            EventName::StatusChange | EventName::Other(_) => Happening::Other(&self.data),
        })
    }

    /// Reads the data as whatever the caller knows them to be.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.data.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::socket::Frame;

    const ANN: &str = "9g66xk3awbfjf8rea197dhw1ba";

    fn event(json: &str) -> Envelope<'_> {
        match Frame::decode(json).unwrap() {
            Frame::Event(event) => event,
            Frame::Reply(reply) => panic!("{reply:?}"),
        }
    }

    #[test]
    fn a_post_stays_text_until_somebody_wants_it() {
        let json = format!(
            r#"{{"event":"posted","data":{{"channel_type":"D","post":"not \"read\" yet",
            "team_id":"","mentions":"[\"{ANN}\"]"}},"seq":3}}"#
        );
        let event = event(&json);
        let Happening::Posted(posted) = event.happening().unwrap() else {
            panic!("not posted")
        };
        assert_eq!(posted.post, r#"not "read" yet"#);
        assert_eq!(posted.channel_type, ChannelType::Direct);
        assert!(posted.mentions(UserId::parse(ANN).unwrap()));
        assert!(!posted.mentions(UserId::from_bytes([0; 16])));
        assert!(posted.head().is_err() && posted.post().is_err());
    }

    #[test]
    fn memberships_of_teams_and_channels_are_read() {
        for (name, key) in [("added_to_team", "team_id"), ("leave_team", "team_id")] {
            let json = format!(
                r#"{{"event":"{name}","data":{{"user_id":"{ANN}","{key}":"{ANN}"}},"seq":1}}"#
            );
            match event(&json).happening().unwrap() {
                Happening::AddedToTeam(member) | Happening::LeaveTeam(member) => {
                    assert_eq!(member.user_id, UserId::parse(ANN).ok());
                    assert_eq!(member.team_id, TeamId::parse(ANN).ok());
                }
                other => panic!("{other:?}"),
            }
        }
        let json = r#"{"event":"group_added","data":{"teammate_ids":"[]"},"seq":1}"#;
        assert!(matches!(
            event(json).happening().unwrap(),
            Happening::GroupAdded(_)
        ));
    }

    #[test]
    fn an_event_without_a_name_here_keeps_its_data() {
        let json = r#"{"event":"custom_plugin_x","data":{"a": 1},"seq":1}"#;
        let event = event(json);
        match event.happening().unwrap() {
            Happening::Other(data) => assert_eq!(data.get(), r#"{"a": 1}"#),
            other => panic!("{other:?}"),
        }
    }
}
