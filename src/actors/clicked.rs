use crate::event::{Body, Event, Slot, TriggerId};
use crate::model::ids::PostId;

#[derive(Clone, Debug, PartialEq)]
pub struct Clicked {
    /// Whose card.
    pub slot: Slot,
    /// The post that carries it, if one does.
    pub post: Option<PostId>,
    /// For 30 s it lets a dialog be opened.
    pub trigger_id: TriggerId,
}

impl Clicked {
    /// What a click was on; `None` for other events.
    pub(super) fn by(event: &Event) -> Option<Self> {
        let Body::Click(click) = &event.body else {
            return None;
        };
        Some(Self {
            slot: click.slot.clone(),
            post: click.post,
            trigger_id: click.trigger_id.clone(),
        })
    }
}
