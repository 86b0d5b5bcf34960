use super::{Skill, State};
use crate::event::Place;

/// Something that a slot wanted posted and that never can be: what [`Skill::undelivered`] makes the
/// slot's signal of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Where it was to be posted: `Place::Direct` is a person who can't be written to.
    pub to: Place,
    /// What it says; empty for a card.
    pub text: String,
    /// Why it can't be posted, in Mattermost's words or ours: for the log.
    pub reason: String,
}

impl<S: State> Skill<S> {
    /// What becomes of posts and questions of this skill's slots that can never be posted, such as a
    /// question to a person who lets nobody write to them: `signal` makes a signal for the slot that
    /// wanted them. It comes once, with what is noted about the post. Without this, whom the post
    /// concerns reads a sentence. What waits because the bot has lost a channel comes when it is back
    /// there; only what waits in vain for 30 days, or for a channel that was deleted, comes here.
    pub fn undelivered(mut self, signal: fn(Undelivered) -> S::Signal) -> Self {
        self.typed.undelivered = Some(signal);
        self
    }
}
