use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::post::{Me, Spot, other};
use crate::actors::face::{row_of, version_of};
use crate::actors::messages::{Echo, Edited};
use crate::event::{Body, Event, Key, Observed, Person};
use crate::model::channel::ChannelType;
use crate::model::happening::{ChannelChange, Invited, Membership, Posted, ReactionChange};
use crate::model::ids::{ChannelId, ConnectionId, Millis, PostId, UserId};
use crate::model::post::{Post, PostHead};
use crate::model::socket::{Envelope, EventName, Frame};
use crate::skill::Catalog;

/// Whether anything of this name can matter; the rest is left out before it is handed on.
pub(crate) fn matters(name: &EventName) -> bool {
    matches!(
        name,
        EventName::Posted
            | EventName::PostEdited
            | EventName::PostDeleted
            | EventName::ReactionAdded
            | EventName::ReactionRemoved
            | EventName::UserAdded
            | EventName::UserRemoved
            | EventName::ChannelDeleted
            | EventName::ChannelRestored
            | EventName::DirectAdded
            | EventName::GroupAdded
            | EventName::LeaveTeam
    )
}

/// What an event means.
#[derive(Debug)]
pub(super) enum Meaning {
    /// A person's post.
    Post(Box<Event>),
    /// A post that nobody is told of.
    Passed(ChannelId, Millis),
    /// A post of the bot's own.
    Echo(ChannelId, Echo),
    /// One of them was edited.
    Edited(Edited),
    /// One of them was deleted.
    Deleted(PostId),
    /// Something else, that a skill asked for.
    Observed(Box<Event>),
    /// The bot is in a channel.
    Came(ChannelId, Spot),
    /// The bot isn't in a channel any more, or it is archived.
    Left(ChannelId),
    /// The bot's channels may be others now.
    Elsewhere,
    /// Nothing that matters.
    Nothing,
}

/// What skills observe.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Observes {
    edited: bool,
    deleted: bool,
    reacted: bool,
    membership: bool,
}

impl Observes {
    pub fn of(catalog: &Catalog) -> Self {
        Self {
            edited: catalog.observes("edited"),
            deleted: catalog.observes("deleted"),
            reacted: catalog.observes("reacted"),
            membership: catalog.observes("membership"),
        }
    }
}

/// Reads frames, the head first: what nobody wants costs little.
pub(super) struct Reader<'a> {
    pub me: &'a Me,
    pub spots: &'a HashMap<ChannelId, Spot>,
    pub observes: Observes,
    /// On which connection.
    pub connection: Option<ConnectionId>,
    /// Our clock, for what Mattermost gives no time.
    pub now: Millis,
}

#[derive(Deserialize)]
struct Changed<'a> {
    #[serde(borrow)]
    post: Cow<'a, str>,
}

type Meant = Result<Meaning, serde_json::Error>;

