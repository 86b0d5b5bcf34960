//! Open answers and their budget.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::batch::joined;
use super::drains::Drains;
use super::guard::Guard;
use super::messages::{
    Accept, Answered, Deliver, Drain, Open, Probe, ShowInline, Shown, Unreached,
};
use super::poster::Poster;
use super::router::Router;
use super::{AwaitedAnswer, OpenAnswer, Reply};
use crate::event::{Answer, Body, Opening, Slot};
use crate::telemetry::names;
use crate::time::{Instant, instant, timeout};

/// How long an answer that a turn has claimed may still take: its commit is under way.
const CLAIMED: Duration = Duration::from_secs(20);

const STOPPING: &str = "I'm being restarted. Please try again in a moment.";
const FAILED: &str = "Something went wrong here, and nothing was changed. Please try again.";
const UNSURE: &str =
    "This takes longer than it should, and may yet be done. Please look before you try again.";
const LATE: &str = "I'm working on it…";
const UNOPENED: &str = "The form could not be opened. Please try again.";

/// Admits what Mattermost waits for, and answers within its budget: what isn't done by then is
/// answered late, by another way.
pub struct Webhooks {
    router: Addr<Router>,
    poster: Addr<Poster>,
    budget: Duration,
    open: Rc<Waiting>,
    draining: bool,
    /// Why nobody calls, as long as nobody has called.
    unreached: Option<String>,
    _guard: Guard,
}

#[derive(Default)]
struct Waiting {
    count: Cell<usize>,
    late: Cell<u64>,
    last: Cell<Option<Instant>>,
    drains: RefCell<Drains>,
}

#[derive(Serialize)]
struct Looks {
    open: usize,
    late: u64,
    last_event_ms: Option<u128>,
    draining: bool,
    problems: Vec<String>,
}

impl Webhooks {
    /// Answers within `budget`; Mattermost itself gives up after 30 s.
    pub fn new(router: Addr<Router>, poster: Addr<Poster>, budget: Duration) -> Self {
        let guard = Guard::new("Webhooks");
        Self {
            router,
            poster,
            budget,
            open: Rc::default(),
            draining: false,
            unreached: None,
            _guard: guard,
        }
    }
}

impl Waiting {
    fn begins(&self) {
        self.set(self.count.get() + 1);
    }

    fn ends(&self) {
        self.set(self.count.get() - 1);
        if self.count.get() == 0 {
            self.drains.borrow_mut().done();
        }
    }

    fn set(&self, count: usize) {
        self.count.set(count);
        metrics::gauge!(names::OPEN_ANSWERS).set(count as f64);
    }

    /// The answer, or what is said when it is late.
    async fn answer(
        &self,
        mut awaited: AwaitedAnswer,
        budget: Duration,
        kind: &'static str,
    ) -> Answer {
        match timeout(budget, &mut awaited.answer).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(_)) => return Answer::Refused(lost(&awaited).into()),
            Err(_) => {}
        }
        if awaited.too_late() {
            self.late.set(self.late.get() + 1);
            metrics::counter!(names::EVENTS, "kind" => kind, "outcome" => "late").increment(1);
            return if kind == "slash" {
                Answer::whisper(LATE)
            } else {
                Answer::silent()
            };
        }
        match timeout(CLAIMED, awaited.answer).await {
            Ok(Ok(answer)) => answer,
            _ => Answer::Refused(UNSURE.into()),
        }
    }
}

/// Does what comes before an answer, so that its door needs to ask nobody else: a dialog is opened,
/// for a client shows it only once the answer is there, and then a click gets its card.
async fn prepared(poster: &Addr<Poster>, mut answer: Answer, clicked: Option<Slot>) -> Answered {
    let show = match &mut answer {
        Answer::Done {
            whisper,
            opening,
            card,
            ..
        } => {
            if let Some(opening) = opening.take() {
                let failed = unopened(poster, opening).await;
                *whisper = joined(&Vec::from_iter(whisper.take().into_iter().chain(failed)));
            }
            let card = card.take();
            card.map(|(slot, version)| (slot, Some(version)))
        }
        Answer::Refused(_) => clicked.map(|slot| (slot, None)),
        Answer::Fields { .. } => None,
    };
    let shown = match show {
        Some((slot, version)) => card_of(poster, ShowInline { slot, version }).await,
        None => None,
    };
    Answered { answer, shown }
}

