/// Mattermost can't say just now what a signature leaves open.
pub(crate) const UNASKED: &str =
    "Mattermost could not be asked just now who may do this here. Please try again in a minute.";

/// No skill has the command `trigger`; `known` are those that are had.
pub(crate) fn unknown(trigger: &str, known: &[String]) -> String {
    let known = match known {
        [] => "There are no commands here.".to_owned(),
        [one] => format!("Known is {one}."),
        more => format!("Known are {}.", more.join(", ")),
    };
    format!("`/{trigger}` is not known here. {known}")
}

/// Without an account nobody can be asked who typed it.
pub(crate) fn unchecked(command: &str) -> String {
    format!(
        "`{command}` can't be checked here. An admin can set its token in `SLASH_TOKENS`; then it works."
    )
}

/// The bot doesn't see who is in a direct or group message.
pub(crate) fn unchecked_in_conversation(command: &str, bot: &str) -> String {
    format!(
        "@{bot} isn't part of this conversation, so `{command}` can't be checked here. \
         An admin can set its token in `SLASH_TOKENS`; then it needs no check."
    )
}

/// The bot doesn't see who is in the channel.
pub(crate) fn unchecked_in_channel(command: &str, bot: &str) -> String {
    format!(
        "@{bot} isn't in this channel, so `{command}` can't be checked here. \
         Type `/invite @{bot}`, and try again."
    )
}
