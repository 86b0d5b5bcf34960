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
    /// has a key, so that a stolen token doesn't let anybody speak for another. With neither it is
    /// taken only where nothing at all can be checked, which the settings must allow.
    pub(super) fn slash(
        &self,
        trigger: &str,
        tokens: [&str; 2],
        trigger_id: &str,
        user: &UserId,
        now: Millis,
    ) -> Result<(), Stranger> {
        let known = tokens.iter().any(|token| self.slash.allows(trigger, token));
        let unchecked =
            self.slash.is_empty() && (self.key().is_some() || self.nothing_is_checked());
        if !known && !unchecked {
            return Err(Stranger::Token);
        }
        self.person(trigger_id, user, now)
    }

    /// An outgoing webhook: it has a token only, so that where anything is checked a known one
    /// is wanted.
    pub(super) fn outgoing(&self, token: &str) -> Result<(), Stranger> {
        if self.outgoing.knows(token) || self.nothing_is_checked() {
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
        let Some(key) = self.key() else {
            return Ok(());
        };
        verify_trigger(Some(&key), trigger_id, user, now)
            .map(drop)
            .map_err(Stranger::Trigger)
    }

    fn key(&self) -> Option<TriggerKey> {
        self.keys.as_ref().and_then(Keys::get)
    }

    /// There is neither a token nor a key: see [`Settings::check_callers`](crate::settings::Settings::check_callers).
    fn nothing_is_checked(&self) -> bool {
        self.slash.is_empty() && self.outgoing.is_empty() && self.key().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(token: &str) -> Tokens {
        let mut tokens = Tokens::default();
        if !token.is_empty() {
            tokens.add(None, token.to_owned().into());
        }
        tokens
    }

    fn callers(slash: &str, outgoing: &str) -> Callers {
        let (slash, outgoing) = (tokens(slash), tokens(outgoing));
        Callers {
            slash,
            outgoing,
            keys: None,
        }
    }

    fn slash(callers: &Callers, token: &str) -> bool {
        let user = UserId::from_bytes([1; 16]);
        callers
            .slash("poll", ["", token], "", &user, Millis(0))
            .is_ok()
    }

    #[test]
    fn a_door_without_a_token_of_its_own_is_shut_where_anything_is_checked() {
        let only_slash = callers("s", "");
        assert!(slash(&only_slash, "s") && !slash(&only_slash, "o"));
        assert!(only_slash.outgoing("s").is_err() && only_slash.outgoing("").is_err());
        let only_outgoing = callers("", "o");
        assert!(only_outgoing.outgoing("o").is_ok() && only_outgoing.outgoing("").is_err());
        assert!(!slash(&only_outgoing, "o") && !slash(&only_outgoing, ""));
    }

    #[test]
    fn a_servers_key_alone_proves_nothing_of_an_outgoing_webhook() {
        let fixture = include_str!("../../tests/fixtures/trust/triggers.json");
        let fixture: serde_json::Value = serde_json::from_str(fixture).unwrap();
        let keys = Keys::default();
        keys.set(Some(
            TriggerKey::parse(fixture[0]["public_key"].as_str().unwrap()).unwrap(),
        ));
        let callers = Callers {
            keys: Some(keys),
            ..callers("", "")
        };
        assert!(callers.outgoing("").is_err() && callers.outgoing("guessed").is_err());
    }

    #[test]
    fn where_nothing_can_be_checked_all_are_taken_for_the_settings_allow_it() {
        let callers = callers("", "");
        assert!(slash(&callers, "") && callers.outgoing("").is_ok());
    }
}
