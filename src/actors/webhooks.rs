use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

use super::guard::Guard;
use super::messages::{Accept, Deliver, Drain, Probe};
use super::router::Router;
use super::{AwaitedAnswer, OpenAnswer, Reply};
use crate::event::{Answer, Body};
use crate::telemetry::names;
use crate::time::timeout;

/// How long an answer that a turn has claimed may still take: its commit is under way.
const CLAIMED: Duration = Duration::from_secs(20);

const STOPPING: &str = "I'm being restarted. Please try again in a moment.";
const FAILED: &str = "Something went wrong here, and nothing was changed. Please try again.";
const LATE: &str = "I'm working on it…";

/// Admits what Mattermost waits for, and answers within its budget: what isn't done by then is
/// answered late, by another way.
pub struct Webhooks {
    router: Addr<Router>,
    budget: Duration,
    open: Rc<Open>,
    draining: bool,
    _guard: Guard,
}

#[derive(Default)]
struct Open {
    count: Cell<usize>,
    late: Cell<u64>,
    none: Notify,
}

#[derive(Serialize)]
struct Looks {
    open: usize,
    late: u64,
    draining: bool,
}

impl Webhooks {
    /// Answers within `budget`; Mattermost itself gives up after 30 s.
    pub fn new(router: Addr<Router>, budget: Duration) -> Self {
        let guard = Guard::new("Webhooks");
        Self {
            router,
            budget,
            open: Rc::default(),
            draining: false,
            _guard: guard,
        }
    }
}

impl Open {
    fn begins(&self) {
        self.set(self.count.get() + 1);
    }

    fn ends(&self) {
        self.set(self.count.get() - 1);
        if self.count.get() == 0 {
            self.none.notify_waiters();
        }
    }

    fn set(&self, count: usize) {
        self.count.set(count);
        metrics::gauge!(names::OPEN_ANSWERS).set(count as f64);
    }

    /// The answer, or what is said when it is late.
    async fn answer(&self, mut awaited: AwaitedAnswer, budget: Duration, slash: bool) -> Answer {
        if let Ok(answer) = timeout(budget, &mut awaited.answer).await {
            return answer.unwrap_or_else(|_| Answer::Refused(FAILED.into()));
        }
        if awaited.too_late() {
            self.late.set(self.late.get() + 1);
            return if slash {
                Answer::whisper(LATE)
            } else {
                Answer::silent()
            };
        }
        match timeout(CLAIMED, awaited.answer).await {
            Ok(Ok(answer)) => answer,
            _ => Answer::Refused(FAILED.into()),
        }
    }
}

impl Actor for Webhooks {
    type Context = Context<Self>;
}

impl Handler<Accept> for Webhooks {
    type Result = ResponseFuture<Answer>;

    fn handle(&mut self, Accept(event): Accept, _: &mut Context<Self>) -> Self::Result {
        if self.draining {
            return Box::pin(std::future::ready(Answer::Refused(STOPPING.into())));
        }
        let slash = matches!(event.body, Body::Slash(_));
        let (open, awaited) = OpenAnswer::new();
        self.router.do_send(Deliver {
            event: Arc::new(event),
            reply: Reply::Person(open),
        });
        let (answers, budget) = (self.open.clone(), self.budget);
        answers.begins();
        Box::pin(async move {
            let answer = answers.answer(awaited, budget, slash).await;
            answers.ends();
            answer
        })
    }
}

impl Handler<Drain> for Webhooks {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Drain, _: &mut Context<Self>) -> Self::Result {
        self.draining = true;
        let open = self.open.clone();
        Box::pin(async move {
            while open.count.get() > 0 {
                open.none.notified().await;
            }
        })
    }
}

impl Handler<Probe> for Webhooks {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let (open, late) = (self.open.count.get(), self.open.late.get());
        let looks = Looks {
            open,
            late,
            draining: self.draining,
        };
        MessageResult(serde_json::to_value(looks).unwrap_or(Value::Null))
    }
}
