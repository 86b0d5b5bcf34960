use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CardContent, Opening, Slot, Version};

/// What goes back in the HTTP reply to Mattermost, once the turn is committed.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The turn is done.
    Done {
        /// What only this person sees.
        whisper: Option<String>,
        /// What this person must see after a click: a message box, or else a whisper.
        alert: Option<String>,
        /// What everybody sees, where the bot can't post it itself.
        inline: Option<Box<Inline>>,
        /// A dialog to open first.
        opening: Option<Box<Opening>>,
        /// The card that a click changed: shown inline if nobody else is writing it.
        card: Option<(Slot, Version)>,
    },
    /// A dialog stays open, with these errors at its fields.
    Fields {
        /// Element's name → what is wrong.
        errors: BTreeMap<String, String>,
        /// What is wrong with all of it.
        error: Option<String>,
    },
    /// Nothing was done; the sentence says why.
    Refused(String),
}

/// A post or card that goes out as the person's own, in answer to their slash command, or as an
/// outgoing webhook's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    /// Whose card it is; `None` for plain text.
    pub slot: Option<Slot>,
    /// What everybody sees.
    pub card: CardContent,
}

impl Answer {
    /// What isn't done, and why; `None` where the turn is done.
    pub fn complaint(&self) -> Option<String> {
        match self {
            Self::Done { .. } => None,
            Self::Refused(text) => Some(text.clone()),
            Self::Fields { errors, error } => {
                let fields = errors.iter().map(|(name, text)| format!("{name}: {text}"));
                let lines: Vec<_> = error.iter().cloned().chain(fields).collect();
                Some(lines.join("\n"))
            }
        }
    }

    /// Done, with nothing to see.
    pub fn silent() -> Self {
        Self::Done {
            whisper: None,
            alert: None,
            inline: None,
            opening: None,
            card: None,
        }
    }

    /// Done, and only this person sees it.
    pub fn whisper(text: impl Into<String>) -> Self {
        Self::Done {
            whisper: Some(text.into()),
            alert: None,
            inline: None,
            opening: None,
            card: None,
        }
    }
}
