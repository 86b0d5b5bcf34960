use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{EventId, Inline, Opening, Place, Slot, TriggerId};
use crate::model::ids::{ChannelId, Millis, PostId, UserId};

/// Names an outbox row or a job. 26 characters that sort by age; the post carries it as a prop and
/// in its `pending_post_id`, so that the post can be found again after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(String);

const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl RowId {
    /// From a time, a counter that grows within one process, and random bits.
    pub fn new(now: Millis, counter: u32, random: u64) -> Self {
        let high = (now.0.max(0) as u128) << 80;
        let middle = u128::from(counter) << 48;
        let low = u128::from(random & 0xffff_ffff_ffff);
        let mut bits = high | middle | low;
        let mut text = [0u8; 26];
        for letter in text.iter_mut().rev() {
            *letter = LETTERS[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(text.iter().map(|&b| char::from(b)).collect())
    }

    /// As it is stored and as the post's prop carries it. Anything is taken: a wrong one finds no row.
    pub fn read(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// When it was made; `None` for one that [`RowId::new`] didn't make.
    pub fn made(&self) -> Option<Millis> {
        let letters = self.0.as_bytes().get(..10)?;
        let mut digits = letters.iter().map(|letter| {
            let digit = LETTERS.iter().position(|one| one == letter)?;
            i64::try_from(digit).ok()
        });
        digits
            .try_fold(0, |time: i64, digit| Some(time << 5 | digit?))
            .map(Millis)
    }

    /// What leaves right after this row, because of it.
    pub fn next(&self) -> Self {
        Self(format!("{}-", self.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where posts leave one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// A channel.
    Channel(ChannelId),
    /// The bot's direct channel with this person, opened when it is first needed.
    Direct(UserId),
}

impl Lane {
    /// Where posts of a place go; a desk has no channel.
    pub fn of(place: &Place) -> Option<Self> {
        match place {
            Place::Channel(channel) => Some(Self::Channel(*channel)),
            Place::Direct(user) => Some(Self::Direct(*user)),
            Place::Desk(_) => None,
        }
    }

    /// The place whose posts go here.
    pub fn place(&self) -> Place {
        match self {
            Self::Channel(channel) => Place::Channel(*channel),
            Self::Direct(user) => Place::Direct(*user),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_then_counter() {
        let early = RowId::new(Millis(1_000), 9, u64::MAX);
        let late = RowId::new(Millis(1_001), 0, 0);
        let later = RowId::new(Millis(1_001), 1, 0);
        assert!(early < late && late < later);
        assert_eq!(later.as_str().len(), 26);
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let id = RowId::new(Millis(1_772_000_037_919), 7, 42);
        assert_eq!(id.made(), Some(Millis(1_772_000_037_919)));
        assert_eq!(RowId::read("row").made(), None);
        assert_eq!(RowId::read("!!!!!!!!!!!!").made(), None);
    }
}
