use super::{Context, State};
use crate::event::{Draft, Listening, Place};
use crate::model::ids::UserId;

/// What people say to a slot without a button.
impl<S: State> Context<S> {
    /// Asks in this place, and hears the answer: the person's next post here that is younger than
    /// the question comes to `.reply(…)`. One question at a time; a new one replaces the last, and an
    /// answer ends it, unless it is refused.
    pub fn ask(&mut self, person: &UserId, text: impl Into<String>) {
        const {
            assert!(
                S::ASKS,
                "a state that asks says so with `const ASKS: bool = true`"
            )
        }
        let Some(lane) = self.scratch.lane() else {
            tracing::error!(slot = %self.scratch.slot, "a desk has no channel to ask in");
            return;
        };
        let root = match self.scratch.slot.place {
            Place::Direct(_) => None,
            _ => self.scratch.event.root,
        };
        let row = self.scratch.say(
            lane,
            Draft {
                text: text.into(),
                root,
                ..Draft::default()
            },
        );
        self.listen(Listening {
            who: Some(*person),
            root,
            row,
            since: None,
        });
    }

    /// Has what this person says directly, and no command or pattern takes, come to `.early(…)`, and
    /// their edits and deletions to `.amended(…)`, without a question. It replaces a question.
    pub fn heed(&mut self, person: &UserId) {
        let row = self.scratch.services.ids.next(self.scratch.now);
        self.listen(Listening {
            who: Some(*person),
            root: None,
            row,
            since: None,
        });
    }

    /// Stops listening.
    pub fn stop_listening(&mut self) {
        self.scratch.effects.listening = Some(None);
    }

    fn listen(&mut self, listening: Listening) {
        self.scratch.effects.listening = Some(Some(listening));
    }
}
