use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{EventId, Inline, Lane, Opening, RowId, Slot, TriggerId};
use crate::model::ids::{Millis, PostId, UserId};

/// A post before it is posted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Markdown, as long as the server allows.
    pub text: String,
    /// The thread to answer in; always a root post's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<PostId>,
    /// Further props, such as `attachments`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub props: Map<String, Value>,
}

/// Something that must leave; a row in the store until Mattermost has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which row; also the order within its lane.
    pub id: RowId,
    /// Where it goes.
    pub lane: Lane,
    /// What goes.
    pub kind: RowKind,
    /// When the turn committed; a read-back looks for the post from here on.
    pub created: Millis,
    /// Who is told when it can't be posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blame: Option<Blame>,
    /// Whose turn wanted it posted; for cards that is in `kind`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Slot>,
    /// What it came of, for the log alone: it isn't stored, so that only the process that made the row knows.
    #[serde(skip)]
    pub event: Option<EventId>,
}

impl Row {
    /// The slot that is told when it can never be posted.
    pub fn sender(&self) -> Option<&Slot> {
        match &self.kind {
            RowKind::Card(slot) => Some(slot),
            _ => self.from.as_ref(),
        }
    }
}

/// Who is told when a row can't be posted, and by which way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blame {
    /// The person whose doing it was, or whom it concerns.
    pub person: UserId,
    /// Their slash command's `response_url`, which needs no membership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_url: Option<String>,
    /// What it is, as a sentence about it begins, such as `The sum-up of the standup in **Dev**`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
}

/// What leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// A post, exactly once.
    Post(Draft),
    /// The first post of this slot's card, exactly once, as the card is when it leaves.
    Card(Slot),
    /// A post of the bot's goes, with its thread, because somebody wants it so.
    Withdrawal(PostId),
    /// What only one person sees, at most once, because the answer to their request was gone:
    /// in a window where their trigger still allows it, by `response_url` where there is one, else in a
    /// direct message.
    Whisper {
        /// What they read.
        text: String,
        /// Their slash command's `response_url`.
        response_url: Option<String>,
        /// What opens instead. It isn't stored, for its trigger dies in 30 s: who finds the row later says
        /// the text.
        #[serde(skip)]
        window: Option<Window>,
    },
    /// A card's former post is taken away, for the card was posted anew.
    Delete(PostId),
    /// What everybody sees in a channel that the bot can't post in, at most once, by the
    /// `response_url` of a slash command whose answer was gone.
    Response {
        /// The `response_url`.
        url: String,
        /// What they see.
        inline: Inline,
    },
}

/// What opens on a person's screen, as long as their trigger lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// A message box with the text.
    Message(TriggerId),
    /// A form that a turn wanted; the text says that it couldn't be opened.
    Form(Box<Opening>),
}

impl RowKind {
    /// `post`, `card`, `whisper`, `delete` or `withdrawal`, for counters.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Post(_) | Self::Response { .. } => "post",
            Self::Card(_) => "card",
            Self::Withdrawal(_) => "withdrawal",
            Self::Whisper { .. } => "whisper",
            Self::Delete(_) => "delete",
        }
    }
}
