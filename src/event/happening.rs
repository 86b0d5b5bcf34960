use std::collections::BTreeMap;

use serde_json::Value;

use super::{EventId, JobId, Key, Place, Slot, TriggerId};
use crate::model::ids::{ChannelId, Millis, PostId, TeamId, UserId};

/// Anything that arrives, or that the program itself brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What makes it one event; `None` where its job's row does that.
    pub key: Option<Key>,
    /// Where it is handled, one after the other.
    pub place: Place,
    /// When it happened: Mattermost's time for posts, ours for the rest.
    pub at: Millis,
    /// Whose doing; `None` for what the program brings.
    pub by: Option<Person>,
    /// The channel as the wire names it; `None` for what the program brings.
    pub channel: Option<ChannelId>,
    /// The team as the wire names it; `None` in direct and group channels.
    pub team: Option<TeamId>,
    /// The thread it happened in: the root post's id.
    pub root: Option<PostId>,
    /// What happened.
    pub body: Body,
}

/// A person as an event names them.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Person {
    /// The id.
    pub id: UserId,
    /// The name without `@`; empty where the wire doesn't say.
    pub name: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Somebody typed a slash command.
    Slash(SlashBody),
    /// Somebody pressed a button or chose from a menu.
    Click(ClickBody),
    /// Somebody submitted or cancelled a dialog.
    Dialog(DialogBody),
    /// Somebody posted; over the WebSocket, found by catching up, or by an outgoing webhook.
    Post(PostBody),
    /// Something else happened that a skill asked for.
    Observed(Observed),
    /// A timer, mail or the result of work has come for a slot.
    Signal {
        /// Whom it is for.
        slot: Slot,
        /// Its row.
        job: JobId,
        /// The slot's `Signal`, as JSON.
        payload: String,
        /// How often its turn failed before.
        attempts: u32,
        /// The person whose doing it goes back to.
        cause: Option<UserId>,
    },
}

impl Event {
    /// Names it in the log, from door to post.
    pub fn id(&self) -> EventId {
        match (&self.key, &self.body) {
            (Some(key), _) => key.into(),
            (None, Body::Signal { job, .. }) => job.into(),
            (None, _) => EventId::none(),
        }
    }

    /// The person whose doing it is, or goes back to where the program brings it.
    pub fn cause(&self) -> Option<UserId> {
        match &self.body {
            Body::Signal { cause, .. } => *cause,
            _ => self.by.as_ref().map(|by| by.id),
        }
    }
}

/// A slash command.
#[derive(Clone, Debug, PartialEq)]
pub struct SlashBody {
    /// Without the slash, lower case.
    pub trigger: String,
    /// All after it, trimmed.
    pub text: String,
    /// People that the text mentions: name → id.
    pub people: BTreeMap<String, UserId>,
    /// Channels that the text mentions: name → id.
    pub channels: BTreeMap<String, ChannelId>,
    /// Whether it was typed in a direct or group message.
    pub conversation: bool,
    /// For 30 s it lets a dialog be opened.
    pub trigger_id: TriggerId,
    /// Where late answers may go, 5 times in 30 minutes.
    pub response_url: Option<String>,
}

/// A press of a button, or a choice from a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct ClickBody {
    /// Whose card; from the envelope.
    pub slot: Slot,
    /// The skill's button value; from the envelope.
    pub button: Value,
    /// What was chosen, for menus; checked against what was offered.
    pub choice: Option<String>,
    /// The post that carries the button; `None` on ephemeral posts.
    pub post: Option<PostId>,
    /// For 30 s it lets a dialog be opened.
    pub trigger_id: TriggerId,
}

/// A dialog that came back.
#[derive(Clone, Debug, PartialEq)]
pub struct DialogBody {
    /// Who opened it; from the envelope.
    pub slot: Slot,
    /// Which of the skill's dialogs; from the envelope.
    pub form: String,
    /// The element's name → its value; what was left empty is missing.
    pub values: serde_json::Map<String, Value>,
    /// Closed without submitting.
    pub cancelled: bool,
}

/// A post by a person, or by a bot or webhook where a skill asks for those.
#[derive(Clone, Debug, PartialEq)]
pub struct PostBody {
    /// Its id.
    pub post: PostId,
    /// What it says, with a leading mention of the bot taken off.
    pub text: String,
    /// Whether it speaks to the bot: in the direct channel, or with a mention in front.
    pub addressed: bool,
    /// Whether it mentions the bot anywhere but in code.
    pub mentions: bool,
    /// Ids of attached files.
    pub files: Vec<String>,
    /// Whether it came by an outgoing webhook.
    pub hooked: bool,
    /// Whether a bot or a webhook wrote it.
    pub by_bot: bool,
}

/// What a skill may ask to observe.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// A post was edited.
    Edited {
        /// Which post.
        post: PostId,
        /// What it says now.
        text: String,
    },
    /// A post was deleted.
    Deleted {
        /// Which post.
        post: PostId,
    },
    /// A reaction came or went.
    Reacted {
        /// To which post.
        post: PostId,
        /// The emoji's name without colons.
        emoji: String,
        /// Came, or went.
        added: bool,
    },
    /// Somebody joined or left the channel.
    Membership {
        /// Who.
        person: UserId,
        /// Joined, or left.
        joined: bool,
    },
}

impl Observed {
    /// `edited`, `deleted`, `reacted` or `membership`: what skills ask for.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Edited { .. } => "edited",
            Self::Deleted { .. } => "deleted",
            Self::Reacted { .. } => "reacted",
            Self::Membership { .. } => "membership",
        }
    }
}

impl Body {
    /// Whether it is a dialog that was closed without submitting.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Dialog(dialog) if dialog.cancelled)
    }

    /// `slash`, `click`, `dialog`, `post`, … for logs and counters.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Slash(_) => "slash",
            Self::Click(_) => "click",
            Self::Dialog(_) => "dialog",
            Self::Post(_) => "post",
            Self::Observed(observed) => observed.kind(),
            Self::Signal { .. } => "signal",
        }
    }
}
