/// An answer that would not be heard, where there is no account at all.
pub(crate) const DEAF: &str = "The bot has no account of its own, so it would not hear the answer.";

/// Who is in a channel can't be seen without an account.
pub(crate) const BLIND: &str =
    "The bot has no account of its own, so it can't see who is in this channel.";

/// Mattermost doesn't say who is in a channel.
pub(crate) const UNSEEN: &str = "Who is in this channel can't be seen now. Try again in a minute.";

/// An answer that would not be heard in a channel.
pub(crate) fn deaf_in_channel(bot: &str) -> String {
    format!(
        "@{bot} is not in this channel, so it would not hear the answer. Type `/invite @{bot}`, and try again."
    )
}

/// The same in a direct or group message.
pub(crate) fn deaf_in_conversation(bot: &str) -> String {
    format!(
        "@{bot} is not in this conversation, so it would not hear the answer. Write to @{bot} \
         directly, or use a channel that it is in."
    )
}

/// Who is in a channel can't be seen from outside.
pub(crate) fn blind(bot: &str) -> String {
    format!(
        "@{bot} is not in this channel. Type `/invite @{bot}`, and try again; into a direct message nobody can be invited."
    )
}

/// A card that went out as the person's own post.
pub(crate) fn changes_by_clicks_alone(bot: &str) -> String {
    format!(
        "@{bot} is not a member of this channel, so this post changes only when somebody clicks. \
         Invite it with `/invite @{bot}`."
    )
}
