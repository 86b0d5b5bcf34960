use crate::event::{Body, Person};

/// Nothing was changed, and the log says why.
pub(crate) const UNCHANGED: &str =
    "Something went wrong here, and nothing was changed. Please try again.";

/// The same, where what was changed isn't known.
pub(crate) const BROKEN: &str = "Something went wrong here. Please try again.";

/// A commit is under way, and nobody knows how it ends.
pub(crate) const UNSURE: &str =
    "This takes longer than it should, and may yet be done. Please look before you try again.";

/// A command's answer comes later, by another way.
pub(crate) const UNDER_WAY: &str = "The bot is working on it…";

/// The program ends.
pub(crate) const RESTARTING: &str = "The bot is being restarted. Please try again in a moment.";

/// What the store has can't be read.
pub(crate) const UNREAD: &str =
    "Nothing can be saved right now, so nothing was done. Please try again in a moment.";

/// The store doesn't take a commit.
pub(crate) const UNSAVED: &str = "Nothing can be saved right now, so most likely nothing was done. Please look before you \
    try again in a moment.";

/// A handler failed; the log has `id`.
pub(crate) fn failed(id: &str) -> String {
    format!(
        "Something went wrong here, and nothing was changed. If you ask about it, say the id `{id}`."
    )
}

/// More waits than may. A command's answer stands under the name of who typed it, so that it names the
/// bot.
pub(crate) fn busy(body: &Body, bot: Option<Person>) -> String {
    let who = match (body, bot) {
        (Body::Slash(_), Some(bot)) => format!("@{} has", bot.name),
        (Body::Slash(_), None) => "The bot has".to_owned(),
        _ => "I have".to_owned(),
    };
    format!("{who} too much to do right now. Please try again in a moment.")
}
