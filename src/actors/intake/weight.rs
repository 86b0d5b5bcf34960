use crate::event::{Body, Event, Observed};

/// What a post weighs beside its text.
const EACH: usize = 768;

/// What an event that waits takes of the memory.
pub(super) fn weight(event: &Event) -> usize {
    let text = match &event.body {
        Body::Post(heard) => heard.text.len(),
        Body::Observed(Observed::Edited { text, .. }) => text.len(),
        _ => 0,
    };
    EACH + text
}
