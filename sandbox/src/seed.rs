//! The people and places that every sandbox begins with, and the bot's place among them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub use super::bot::{Bot, SlashCommand};
use super::entry::Entry;
use super::world::{Kind, World};

/// The people's names; `admin` is the system administrator. Each password is the name followed
/// by `-Passw0rd`.
pub const PEOPLE: [&str; 4] = ["admin", "ann", "ben", "cleo"];

/// The team.
pub const TEAM: &str = "home";

/// Its channels, all public and with everybody in them.
pub const CHANNELS: [&str; 3] = ["town-square", "off-topic", "dev"];

/// All people with their passwords, in a line to be read.
pub fn logins() -> String {
    PEOPLE
        .map(|name| format!("{name} ({})", password(name)))
        .join(", ")
}

/// A person's password.
pub fn password(name: &str) -> String {
    format!("{name}-Passw0rd")
}

/// What a provisioned bot must know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provisioned {
    /// The bot's user id.
    pub bot_id: String,
    /// Its access token.
    pub bot_token: String,
    /// Each slash command's token, by trigger.
    pub command_tokens: BTreeMap<String, String>,
    /// The outgoing webhooks' tokens.
    pub outgoing_tokens: Vec<String>,
}

impl Provisioned {
    /// `trigger=token` for each slash command, with commas between.
    pub fn slash_tokens(&self) -> String {
        let all = self.command_tokens.iter();
        let all = all.map(|(trigger, token)| format!("{trigger}={token}"));
        all.collect::<Vec<_>>().join(",")
    }

    /// What a bot elsewhere must be told, as variables of its environment: where this server is, where the
    /// server finds the bot, and what each proves itself with.
    pub fn environment(&self, url: &str, hooks: &str) -> [(&'static str, String); 5] {
        [
            ("MATTERMOST_URL", url.to_owned()),
            ("INTEGRATION_URL", hooks.to_owned()),
            ("BOT_TOKEN", self.bot_token.clone()),
            ("SLASH_TOKENS", self.slash_tokens()),
            ("OUTGOING_TOKENS", self.outgoing_tokens.join(",")),
        ]
    }
}

/// What the bot's token is called.
const TOKEN: &str = "sandbox";

impl World {
    /// Brings the usual people, team and channels into an empty world.
    pub fn people(&mut self, now: i64) {
        let mut team = String::new();
        for name in PEOPLE {
            let admin = name == "admin";
            let roles = if admin {
                "system_user system_admin"
            } else {
                "system_user"
            };
            let id = self.add_user(now, name, &password(name), roles, None);
            if admin {
                team = self.add_team(now, &id, TEAM, "Home");
                self.add_channel(now, &id, &team, Kind::Open, "dev", "Dev");
            } else {
                self.join_team(now, &team, &id, false);
            }
            if let Some(dev) = self
                .channel_named(&team, "dev")
                .map(|channel| channel.id.clone())
            {
                self.join_channel(now, &dev, &id);
            }
        }
    }

    /// Makes the bot, puts it into every channel of [`CHANNELS`] and registers its commands and
    /// webhooks. Repeated, it gives the same ids and tokens and adapts addresses and words;
    /// commands that are no longer asked for are removed.
    pub fn provision(&mut self, now: i64, bot: &Bot) -> Provisioned {
        self.keep(|| Entry::Provision {
            now,
            bot: bot.clone(),
        });
        self.apply_provision(now, bot)
    }

    /// The same without the journal: for replay.
    pub(super) fn apply_provision(&mut self, now: i64, bot: &Bot) -> Provisioned {
        let admin = self
            .user_named("admin")
            .map(|user| user.id.clone())
            .unwrap_or_default();
        let team = self.team_named(TEAM).unwrap_or_default();
        let known = self.user_named(&bot.username).is_some();
        let bot_id = self.bot_account(now, &admin, &bot.username);
        // Where a known one was taken out meanwhile, it stays out.
        let channels: &[&str] = if known { &[] } else { &CHANNELS };
        if !known {
            self.join_team(now, &team, &bot_id, false);
        }
        for name in channels {
            if let Some(id) = self
                .channel_named(&team, name)
                .map(|channel| channel.id.clone())
            {
                self.join_channel(now, &id, &bot_id);
            }
        }
        let bot_token = match self.token_for(&bot_id, TOKEN) {
            Some(token) => token,
            None => self.add_token(now, &bot_id, TOKEN, true),
        };
        Provisioned {
            command_tokens: self.command_tokens(now, &bot_id, &team, bot),
            outgoing_tokens: self.outgoing_tokens(now, &admin, &team, bot),
            bot_id,
            bot_token,
        }
    }

    fn bot_account(&mut self, now: i64, owner: &str, username: &str) -> String {
        if let Some(user) = self.user_named(username) {
            return user.id.clone();
        }
        let bot = super::world::BotAccount {
            description: "The bot in this sandbox".to_owned(),
            owner_id: owner.to_owned(),
        };
        self.add_user(now, username, "", "system_user", Some(bot))
    }

    fn command_tokens(
        &mut self,
        now: i64,
        creator: &str,
        team: &str,
        bot: &Bot,
    ) -> BTreeMap<String, String> {
        let asked: Vec<&str> = bot
            .commands
            .iter()
            .map(|command| command.trigger.as_str())
            .collect();
        self.retain_commands(|command| {
            command.creator_id != creator || asked.contains(&command.trigger.as_str())
        });
        let mut tokens = BTreeMap::new();
        for command in &bot.commands {
            let given = fields(&[
                ("trigger", json!(command.trigger)),
                ("method", json!("P")),
                ("url", json!(door(bot, "slash"))),
                ("display_name", json!(command.trigger)),
                ("auto_complete", json!(true)),
                ("auto_complete_hint", json!(command.hint)),
                ("auto_complete_desc", json!(command.description)),
            ]);
            let known = self
                .command(team, &command.trigger)
                .map(|known| known.id.clone());
            match known {
                Some(id) => self.change_command(now, &id, given),
                // A trigger that can't be registered is left out: it has no token either.
                None => drop(self.add_command(now, creator, team, given)),
            }
            if let Some(known) = self.command(team, &command.trigger) {
                tokens.insert(known.trigger.clone(), known.token.clone());
            }
        }
        tokens
    }

    fn outgoing_tokens(&mut self, now: i64, creator: &str, team: &str, bot: &Bot) -> Vec<String> {
        let name = format!("words for {}", bot.username);
        if bot.outgoing.is_empty() {
            self.retain_outgoing(|hook| hook.display_name != name);
            return Vec::new();
        }
        let urls = vec![door(bot, "outgoing")];
        if !self.change_outgoing(&name, &bot.outgoing, &urls) {
            let given = fields(&[
                ("team_id", json!(team)),
                ("trigger_words", json!(bot.outgoing)),
                ("callback_urls", json!(urls)),
                ("content_type", json!("application/json")),
                ("display_name", json!(name)),
            ]);
            self.add_outgoing(now, creator, &given);
        }
        self.outgoing_token(&name).into_iter().collect()
    }
}

fn door(bot: &Bot, name: &str) -> String {
    format!("{}/{name}", bot.integration_url.trim_end_matches('/'))
}

fn fields(pairs: &[(&str, Value)]) -> Map<String, Value> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect()
}
