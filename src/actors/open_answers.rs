use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::sync::oneshot;

use super::AwaitedAnswer;
use super::drains::Drains;
use crate::event::Answer;
use crate::sentences::unfinished::{UNCHANGED, UNDER_WAY, UNSURE};
use crate::telemetry::names;
use crate::time::{Instant, timeout};

/// How long an answer that a turn has claimed may still take: its commit is under way.
const CLAIMED: Duration = Duration::from_secs(20);

/// Answers that somebody waits for.
#[derive(Default)]
pub(super) struct OpenAnswers {
    pub count: Cell<usize>,
    pub late: Cell<u64>,
    pub last: Cell<Option<Instant>>,
    pub drains: RefCell<Drains>,
}

impl OpenAnswers {
    pub fn begins(&self) {
        self.set(self.count.get() + 1);
    }

    pub fn ends(&self) {
        self.set(self.count.get() - 1);
        if self.count.get() == 0 {
            self.drains.borrow_mut().done();
        }
    }

    fn set(&self, count: usize) {
        self.count.set(count);
        metrics::gauge!(names::OPEN_ANSWERS).set(count as f64);
    }

    /// The answer, or what is said when it is late, and then where the answer comes.
    pub async fn answer(
        &self,
        mut awaited: AwaitedAnswer,
        budget: Duration,
        kind: &'static str,
    ) -> (Answer, Option<oneshot::Receiver<Answer>>) {
        match timeout(budget, &mut awaited.answer).await {
            Ok(Ok(answer)) => return (answer, None),
            Ok(Err(_)) => return (Answer::Refused(lost(&awaited).into()), None),
            Err(_) => {}
        }
        if awaited.too_late() {
            self.late.set(self.late.get() + 1);
            metrics::counter!(names::EVENTS, "kind" => kind, "outcome" => "late").increment(1);
            let said = match kind {
                "slash" => Answer::whisper(UNDER_WAY),
                _ => Answer::silent(),
            };
            return (said, Some(awaited.answer));
        }
        match timeout(CLAIMED, awaited.answer).await {
            Ok(Ok(answer)) => (answer, None),
            _ => (Answer::Refused(UNSURE.into()), None),
        }
    }
}

/// What is said where no answer comes any more. Once a turn has claimed it, its commit may have been
/// written.
fn lost(awaited: &AwaitedAnswer) -> &'static str {
    if awaited.too_late() {
        UNCHANGED
    } else {
        UNSURE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::OpenAnswer;

    const BUDGET: Duration = Duration::from_millis(2_500);

    async fn said(awaited: AwaitedAnswer) -> Answer {
        OpenAnswers::default()
            .answer(awaited, BUDGET, "slash")
            .await
            .0
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_told_that_nothing_was_changed_while_a_commit_may_be_under_way() {
        let (open, awaited) = OpenAnswer::new();
        assert!(open.claim());
        assert_eq!(said(awaited).await, Answer::Refused(UNSURE.into()));
        drop(open);

        let (open, awaited) = OpenAnswer::new();
        assert!(open.claim());
        drop(open);
        assert_eq!(said(awaited).await, Answer::Refused(UNSURE.into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_fell_over_before_its_commit_has_changed_nothing() {
        let (open, awaited) = OpenAnswer::new();
        drop(open);
        assert_eq!(said(awaited).await, Answer::Refused(UNCHANGED.into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_takes_longer_than_the_budget_is_said_to_be_worked_on() {
        let (open, awaited) = OpenAnswer::new();
        assert_eq!(said(awaited).await, Answer::whisper(UNDER_WAY));
        assert!(!open.claim());
    }
}
