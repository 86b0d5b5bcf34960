//! What the start says in the log: who the bot is, and whom it believes.

use super::handshake::ServerFacts;
use super::parts::Parts;
use crate::settings::Settings;
use crate::skill::Catalog;

/// What is said once, before the doors open.
pub(super) struct Introduction {
    bot: String,
    version: String,
}

impl Introduction {
    pub fn of(known: &ServerFacts) -> Self {
        let me = known.me.as_ref();
        Self {
            bot: me.map_or("no account".to_owned(), |me| format!("@{}", me.name)),
            version: known.version.clone().unwrap_or("unknown".to_owned()),
        }
    }

    /// One line, and another one where a signature is all that proves a command.
    pub fn say(&self, settings: &Settings, parts: &Parts) {
        // A name with a point is a part of a skill.
        let skills = parts.catalog.names().filter(|name| !name.contains('.'));
        let skills: Vec<&str> = skills.collect();
        let signed = signed_only(parts);
        tracing::info!(
            bot = self.bot,
            server = %settings.mattermost.url,
            version = self.version,
            skills = skills.join(", "),
            calls = callers(settings, parts),
            url = parts.url,
            "this bot serves this Mattermost"
        );
        if !signed.is_empty() {
            tracing::warn!(
                commands = signed.join(", "),
                "SLASH_TOKENS has no token for these commands: Mattermost's signature proves who calls, \
                 and nothing else, so they work only in channels that the bot is in"
            );
        }
    }
}

/// The triggers of all slash commands.
pub(super) fn commands(catalog: &Catalog) -> Vec<&str> {
    let commands = catalog.slash_commands();
    commands
        .filter_map(|entry| entry.trigger.as_deref())
        .collect()
}

fn signed_only(parts: &Parts) -> Vec<String> {
    let commands = commands(&parts.catalog).into_iter();
    let signed = commands.filter(|trigger| parts.callers.only_signed(trigger));
    signed.map(|trigger| format!("/{trigger}")).collect()
}

/// How it is proved that calls are Mattermost's.
fn callers(settings: &Settings, parts: &Parts) -> &'static str {
    match (
        settings.hooks.has_tokens(),
        parts.callers.checks_signatures(),
    ) {
        (true, true) => "proved by tokens and by Mattermost's signature",
        (true, false) => "proved by tokens; Mattermost's signature isn't checked",
        (false, true) => "proved by Mattermost's signature alone",
        (false, false) => "not proved at all",
    }
}
