//! Whether those who call can be told from those who pretend.

use secrecy::ExposeSecret;

use super::shown::may_be_secret;
use super::{Hooks, Settings, SettingsError, SlashToken, TriggerSignatures};

impl Hooks {
    /// Whether any token is known.
    pub fn has_tokens(&self) -> bool {
        !self.slash_tokens.is_empty() || !self.outgoing_tokens.is_empty()
    }
}

impl Settings {
    /// Checks that each token which is good for one command only names one of these, without a
    /// slash: else nobody has it, and the command goes without.
    ///
    /// # Errors
    /// A sentence for each one that doesn't.
    pub fn check_commands(&self, commands: &[&str]) -> Result<(), SettingsError> {
        let exist: Vec<String> = commands.iter().map(|name| format!("/{name}")).collect();
        let exist = match exist.is_empty() {
            true => "no skill that is on has a command".to_owned(),
            false => format!("the commands are {}", exist.join(", ")),
        };
        let tokens = self.hooks.slash_tokens.iter();
        let bound = tokens.filter_map(|token| Some((token, token.trigger.as_deref()?)));
        let problems: Vec<String> = bound
            .filter(|(_, trigger)| !commands.contains(trigger))
            .map(
                |(token, trigger)| match are_swapped(token, trigger, commands) {
                    true => format!(
                        "{}: name and token look swapped; {exist}. Write NAME=TOKEN.",
                        token.place
                    ),
                    false => format!(
                        "{}: there is no command /{trigger}; {exist}. Write trigger=token.",
                        token.place
                    ),
                },
            )
            .collect();
        match problems.is_empty() {
            true => Ok(()),
            false => Err(SettingsError::new(problems)),
        }
    }

    /// Whether the doors may open: callers can be checked by a token or by the server's
    /// signature, or nobody but this machine reaches the doors, or the operator insists.
    ///
    /// `server_signs`: the server publishes a key for the signatures of trigger ids, which is
    /// known only after it was asked. The answer is a list of warnings for the log.
    ///
    /// # Errors
    /// A sentence that says what to set.
    pub fn check_callers(&self, server_signs: bool) -> Result<Vec<String>, SettingsError> {
        let wanted = self.mattermost.trigger_signatures;
        if wanted == TriggerSignatures::Require && !server_signs {
            return Err(SettingsError::one(
                "mattermost.trigger_signatures is \"require\", but this Mattermost publishes no key for them: write \"auto\" (MATTERACTOR__MATTERMOST__TRIGGER_SIGNATURES=auto).".to_owned(),
            ));
        }
        let signatures = server_signs && wanted != TriggerSignatures::Off;
        if signatures || self.hooks.has_tokens() {
            return Ok(Vec::new());
        }
        let listen = self.hooks.listen;
        let open = format!(
            "callers of {listen} can't be checked: there is no token, and no trigger signature to check"
        );
        if listen.ip().is_loopback() || self.hooks.allow_unverified {
            return Ok(vec![open]);
        }
        Err(SettingsError::one(format!(
            "hooks.listen: {open}. Set SLASH_TOKENS or OUTGOING_TOKENS, or listen on 127.0.0.1, or, if nobody else reaches this address, set MATTERACTOR__HOOKS__ALLOW_UNVERIFIED=true."
        )))
    }
}

/// Whether what stands in the command's place may be the token, which must not be repeated.
fn are_swapped(token: &SlashToken, trigger: &str, commands: &[&str]) -> bool {
    let said = token.token.expose_secret().to_lowercase();
    may_be_secret(trigger) || commands.contains(&said.as_str())
}

#[cfg(test)]
mod tests {
    use crate::settings::tests::load;

    #[test]
    fn a_token_in_its_commands_place_is_not_repeated() {
        for swapped in ["hd64k8zc47nqbkpe9eenyni3to=poll", "k3yk3yk3yk3yk3yk=pol"] {
            let settings = load(&[("SLASH_TOKENS", swapped)]);
            let told = settings.check_commands(&["poll", "standup"]).unwrap_err();
            assert_eq!(
                told.to_string(),
                "SLASH_TOKENS in the environment, entry 1: name and token look swapped; the commands are /poll, /standup. Write NAME=TOKEN."
            );
        }
    }
}
