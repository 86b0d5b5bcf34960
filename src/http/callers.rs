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

    /// A key was read from the server. There is no way to forget one: a configuration that comes
    /// without it for once must not open the doors.
    pub fn learn(&self, key: TriggerKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }
}

/// What is made of the server's signature in a trigger id.
#[derive(Clone, Debug)]
pub enum Signatures {
    /// It is never checked.
    Ignored,
    /// It is checked where the key is known.
    Checked(Keys),
    /// Without a valid one nobody comes in, also where the key isn't known.
    Required(Keys),
}

/// Who may call.
#[derive(Clone)]
pub struct Callers {
    slash: Tokens,
    outgoing: Tokens,
    signatures: Signatures,
    /// There was nothing to check when the doors opened, and the settings allow that.
    open: bool,
}

/// What is proved of a slash command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// All of it: it came from Mattermost, or nothing at all can be checked.
    Call,
    /// Who calls and when. All else may be made up.
    Person,
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
    #[error("it names a place that its caller isn't in")]
    Absent,
}

impl Stranger {
    /// The label of the counter.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Trigger(_) => "signature",
            Self::Envelope(_) => "envelope",
            Self::Place | Self::Absent => "place",
            Self::Person => "person",
        }
    }
}

impl Callers {
    /// Lets these in. Whether all are taken, because nothing can be checked, is decided here once,
    /// from what is known by now: what becomes unknown later makes nobody known.
    pub fn new(slash: Tokens, outgoing: Tokens, signatures: Signatures) -> Self {
        let nothing = match &signatures {
            Signatures::Ignored => true,
            Signatures::Checked(keys) => keys.get().is_none(),
            Signatures::Required(_) => false,
        };
        Self {
            open: nothing && slash.is_empty() && outgoing.is_empty(),
            slash,
            outgoing,
            signatures,
        }
    }

    /// A slash command: a known token where there are any for it, and a good signature where the server
    /// has a key, so that a stolen token doesn't let anybody speak for another. With neither it is
    /// taken only where nothing at all can be checked, which the settings must allow. A signature alone
    /// proves the person alone.
    pub(super) fn slash(
        &self,
        trigger: &str,
        tokens: [&str; 2],
        trigger_id: &str,
        user: &UserId,
        now: Millis,
    ) -> Result<Proof, Stranger> {
        let known = tokens.iter().any(|token| self.slash.allows(trigger, token));
        let by_signature = !self.slash.speaks_for(trigger) && self.wants_signature();
        if !known && !by_signature && !self.takes_all() {
            return Err(Stranger::Token);
        }
        self.person(trigger_id, user, now)?;
        Ok(match known || self.takes_all() {
            true => Proof::Call,
            false => Proof::Person,
        })
    }

    /// Whether this command is taken by its signature alone.
    pub fn only_signed(&self, trigger: &str) -> bool {
        self.wants_signature() && !self.slash.speaks_for(trigger)
    }

    /// An outgoing webhook: it has a token only, so that where anything is checked a known one
    /// is wanted.
    pub(super) fn outgoing(&self, token: &str) -> Result<(), Stranger> {
        if self.outgoing.knows(token) || self.takes_all() {
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
        if !self.wants_signature() {
            return Ok(());
        }
        verify_trigger(self.key().as_ref(), trigger_id, user, now)
            .map(drop)
            .map_err(Stranger::Trigger)
    }

    /// Whether Mattermost's signature is checked.
    pub fn checks_signatures(&self) -> bool {
        self.wants_signature()
    }

    fn key(&self) -> Option<TriggerKey> {
        match &self.signatures {
            Signatures::Ignored => None,
            Signatures::Checked(keys) | Signatures::Required(keys) => keys.get(),
        }
    }

    fn wants_signature(&self) -> bool {
        matches!(self.signatures, Signatures::Required(_)) || self.key().is_some()
    }

    /// There was neither a token nor a key, and no key has come since: see
    /// [`Settings::check_callers`](crate::settings::Settings::check_callers).
    fn takes_all(&self) -> bool {
        self.open && self.key().is_none()
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
        Callers::new(tokens(slash), tokens(outgoing), Signatures::Ignored)
    }

    fn slash(callers: &Callers, token: &str) -> bool {
        let user = UserId::from_bytes([1; 16]);
        callers
            .slash("poll", ["", token], "", &user, Millis(0))
            .is_ok()
    }

    fn key() -> TriggerKey {
        let fixture = include_str!("../../tests/fixtures/trust/triggers.json");
        let fixture: serde_json::Value = serde_json::from_str(fixture).unwrap();
        TriggerKey::parse(fixture[0]["public_key"].as_str().unwrap()).unwrap()
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
        let keys = Keys::default();
        keys.learn(key());
        let callers = Callers::new(tokens(""), tokens(""), Signatures::Checked(keys));
        assert!(callers.outgoing("").is_err() && callers.outgoing("guessed").is_err());
        assert!(
            !slash(&callers, ""),
            "and a slash command needs to be signed"
        );
    }

    #[test]
    fn a_command_without_a_token_of_its_own_is_taken_by_its_signature() {
        let keys = Keys::default();
        keys.learn(key());
        let mut bound = Tokens::default();
        bound.add(Some("poll"), "p".to_owned().into());
        let callers = Callers::new(bound, tokens(""), Signatures::Checked(keys));
        let user = UserId::from_bytes([1; 16]);
        let unsigned = |trigger| callers.slash(trigger, ["", "x"], "", &user, Millis(0));
        assert!(matches!(unsigned("poll"), Err(Stranger::Token)));
        assert!(matches!(unsigned("standup"), Err(Stranger::Trigger(_))));
    }

    #[test]
    fn where_nothing_can_be_checked_all_are_taken_for_the_settings_allow_it() {
        let unchecked = Signatures::Checked(Keys::default());
        for callers in [
            callers("", ""),
            Callers::new(tokens(""), tokens(""), unchecked),
        ] {
            assert!(slash(&callers, "") && callers.outgoing("").is_ok());
        }
    }

    #[test]
    fn doors_that_began_open_shut_when_the_server_has_a_key() {
        let keys = Keys::default();
        let callers = Callers::new(tokens(""), tokens(""), Signatures::Checked(keys.clone()));
        keys.learn(key());
        assert!(!slash(&callers, "") && callers.outgoing("").is_err());
    }

    #[test]
    fn where_signatures_are_required_a_key_that_is_not_known_lets_nobody_in() {
        let required = || Signatures::Required(Keys::default());
        let without_tokens = Callers::new(tokens(""), tokens(""), required());
        assert!(!slash(&without_tokens, "") && without_tokens.outgoing("").is_err());
        let with_tokens = Callers::new(tokens("s"), tokens("o"), required());
        assert!(!slash(&with_tokens, "s"), "a token alone is not enough");
        assert!(with_tokens.outgoing("o").is_ok(), "which carry no trigger");
        let user = UserId::from_bytes([1; 16]);
        let click = with_tokens.person("", &user, Millis(0));
        assert_eq!(click, Err(Stranger::Trigger(TriggerError::NoKey)));
    }
}
