//! A bot that is to be made known.

use serde::{Deserialize, Serialize};

/// A bot to provision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bot {
    /// Its name.
    pub username: String,
    /// The base of its doors: `/slash` and `/outgoing` are appended.
    pub integration_url: String,
    /// Its slash commands.
    pub commands: Vec<SlashCommand>,
    /// Words that lead to `/outgoing` when a post begins with one; none for no webhook.
    pub outgoing: Vec<String>,
}

/// A slash command to register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlashCommand {
    /// The word after the slash.
    pub trigger: String,
    /// What comes after it, e.g. `"Question" "A" "B"`.
    pub hint: String,
    /// What it does.
    pub description: String,
}

impl SlashCommand {
    /// One of this word, typed with its slash or without; clients propose it with nothing more.
    pub fn named(typed: &str) -> Self {
        Self {
            trigger: typed.trim_start_matches('/').to_owned(),
            ..Self::default()
        }
    }
}
