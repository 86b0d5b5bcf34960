//! The registration of slash commands.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{CommandId, Millis, TeamId, UserId};
use super::limits::{self, LimitError, TRIGGER_CHARS};
use super::token::Token;
use super::word::word;

word! {
    /// How a command calls.
    Method {
        /// POST with a form.
        Post = "P",
        /// GET with a query string.
        Get = "G",
    }
}

/// Checks a command's trigger: 1–128 characters of `[A-Za-z0-9_./-]`, without its slash.
pub fn check_trigger(text: &str) -> Result<(), LimitError> {
    limits::some_chars("trigger", TRIGGER_CHARS, text)?;
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
    match text.starts_with('/') || !text.bytes().all(good) {
        true => Err(LimitError::form(
            "trigger",
            "of [A-Za-z0-9_./-] and without a slash first",
            text,
        )),
        false => Ok(()),
    }
}

/// A slash command of a team (`model.Command`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// What it proves itself with.
    pub token: Token,
    /// When it was made.
    pub create_at: Millis,
    /// When it changed last.
    pub update_at: Millis,
    /// When it was deleted, or 0.
    pub delete_at: Millis,
    /// Who made it.
    pub creator_id: UserId,
    /// Its team.
    pub team_id: TeamId,
    /// Its word, without the slash.
    pub trigger: String,
    /// How it calls.
    pub method: Method,
    /// Whom it calls.
    pub url: String,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What makes a slash command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCommand {
    /// Its team.
    pub team_id: TeamId,
    /// Its word, without the slash.
    pub trigger: String,
    /// Whom it calls.
    pub url: String,
    /// How it calls.
    pub method: Method,
    /// Its name in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether clients propose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_complete: Option<bool>,
    /// The arguments, shown while typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_complete_hint: Option<String>,
    /// What it does, shown while typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_complete_desc: Option<String>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl NewCommand {
    /// A command that calls by POST. The trigger is checked as [`check_trigger`] says.
    pub fn new(
        team: TeamId,
        trigger: impl Into<String>,
        url: impl Into<String>,
    ) -> Result<Self, LimitError> {
        let trigger = trigger.into();
        check_trigger(&trigger)?;
        Ok(Self {
            team_id: team,
            trigger,
            url: url.into(),
            method: Method::Post,
            display_name: None,
            description: None,
            auto_complete: None,
            auto_complete_hint: None,
            auto_complete_desc: None,
            extra: Map::new(),
        })
    }

    /// Names it (64 characters) and says what it is for (128 characters).
    pub fn described(
        self,
        name: impl Into<String>,
        description: impl Into<String>,
    ) -> Result<Self, LimitError> {
        let (name, description) = (name.into(), description.into());
        limits::chars(
            "command display name",
            limits::COMMAND_DISPLAY_NAME_CHARS,
            &name,
        )?;
        limits::chars(
            "command description",
            limits::COMMAND_DESCRIPTION_CHARS,
            &description,
        )?;
        Ok(Self {
            display_name: Some(name),
            description: Some(description),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_has_1_to_128_characters_of_a_few_kinds() {
        for good in ["p", "poll", "Poll_2./-x", &"x".repeat(128)] {
            assert_eq!(check_trigger(good), Ok(()), "{good}");
        }
        for wrong in ["", "/poll", "po ll", "pöll", &"x".repeat(129)] {
            assert!(check_trigger(wrong).is_err(), "{wrong}");
        }
        let error = check_trigger(&"x".repeat(129)).unwrap_err().to_string();
        assert_eq!(error, "trigger has 129 characters, the limit is 128");
    }
}