/// Opens a dialog; a sentence for the person where that fails.
async fn unopened(poster: &Addr<Poster>, opening: Box<Opening>) -> Option<String> {
    match poster.send(Open(opening)).await {
        Ok(opened) => opened.err(),
        Err(error) => {
            tracing::error!(%error, "Poster doesn't answer");
            Some(UNOPENED.into())
        }
    }
}

async fn card_of(poster: &Addr<Poster>, show: ShowInline) -> Option<Box<Shown>> {
    let shown = poster.send(show).await;
    shown.ok().flatten().map(Box::new)
}

/// What is said where no answer comes any more. Once a turn has claimed it, its commit may have been
/// written.
fn lost(awaited: &AwaitedAnswer) -> &'static str {
    if awaited.too_late() { FAILED } else { UNSURE }
}

impl Actor for Webhooks {
    type Context = Context<Self>;
}

impl Handler<Accept> for Webhooks {
    type Result = ResponseFuture<Answered>;

    fn handle(&mut self, Accept { event, came }: Accept, _: &mut Context<Self>) -> Self::Result {
        if self.draining {
            let (answer, shown) = (Answer::Refused(STOPPING.into()), None);
            return Box::pin(std::future::ready(Answered { answer, shown }));
        }
        self.open.last.set(Some(instant()));
        self.unreached = None;
        let kind = event.body.kind();
        let clicked = match &event.body {
            Body::Click(click) => Some(click.slot.clone()),
            _ => None,
        };
        let (open, awaited) = OpenAnswer::new();
        self.router.do_send(Deliver {
            event: Arc::new(event),
            reply: Reply::Person(open),
        });
        let (answers, poster, budget) = (self.open.clone(), self.poster.clone(), self.budget);
        let budget = budget.saturating_sub(came.elapsed());
        answers.begins();
        Box::pin(async move {
            let answer = answers.answer(awaited, budget, kind).await;
            let answered = prepared(&poster, answer, clicked).await;
            answers.ends();
            answered
        })
    }
}

impl Handler<Unreached> for Webhooks {
    type Result = ();

    fn handle(&mut self, Unreached(why): Unreached, _: &mut Context<Self>) {
        // A call is a better proof than any look.
        self.unreached = why.filter(|_| self.open.last.get().is_none());
    }
}

impl Handler<Drain> for Webhooks {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Drain, _: &mut Context<Self>) -> Self::Result {
        self.draining = true;
        // Nothing is opened from here on.
        let none_open = self.open.count.get() == 0;
        Box::pin(self.open.drains.borrow_mut().wait(none_open))
    }
}

impl Handler<Probe> for Webhooks {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let (open, late) = (self.open.count.get(), self.open.late.get());
        let looks = Looks {
            open,
            late,
            last_event_ms: self.open.last.get().map(|last| last.elapsed().as_millis()),
            draining: self.draining,
            problems: self.unreached.iter().cloned().collect(),
        };
        MessageResult(serde_json::to_value(looks).unwrap_or(Value::Null))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Duration = Duration::from_millis(2_500);

    async fn said(awaited: AwaitedAnswer) -> Answer {
        Waiting::default().answer(awaited, BUDGET, "slash").await
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
        assert_eq!(said(awaited).await, Answer::Refused(FAILED.into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_takes_longer_than_the_budget_is_said_to_be_worked_on() {
        let (open, awaited) = OpenAnswer::new();
        assert_eq!(said(awaited).await, Answer::whisper(LATE));
        assert!(!open.claim());
    }
}