impl Reader<'_> {
    /// What a frame means. An error says that it isn't as Mattermost makes it.
    pub fn read(&self, text: &str) -> Meant {
        let Frame::Event(event) = Frame::decode(text)? else {
            return Ok(Meaning::Nothing);
        };
        match event.event {
            EventName::Posted => self.posted(&event),
            EventName::PostEdited => self.edited(&event),
            EventName::PostDeleted => self.deleted(&event),
            EventName::ReactionAdded => self.reacted(&event, true),
            EventName::ReactionRemoved => self.reacted(&event, false),
            EventName::UserAdded => self.member(&event, true),
            EventName::UserRemoved => self.member(&event, false),
            EventName::DirectAdded | EventName::GroupAdded => self.invited(&event),
            EventName::ChannelDeleted => {
                Ok(Meaning::Left(event.read::<ChannelChange>()?.channel_id))
            }
            EventName::ChannelRestored => Ok(Meaning::Elsewhere),
            EventName::LeaveTeam => self.left_team(&event),
            _ => Ok(Meaning::Nothing),
        }
    }

    fn posted(&self, event: &Envelope<'_>) -> Meant {
        let posted: Posted<'_> = event.read()?;
        let head = posted.head()?;
        if head.user_id == self.me.id {
            return Ok(own(&posted.post()?));
        }
        if head.is_system() {
            return Ok(Meaning::Passed(head.channel_id, head.create_at));
        }
        let post = posted.post()?;
        if !self.me.hears(&post) {
            return Ok(Meaning::Passed(post.channel_id, post.create_at));
        }
        let mut spot = self.spot(post.channel_id);
        spot.team = posted.team_id.or(spot.team);
        if spot.direct.is_none() && posted.channel_type == ChannelType::Direct {
            spot.direct = partner(&posted.channel_name, &self.me.id);
        }
        let event = self.me.event(&post, spot, &posted.sender_name);
        Ok(Meaning::Post(Box::new(event)))
    }

    fn edited(&self, event: &Envelope<'_>) -> Meant {
        let (json, head) = changed(event)?;
        let own = head.user_id == self.me.id;
        if !own && !self.observes.edited {
            return Ok(Meaning::Nothing);
        }
        let post: Post = serde_json::from_str(&json)?;
        if own {
            let attachments = post.props.attachments.as_ref();
            return Ok(Meaning::Edited(Edited {
                post: post.id,
                version: version_of(&post.props),
                attachments: attachments.map_or(Ok(Value::Null), serde_json::to_value)?,
                message: post.message,
            }));
        }
        // A pin or a preview is no edit.
        if !self.me.hears(&post) || !post.edit_at.is_set() {
            return Ok(Meaning::Nothing);
        }
        let key = Key::change(&post.id, post.update_at);
        let what = Observed::Edited {
            post: post.id,
            text: post.message.clone(),
        };
        Ok(self.observed(key, post.channel_id, post.user_id, post.update_at, what))
    }

    fn deleted(&self, event: &Envelope<'_>) -> Meant {
        let (json, head) = changed(event)?;
        if head.user_id == self.me.id {
            return Ok(Meaning::Deleted(head.id));
        }
        if !self.observes.deleted {
            return Ok(Meaning::Nothing);
        }
        let post: Post = serde_json::from_str(&json)?;
        if !self.me.hears(&post) {
            return Ok(Meaning::Nothing);
        }
        // It comes as it was before: its times tell nothing of the deletion.
        let key = Key::of(&["deleted", post.id.as_str()]);
        let what = Observed::Deleted { post: post.id };
        Ok(self.observed(key, post.channel_id, post.user_id, self.now, what))
    }

    fn reacted(&self, event: &Envelope<'_>, added: bool) -> Meant {
        if !self.observes.reacted {
            return Ok(Meaning::Nothing);
        }
        let reaction = event.read::<ReactionChange>()?.reaction.0;
        let channel = event.broadcast.channel_id.or(reaction.channel_id);
        let Some(channel) = channel.filter(|_| reaction.user_id != self.me.id) else {
            return Ok(Meaning::Nothing);
        };
        let changed = reaction.extra.get("update_at").and_then(Value::as_i64);
        let at = Millis(changed.unwrap_or(reaction.create_at.0));
        let key = Key::of(&[
            if added { "reacted" } else { "unreacted" },
            reaction.post_id.as_str(),
            reaction.user_id.as_str(),
            &reaction.emoji_name,
            &at.to_string(),
        ]);
        let what = Observed::Reacted {
            post: reaction.post_id,
            emoji: reaction.emoji_name,
            added,
        };
        Ok(self.observed(key, channel, reaction.user_id, at, what))
    }

    fn member(&self, event: &Envelope<'_>, joined: bool) -> Meant {
        let member: Membership = event.read()?;
        let person = member.user_id.or(event.broadcast.user_id);
        let channel = member.channel_id.or(event.broadcast.channel_id);
        let (Some(person), Some(channel)) = (person, channel) else {
            return Ok(Meaning::Nothing);
        };
        if person == self.me.id {
            let mut spot = self.spot(channel);
            spot.team = member.team_id.or(spot.team);
            return Ok(match joined {
                true => Meaning::Came(channel, spot),
                false => Meaning::Left(channel),
            });
        }
        if !self.observes.membership {
            return Ok(Meaning::Nothing);
        }
        let key = Key::of(&[
            if joined { "joined" } else { "left" },
            channel.as_str(),
            person.as_str(),
            // The number alone would begin anew with every connection.
            self.connection.as_ref().map_or("", ConnectionId::as_str),
            &event.seq.to_string(),
        ]);
        let what = Observed::Membership { person, joined };
        Ok(self.observed(key, channel, person, self.now, what))
    }

    fn invited(&self, event: &Envelope<'_>) -> Meant {
        let Some(channel) = event.broadcast.channel_id else {
            return Ok(Meaning::Elsewhere);
        };
        let invited: Invited = event.read()?;
        let both = invited.creator_id.zip(invited.teammate_id);
        let direct = both.and_then(|both| other(both, &self.me.id));
        Ok(Meaning::Came(channel, Spot { team: None, direct }))
    }

    fn left_team(&self, event: &Envelope<'_>) -> Meant {
        let member: Membership = event.read()?;
        let mine = member.user_id == Some(self.me.id);
        Ok(if mine {
            Meaning::Elsewhere
        } else {
            Meaning::Nothing
        })
    }

    fn observed(
        &self,
        key: Key,
        channel: ChannelId,
        by: UserId,
        at: Millis,
        what: Observed,
    ) -> Meaning {
        let spot = self.spot(channel);
        Meaning::Observed(Box::new(Event {
            key: Some(key),
            place: spot.place(channel),
            at,
            by: Some(Person {
                id: by,
                name: String::new(),
            }),
            channel: Some(channel),
            team: spot.team,
            root: None,
            body: Body::Observed(what),
        }))
    }

    fn spot(&self, channel: ChannelId) -> Spot {
        self.spots.get(&channel).copied().unwrap_or_default()
    }
}

fn changed<'a>(event: &Envelope<'a>) -> Result<(Cow<'a, str>, PostHead), serde_json::Error> {
    let changed: Changed<'a> = event.read()?;
    let head = PostHead::decode(&changed.post)?;
    Ok((changed.post, head))
}

/// The other person in a direct channel of this name.
fn partner(name: &str, me: &UserId) -> Option<UserId> {
    let (one, two) = name.split_once("__")?;
    other((UserId::parse(one).ok()?, UserId::parse(two).ok()?), me)
}

/// What a post of the bot's own means: those that the Poster didn't make have no row.
pub(super) fn own(post: &Post) -> Meaning {
    let (channel, at) = (post.channel_id, post.create_at);
    match row_of(&post.props) {
        None => Meaning::Passed(channel, at),
        Some(row) => Meaning::Echo(
            channel,
            Echo {
                row,
                post: post.id,
                at,
                version: version_of(&post.props),
            },
        ),
    }
}
