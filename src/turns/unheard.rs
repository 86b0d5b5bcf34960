use super::Memberships;
use crate::event::{Body, Event, Place};
use crate::sentences::absent;
use crate::skill::{Directory, Outcome};

/// Why nobody would hear the answer to what a turn asks: the bot isn't where it is asked. What the program itself
/// asks there, without anybody who could read this, waits until the bot is back.
pub(super) fn unheard(
    memberships: &Memberships,
    directory: &dyn Directory,
    event: &Event,
    outcome: &Outcome,
) -> Option<String> {
    let asks = matches!(outcome.effects.listening, Some(Some(_)));
    let by_person = !matches!(event.body, Body::Signal { .. });
    let Place::Channel(channel) = &outcome.slot.place else {
        return None;
    };
    if !asks || !by_person || event.channel != Some(*channel) || memberships.can_post(channel) {
        return None;
    }
    Some(match (directory.me(), event.team) {
        (None, _) => absent::DEAF.to_owned(),
        (Some(me), Some(_)) => absent::deaf_in_channel(&me.name),
        (Some(me), None) => absent::deaf_in_conversation(&me.name),
    })
}
