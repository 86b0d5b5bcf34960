use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::oneshot;

use crate::event::{Answer, JobId};
use crate::model::ids::{ChannelId, Millis, PostId};

/// Who is told what became of an event.
#[derive(Debug)]
pub enum Reply {
    /// Somebody waits for an answer.
    Person(OpenAnswer),
    /// Intake keeps its cursor for this post.
    Post {
        /// Where it was posted.
        channel: ChannelId,
        post: PostId,
        /// Its `create_at`.
        at: Millis,
    },
    /// Clock keeps this job.
    Job(JobId),
    Nobody,
}

const OPEN: u8 = 0;
const CLAIMED: u8 = 1;
const LATE: u8 = 2;

/// An HTTP answer that Mattermost waits for.
///
/// Either the turn claims it, when its commit is built, or the budget ends first and it is late:
/// never both, so that nothing is said twice.
#[derive(Debug)]
pub struct OpenAnswer {
    state: Arc<AtomicU8>,
    answer: oneshot::Sender<Answer>,
}

/// The waiting end of an [`OpenAnswer`].
#[derive(Debug)]
pub struct AwaitedAnswer {
    state: Arc<AtomicU8>,
    /// Comes when the turn is done, if it was in time.
    pub answer: oneshot::Receiver<Answer>,
}

impl OpenAnswer {
    /// Both ends of a new one.
    pub fn new() -> (Self, AwaitedAnswer) {
        let state = Arc::new(AtomicU8::new(OPEN));
        let (sender, receiver) = oneshot::channel();
        (
            Self {
                state: state.clone(),
                answer: sender,
            },
            AwaitedAnswer {
                state,
                answer: receiver,
            },
        )
    }

    /// Takes the answer for the turn; `false` where it is late and must go another way.
    pub fn claim(&self) -> bool {
        !self.answer.is_closed()
            && self
                .state
                .compare_exchange(OPEN, CLAIMED, Ordering::AcqRel, Ordering::Acquire)
                .map_or_else(|now| now == CLAIMED, |_| true)
    }

    /// Gives the answer. Whoever waited may be gone.
    pub fn give(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

impl AwaitedAnswer {
    /// Ends the waiting; `false` where the turn has claimed the answer and it is about to come.
    pub fn too_late(&self) -> bool {
        self.state
            .compare_exchange(OPEN, LATE, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_claimed_or_late_and_never_both() {
        let (open, awaited) = OpenAnswer::new();
        assert!(open.claim() && open.claim());
        assert!(!awaited.too_late());

        let (open, awaited) = OpenAnswer::new();
        assert!(awaited.too_late());
        assert!(!open.claim());
    }

    #[test]
    fn an_answer_that_nobody_waits_for_is_late() {
        let (open, awaited) = OpenAnswer::new();
        drop(awaited);
        assert!(!open.claim());
    }
}
