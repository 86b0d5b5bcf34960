use crate::actors::card_format::{row_of, version_of};
use crate::actors::messages::{Echo, Edited};
use crate::event::Event;
use crate::model::ids::{ChannelId, Millis, PostId, UserId};
use crate::model::post::Post;
use crate::model::socket::EventName;
use crate::skill::Catalog;
use crate::turns::Spot;

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
            | EventName::UserUpdated
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
    /// Somebody has another name, time zone and the like, or was deactivated.
    Changed(UserId),
    /// The bot's channels may be others now.
    Elsewhere,
    /// Nothing that matters.
    Nothing,
}

/// What skills observe.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Observes {
    pub edited: bool,
    pub deleted: bool,
    pub reacted: bool,
    pub membership: bool,
    /// What other bots and webhooks post.
    pub bots: bool,
}

impl Observes {
    pub fn of(catalog: &Catalog) -> Self {
        Self {
            edited: catalog.observes("edited"),
            deleted: catalog.observes("deleted"),
            reacted: catalog.observes("reacted"),
            membership: catalog.observes("membership"),
            bots: catalog.hears_bots(),
        }
    }
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
                channel,
                at,
                version: version_of(&post.props),
            },
        ),
    }
}
