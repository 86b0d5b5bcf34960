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
pub struct Tokens(Vec<AcceptedToken>);

#[derive(Clone)]
struct AcceptedToken {
    trigger: Option<String>,
    token: SecretString,
}

impl Tokens {
    /// Adds a token: for one trigger (without its slash), or for all.
    pub fn add(&mut self, trigger: Option<&str>, token: SecretString) {
        self.0.push(AcceptedToken {
            trigger: trigger.map(str::to_lowercase),
            token,
        });
    }

    /// Whether no token is known, so that nobody can be let in by one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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

    fn any(&self, test: impl Fn(&AcceptedToken) -> Choice) -> bool {
        self.0
            .iter()
            .fold(Choice::from(0), |found, known| found | test(known))
            .into()
    }
}

impl AcceptedToken {
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

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} known)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(list: &str) -> Tokens {
        let mut tokens = Tokens::default();
        for entry in list
            .split([',', ' ', '\n'])
            .filter(|entry| !entry.is_empty())
        {
            let (trigger, token) = match entry.split_once('=') {
                Some((trigger, token)) => (Some(trigger), token),
                None => (None, entry),
            };
            tokens.add(trigger, token.into());
        }
        tokens
    }

    #[test]
    fn a_known_token_is_accepted_for_every_trigger_and_another_one_for_none() {
        let known = tokens("aaaa, bbbb\ncccc");
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
        let known = tokens("poll=aaaa,Standup=bbbb,cccc");
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
    fn nothing_prints_a_token() {
        assert!(!format!("{:?}", tokens("poll=secret,secret")).contains("secret"));
    }
}
