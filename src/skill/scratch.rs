use std::sync::Arc;

use crate::event::{
    DialogDraft, Draft, Event, Job, JobKind, Lane, Listening, RowId, Slot, TriggerId,
};
use crate::model::ids::{Millis, PostId, UserId};

use super::Services;

/// What a turn wants done once it is committed. Plain data.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Posts, in order.
    pub says: Vec<Say>,
    /// Posts of the bot's that go.
    pub deletes: Vec<PostId>,
    /// What only this event's person sees.
    pub whispers: Vec<String>,
    /// What this event's person must see, also after a click.
    pub alerts: Vec<String>,
    /// A dialog to open, and the right to.
    pub opening: Option<(DialogDraft, TriggerId)>,
    /// Timers, mail and work.
    pub jobs: Vec<Job>,
    /// Timers to stop, by name.
    pub cancels: Vec<String>,
    /// Whether and for what the slot listens from now on; `None` leaves it.
    pub listening: Option<Option<Listening>>,
    /// When the slot may be forgotten; `None` leaves it.
    pub expires: Option<Option<Millis>>,
    /// The thread that a new card is posted in.
    pub card_root: Option<PostId>,
    /// The card is posted anew.
    pub repost: bool,
    /// Whom the posts of this turn concern, and what they are.
    pub concerns: Option<(UserId, String)>,
}

/// A post that a turn wants posted.
#[derive(Debug, PartialEq)]
pub struct Say {
    /// The row it becomes.
    pub row: RowId,
    /// Where.
    pub lane: Lane,
    /// What.
    pub draft: Draft,
}

/// What a context carries through a turn.
pub(crate) struct Scratch {
    pub event: Arc<Event>,
    pub slot: Slot,
    pub now: Millis,
    pub services: Services,
    pub effects: Effects,
}

impl Scratch {
    /// Where posts of this turn go: the slot's place, or the event's channel for a desk.
    pub fn lane(&self) -> Option<Lane> {
        Lane::of(&self.slot.place).or(self.event.channel.map(Lane::Channel))
    }

    pub fn say(&mut self, lane: Lane, draft: Draft) -> RowId {
        let row = self.services.ids.next(self.now);
        self.effects.says.push(Say {
            row: row.clone(),
            lane,
            draft,
        });
        row
    }

    pub fn job(&mut self, slot: Slot, kind: JobKind, due: Millis, payload: String) {
        let id = self.services.ids.next(self.now);
        let cause = self.event.cause();
        self.effects.jobs.push(Job {
            id,
            slot,
            kind,
            due,
            payload,
            attempts: 0,
            cause,
        });
    }
}
