use std::sync::Arc;

use super::Fate;
use crate::event::{Answer, Event};
use crate::skill::Lead;

/// An event that waits for its turn, with who is told.
///
/// It is always settled: one that is dropped goes back to where it came from.
pub trait Waiter: Send + 'static {
    /// What has come.
    fn event(&self) -> &Arc<Event>;

    /// Takes what is known of its route, if anybody looked on its way.
    fn lead(&mut self) -> Lead;

    /// Takes the answer for the turn; `false` where nobody waits for one, or it is late and must go another
    /// way. Asked when the turn's commit is built, maybe more than once.
    fn claims(&self) -> bool;

    /// What became of it: who waits is told.
    fn settled(self, answer: Answer, fate: Fate);
}
