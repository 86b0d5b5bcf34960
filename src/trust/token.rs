//! Shared secrets that Mattermost sends along with slash commands and outgoing webhooks.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};

/// A set of known tokens.
///
/// A token may be bound to a trigger, and is then accepted for that trigger alone; an unbound one
/// is accepted for every trigger. Comparison looks at all tokens, so that its time tells nothing
/// about which one was nearly right.
#[derive(Clone, Default)]
pub struct Tokens(Vec<Known>);

#[derive(Clone)]
struct Known {
    trigger: Option<String>,
    token: SecretString,
}

/// Why a list of tokens can't be used. Names the entry by its place, never by its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// `poll=` without a token after it.
    #[error("entry {0} of the list of tokens has no token")]
    Empty(usize),
    /// What stands before `=` can't be the trigger of a slash command.
    #[error("entry {0} of the list of tokens is bound to something that is not a trigger")]
    BadTrigger(usize),
}

impl Tokens {
    /// Reads a list such as `token,poll=token`, separated by commas or white space. An empty list
    /// knows no token and lets nobody in.
    pub fn parse(list: &SecretString) -> Result<Self, TokenError> {
        let entries = list
            .expose_secret()
            .split([',', ' ', '\t', '\r', '\n'])
            .filter(|e| !e.is_empty());
        entries
            .enumerate()
            .map(|(i, entry)| Known::parse(i + 1, entry))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Adds a token: for one trigger (without its slash), or for all.
    pub fn add(&mut self, trigger: Option<&str>, token: SecretString) {
        self.0.push(Known {
            trigger: trigger.map(str::to_lowercase),
            token,
        });
    }

    /// Whether no token is known, so that nobody can be let in by one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many tokens are known.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a token is known that lets this slash command in, so that one is wanted of it.
    pub fn speaks_for(&self, trigger: &str) -> bool {
        let trigger = trigger.strip_prefix('/').unwrap_or(trigger);
        self.any(|known| known.is_for(trigger))
    }

    /// Whether `token` is one of them, whatever it is bound to: for outgoing webhooks, whose words
    /// are no commands.
    pub fn knows(&self, token: &str) -> bool {
        self.any(|known| known.is(token))
    }

    /// Whether `token` lets the slash command `trigger` in. The trigger may have its slash
    /// (`/poll`), and its case does not matter: Mattermost sends it in lower case.
    pub fn allows(&self, trigger: &str, token: &str) -> bool {
        let trigger = trigger.strip_prefix('/').unwrap_or(trigger);
        self.any(|known| known.is(token) & known.is_for(trigger))
    }

    fn any(&self, test: impl Fn(&Known) -> Choice) -> bool {
        self.0
            .iter()
            .fold(Choice::from(0), |found, known| found | test(known))
            .into()
    }
}

impl Known {
    fn parse(place: usize, entry: &str) -> Result<Self, TokenError> {
        let (trigger, token) = match entry.split_once('=') {
            None => (None, entry),
            Some((trigger, token)) => (Some(trigger.strip_prefix('/').unwrap_or(trigger)), token),
        };
        if trigger.is_some_and(|t| !is_trigger(t)) {
            return Err(TokenError::BadTrigger(place));
        }
        if token.is_empty() {
            return Err(TokenError::Empty(place));
        }
        Ok(Self {
            trigger: trigger.map(str::to_lowercase),
            token: token.into(),
        })
    }

    fn is(&self, token: &str) -> Choice {
        self.token
            .expose_secret()
            .as_bytes()
            .ct_eq(token.as_bytes())
    }

    fn is_for(&self, trigger: &str) -> Choice {
        let fits = self
            .trigger
            .as_ref()
            .is_none_or(|mine| mine.eq_ignore_ascii_case(trigger));
        Choice::from(u8::from(fits))
    }
}

/// What Mattermost lets a command be called (protocol: 1–128 of `[A-Za-z0-9_./-]`).
fn is_trigger(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_./-".contains(&b))
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} known)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(list: &str) -> Tokens {
        Tokens::parse(&list.into()).unwrap()
    }

    #[test]
    fn a_known_token_is_accepted_for_every_trigger_and_another_one_for_none() {
        let known = tokens("aaaa, bbbb\ncccc");
        assert_eq!(known.len(), 3);
        for token in ["aaaa", "bbbb", "cccc"] {
            assert!(known.knows(token) && known.allows("/poll", token));
        }
        for token in ["", "aaa", "aaaaa", "aaaA", "aaaa,", "aaaa, bbbb"] {
            assert!(
                !known.knows(token) && !known.allows("/poll", token),
                "{token:?}"
            );
        }
    }

    #[test]
    fn a_bound_token_opens_its_own_trigger_alone() {
        let known = tokens("poll=aaaa,/Standup=bbbb,cccc");
        let cases = [
            ("/poll", "aaaa", true),
            ("/POLL", "aaaa", true),
            ("poll", "aaaa", true),
            ("/standup", "aaaa", false),
            ("/polls", "aaaa", false),
            ("", "aaaa", false),
            ("/standup", "bbbb", true),
            ("/poll", "bbbb", false),
            ("/poll", "cccc", true),
            ("/poll", "poll=aaaa", false),
        ];
        for (trigger, token, allowed) in cases {
            assert_eq!(known.allows(trigger, token), allowed, "{trigger} {token}");
        }
    }

    #[test]
    fn one_trigger_may_have_several_tokens_as_each_team_has_its_own_command() {
        let known = tokens("poll=aaaa,poll=bbbb");
        assert!(known.allows("/poll", "aaaa") && known.allows("/poll", "bbbb"));
    }

    #[test]
    fn an_empty_list_lets_nobody_in() {
        let none = tokens(" , ");
        assert!(none.is_empty() && !none.knows("") && !none.allows("/poll", ""));
    }

    #[test]
    fn a_broken_list_is_refused_by_place_and_nothing_prints_a_token() {
        let broken = |list: &str| Tokens::parse(&list.into()).unwrap_err();
        assert_eq!(broken("aaaa,poll="), TokenError::Empty(2));
        assert_eq!(broken("=secret"), TokenError::BadTrigger(1));
        assert_eq!(broken("pöll=secret"), TokenError::BadTrigger(1));
        assert!(!broken("po!ll=secret").to_string().contains("secret"));
        assert!(!format!("{:?}", tokens("poll=secret,secret")).contains("secret"));
    }
}
