use super::Presence;
use crate::event::{Body, Event, Place};
use crate::skill::{Directory, Outcome};

/// Why nobody would hear the answer to what a turn asks: the bot isn't where it is asked. What the program itself
/// asks there, without anybody who could read this, waits until the bot is back.
pub(super) fn unheard(
    presence: &Presence,
    directory: &dyn Directory,
    event: &Event,
    outcome: &Outcome,
) -> Option<String> {
    let asks = matches!(outcome.effects.listening, Some(Some(_)));
    let by_person = !matches!(event.body, Body::Signal { .. });
    let Place::Channel(channel) = &outcome.slot.place else {
        return None;
    };
    if !asks || !by_person || event.channel != Some(*channel) || presence.can_post(channel) {
        return None;
    }
    Some(match (directory.me(), event.team) {
        (None, _) => "The bot has no account of its own, so it would not hear the answer.".into(),
        (Some(me), Some(_)) => format!(
            "@{0} is not in this channel, so it would not hear the answer. Type `/invite @{0}`, and try again.",
            me.name
        ),
        (Some(me), None) => format!(
            "@{0} is not in this conversation, so it would not hear the answer. Write to @{0} directly, or \
             use a channel that it is in.",
            me.name
        ),
    })
}
