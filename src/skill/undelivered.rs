use super::{Skill, State, Undelivered};

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
