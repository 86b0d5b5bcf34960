//! Each names what Mattermost said as the reason.

/// A card that is too large, or else can't be made.
pub(crate) fn unshown(error: &str) -> String {
    format!("That is done, but this post can't show it: {error}.")
}

/// A person who may not be written to.
pub(crate) fn unwritten(bot: &str, to: Option<&str>, reason: &str) -> String {
    let name = to.map_or("somebody".to_owned(), |name| format!("@{name}"));
    format!("@{bot} couldn't write to {name} directly ({reason}).")
}

/// A post that can't be deleted; the log has the `row`.
pub(crate) fn undeleted(bot: &str, reason: &str, row: &str) -> String {
    format!("@{bot} couldn't delete a post: {reason}. If you ask about it, say the id `{row}`.")
}

/// A post that can never leave; the log has the `row`.
pub(crate) fn unsaid(bot: &str, reason: &str, row: &str) -> String {
    format!(
        "Something that @{bot} wanted to say can't be posted: {reason}. If you ask about it, \
         say the id `{row}`."
    )
}

/// A channel that the bot may not post in: `here`, or another one.
pub(crate) fn forbidden(bot: &str, reason: &str, here: bool) -> String {
    let place = match here {
        true => "this channel",
        false => "a channel where you spoke to it",
    };
    format!(
        "@{bot} couldn't post in {place} ({reason}). Invite it there with `/invite @{bot}` and try again."
    )
}

/// Why a row can never leave, where Mattermost gave no reason.
pub(crate) mod why {
    pub(crate) const UNANSWERED: &str = "the command can't be answered any more";
    pub(crate) const NO_SLOT: &str = "its slot is gone";
    pub(crate) const NO_DIRECT_MESSAGES: &str =
        "without a bot account there are no direct messages";
    pub(crate) const NO_WAY: &str = "there is neither a bot account nor an incoming webhook";
    pub(crate) const CHANNEL_DELETED: &str = "its channel was deleted";
    pub(crate) const CHANNEL_LOST: &str =
        "it has waited for 30 days for a channel that the bot has lost";
    pub(crate) const TOO_MANY_WAIT: &str = "too many posts wait for the channel";
    pub(crate) const OVER: &str = "it is over, and its channel has been lost for long";

    /// Others were taken for so many `minutes`, and Mattermost answers this one alone so.
    pub(crate) fn alone_refused(minutes: u64, answer: &str) -> String {
        format!("other posts were taken for {minutes} minutes, and this one wasn't: {answer}")
    }
}
