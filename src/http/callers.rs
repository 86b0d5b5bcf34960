use std::sync::{Arc, PoisonError, RwLock};

use crate::model::ids::{Millis, UserId};
use crate::trust::{Tokens, TriggerError, TriggerKey, verify_trigger};

/// The server's key for trigger signatures, as it was last read. Cheap to clone; shared with who
/// reads it again.
#[derive(Clone, Debug, Default)]
pub struct Keys(Arc<RwLock<Option<TriggerKey>>>);

impl Keys {
    /// The key, where it is known.
    pub fn get(&self) -> Option<TriggerKey> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A key was read from the server.
    pub fn set(&self, key: Option<TriggerKey>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = key;
    }
}

/// Who may call.
#[derive(Clone)]
pub struct Callers {
    /// Tokens of slash commands.
    pub slash: Tokens,
    /// Tokens of outgoing webhooks.
    pub outgoing: Tokens,
    /// The key of trigger signatures; `None` where they are not checked.
    pub keys: Option<Keys>,
}

/// Why somebody may not call. They get 401 and an empty body; this is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stranger {
    #[error("the token is not known, or belongs to another command")]
    Token,
    #[error("its trigger: {0}; if clocks differ by more than a minute, set them right")]
    Trigger(TriggerError),
    #[error("its envelope: {0}")]
    Envelope(crate::trust::EnvelopeError),
    #[error("it comes from another place than its envelope")]
    Place,
    #[error("it comes from another person than its envelope")]
    Person,
}

impl Stranger {
    /// The label of the counter.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Trigger(_) => "signature",
            Self::Envelope(_) => "envelope",
            Self::Place => "place",
            Self::Person => "person",
        }
    }
}

impl Callers {
    /// A slash command: a known token where there are any, and a good signature where the server
    /// has a key, so that a stolen token doesn't let anybody speak for another.
    pub(super) fn slash(
        &self,
        trigger: &str,
        tokens: [&str; 2],
        trigger_id: &str,
        user: &UserId,
        now: Millis,
    ) -> Result<(), Stranger> {
        if !self.slash.is_empty() && !tokens.iter().any(|token| self.slash.allows(trigger, token)) {
            return Err(Stranger::Token);
        }
        self.person(trigger_id, user, now)
    }

    /// An outgoing webhook: it has a token only.
    pub(super) fn outgoing(&self, token: &str) -> Result<(), Stranger> {
        if self.outgoing.is_empty() || self.outgoing.knows(token) {
            return Ok(());
        }
        Err(Stranger::Token)
    }

    /// The trigger's signature proves the person and the time, where the server has a key.
    pub(super) fn person(
        &self,
        trigger_id: &str,
        user: &UserId,
        now: Millis,
    ) -> Result<(), Stranger> {
        let Some(key) = self.keys.as_ref().and_then(Keys::get) else {
            return Ok(());
        };
        verify_trigger(Some(&key), trigger_id, user, now)
            .map(drop)
            .map_err(Stranger::Trigger)
    }
}
