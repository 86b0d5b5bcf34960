use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::words::split;
use super::{Failure, Word, words};
use crate::event::{Observed, Person, Place, TriggerId};
use crate::model::ids::{ChannelId, Millis, PostId, UserId};
use crate::sentences::outdated;

/// The right to open a dialog on a person's screen, for 30 s. It comes with a slash command or a
/// click, can be used once, and can't be kept in a state.
#[derive(Debug)]
pub struct Ticket(pub(crate) TriggerId);

/// A slash command, as its handler gets it.
pub struct Slash {
    /// Who typed it.
    pub by: Person,
    /// All after the trigger, trimmed.
    pub text: String,
    /// The channel it was typed in, whether or not the bot is in it.
    pub channel: ChannelId,
    /// The thread it was typed in.
    pub root: Option<PostId>,
    /// People that the text mentions: name → id.
    pub people: BTreeMap<String, UserId>,
    /// Channels that the text mentions: name → id.
    pub channels: BTreeMap<String, ChannelId>,
    /// Whether that channel is a direct or group message: nobody administrates one.
    pub conversation: bool,
    /// Lets a dialog be opened, for 30 s.
    pub ticket: Ticket,
}

impl Slash {
    /// The text's words; `"…"` holds several together. A missing quotation mark is told to the person.
    pub fn words(&self) -> Result<Vec<String>, Failure> {
        words(&self.text)
    }

    /// As [`Slash::words`], and which of them stood in quotation marks.
    pub fn split(&self) -> Result<Vec<Word>, Failure> {
        split(&self.text)
    }
}

/// A press of a button, or a choice from a menu.
pub struct Click<B> {
    /// Who pressed. Everybody who can read a post can press its buttons.
    pub by: Person,
    /// What was pressed.
    pub button: B,
    /// What was chosen, for menus: one of what was offered, a user's or a channel's id.
    pub choice: Option<String>,
    /// The post; `None` on ephemeral ones.
    pub post: Option<PostId>,
    /// The channel.
    pub channel: ChannelId,
    /// Lets a dialog be opened, for 30 s.
    pub ticket: Ticket,
}

/// A dialog that came back with values.
pub struct Submission<F> {
    /// Who filled it in.
    pub by: Person,
    /// What was filled in, decoded into the skill's own struct; elements left empty are missing.
    pub values: F,
    /// The channel it was opened in.
    pub channel: ChannelId,
}

impl<F: DeserializeOwned> Submission<F> {
    pub(crate) fn read(
        by: Person,
        channel: ChannelId,
        values: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, Failure> {
        let values =
            serde_json::from_value(serde_json::Value::Object(values.clone())).map_err(|e| {
                tracing::info!(error = %e, "dialog values don't fit");
                Failure::Fields {
                    errors: BTreeMap::new(),
                    error: Some(outdated::UNREADABLE.to_owned()),
                }
            })?;
        Ok(Self {
            by,
            values,
            channel,
        })
    }
}

/// A post by a person.
#[derive(Clone, Debug)]
pub struct Post {
    /// Who wrote it.
    pub by: Person,
    /// What it says, with a leading mention of the bot taken off.
    pub text: String,
    /// Its id.
    pub id: PostId,
    /// The channel.
    pub channel: ChannelId,
    /// The thread it is in.
    pub root: Option<PostId>,
    /// Mattermost's time.
    pub at: Millis,
    /// Whether it speaks to the bot: in the direct channel, or with a mention in front.
    pub addressed: bool,
    /// Ids of the files that are attached to it.
    pub files: Vec<String>,
}

/// Something else that a skill asked to observe.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Who did it, where the wire says.
    pub by: Option<Person>,
    /// The channel.
    pub channel: ChannelId,
    /// What was done.
    pub what: Observed,
}

/// What work gets beside its input.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The same at every try: for the other side's idempotency key.
    pub key: String,
    /// How often it was tried before.
    pub attempt: u32,
}

/// Something that a slot wanted posted and that never can be: what [`Skill::undelivered`](super::Skill::undelivered) makes the
/// slot's signal of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Where it was to be posted: `Place::Direct` is a person who can't be written to.
    pub to: Place,
    /// What it says; empty for a card.
    pub text: String,
    /// Why it can't be posted, in Mattermost's words or ours: for the log.
    pub reason: String,
}
