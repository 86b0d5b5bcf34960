use serde::{Deserialize, Serialize};

use super::{JobId, Slot};
use crate::model::ids::{Millis, UserId};

/// Something that the program itself brings to a slot: a timer, mail, or the result of work.
///
/// A row in the store until the turn that takes it commits; that commit deletes the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Which row.
    pub id: JobId,
    /// Whom it is for.
    pub slot: Slot,
    /// What kind.
    pub kind: JobKind,
    /// Not before this time.
    pub due: Millis,
    /// The signal for the slot, or the input of the work, as JSON.
    pub payload: String,
    /// How often it was tried; work only.
    pub attempts: u32,
    /// The person whose doing it goes back to, who is told where what comes of it can't be posted.
    pub cause: Option<UserId>,
}

/// What kind of job it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// A timer of this name; a slot has one of a name at most.
    Timer(String),
    /// A tell from another slot.
    Mail,
    /// Slow work of this name, done outside of turns, at least once.
    Work(String),
}

impl JobKind {
    /// `timer`, `mail` or `work`, as it is stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Timer(_) => "timer",
            Self::Mail => "mail",
            Self::Work(_) => "work",
        }
    }

    /// The timer's or the work's name; empty for mail.
    pub fn name(&self) -> &str {
        match self {
            Self::Timer(name) | Self::Work(name) => name,
            Self::Mail => "",
        }
    }

    /// From what is stored.
    pub fn read(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "timer" => Some(Self::Timer(name.to_owned())),
            "mail" => Some(Self::Mail),
            "work" => Some(Self::Work(name.to_owned())),
            _ => None,
        }
    }
}
