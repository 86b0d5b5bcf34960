use crate::sandbox::seed::{Bot, Provisioned, SlashCommand};
use crate::skill::{Catalog, Entry};

/// The bot's name in every sandbox.
const NAME: &str = "bot";

/// The bot with these skills: a slash command for each that has one.
pub(crate) fn announced(catalog: &Catalog, integration_url: &str, outgoing: &[String]) -> Bot {
    Bot {
        username: NAME.into(),
        integration_url: integration_url.into(),
        commands: catalog.slash_commands().filter_map(command).collect(),
        outgoing: outgoing.to_vec(),
    }
}

fn command(entry: &Entry) -> Option<SlashCommand> {
    let trigger = entry.trigger.clone()?;
    let hint = entry
        .usage
        .trim_start_matches('/')
        .trim_start_matches(trigger.as_str())
        .trim()
        .to_owned();
    Some(SlashCommand {
        trigger,
        hint,
        description: entry.about.clone(),
    })
}

/// Whether the server has taken all of the bot's slash commands.
pub(crate) fn registered(bot: &Bot, known: &Provisioned) -> Result<(), String> {
    let mut triggers = bot.commands.iter().map(|command| &command.trigger);
    let missing = triggers.find(|trigger| !known.command_tokens.contains_key(*trigger));
    match missing {
        None => Ok(()),
        Some(trigger) => Err(format!(
            "Mattermost doesn't take the slash command /{trigger}: it has one of its own"
        )),
    }
}

/// What the bot must be told about its account, as variables of its environment. Before it has one
/// the tokens are a word that nobody takes, so that the settings can be read at all.
pub(crate) fn variables(url: &str, known: &Provisioned) -> [(&'static str, String); 4] {
    let (token, outgoing) = match known.bot_token.as_str() {
        "" => ("none", "none0yet0none0yet0none0yet".to_owned()),
        token => (token, known.outgoing_tokens.join(",")),
    };
    [
        ("MATTERMOST_URL", url.to_owned()),
        ("BOT_TOKEN", token.to_owned()),
        ("SLASH_TOKENS", known.slash_tokens()),
        ("OUTGOING_TOKENS", outgoing),
    ]
}
