//! Open answers and their budget.

mod reachability;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;

use self::reachability::Reachability;
use super::clicked::Clicked;
use super::guard::Guard;
use super::messages::{Accept, Alert, Answered, Deliver, Drain, Late, Looked, Prepare, Probe};
use super::open_answers::OpenAnswers;
use super::poster::Poster;
use super::router::Router;
use super::{Health, OpenAnswer, Reply, Said};
use crate::event::{Answer, Body};
use crate::sentences::typed::with_typed;
use crate::sentences::unfinished::{RESTARTING, UNSURE};
use crate::time::instant;

/// Admits what Mattermost waits for, and answers within its budget: what isn't done by then is
/// answered late, by another way.
pub struct Webhooks {
    router: Addr<Router>,
    poster: Addr<Poster>,
    budget: Duration,
    open: Rc<OpenAnswers>,
    draining: bool,
    way: Reachability,
    _guard: Guard,
}

#[derive(Serialize)]
struct Status {
    open: usize,
    late: u64,
    last_event_ms: Option<u128>,
    draining: bool,
    problems: Vec<String>,
}

impl Health for Status {
    fn problems(&self) -> &[String] {
        &self.problems
    }

    fn last_event_ms(&self) -> Option<u128> {
        self.last_event_ms
    }
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
            way: Reachability::default(),
            _guard: guard,
        }
    }
}

/// Whether anything comes before an answer at all.
fn is_needed(Prepare { answer, clicked }: &Prepare) -> bool {
    match answer {
        Answer::Done {
            alert,
            opening,
            card,
            ..
        } => alert.is_some() || opening.is_some() || card.is_some(),
        Answer::Refused(_) | Answer::Fields { .. } => clicked.is_some(),
    }
}

/// Has done what comes before an answer, in one go.
async fn prepared(poster: &Addr<Poster>, answer: Answer, clicked: Option<Clicked>) -> Answered {
    let prepare = Prepare { answer, clicked };
    if !is_needed(&prepare) {
        let answer = prepare.answer;
        return Answered {
            answer,
            shown: None,
        };
    }
    poster.send(prepare).await.unwrap_or_else(|error| {
        tracing::error!(%error, "Poster doesn't answer");
        Answered {
            answer: Answer::Refused(UNSURE.into()),
            shown: None,
        }
    })
}

impl Actor for Webhooks {
    type Context = Context<Self>;
}

impl Handler<Accept> for Webhooks {
    type Result = ResponseFuture<Answered>;

    fn handle(&mut self, Accept { event, came }: Accept, _: &mut Context<Self>) -> Self::Result {
        let clicked = Clicked::by(&event);
        if self.draining {
            let answer = Answer::Refused(with_typed(RESTARTING.into(), &event.body));
            let poster = self.poster.clone();
            return Box::pin(async move { prepared(&poster, answer, clicked).await });
        }
        self.open.last.set(Some(instant()));
        // A command has an address of its own; a button and a form have `INTEGRATION_URL`.
        if matches!(event.body, Body::Click(_) | Body::Dialog(_)) {
            self.way.called();
        }
        let kind = event.body.kind();
        let (open, awaited) = OpenAnswer::new();
        let event = Arc::new(event);
        self.router.do_send(Deliver {
            event: event.clone(),
            reply: Reply::Person(open),
        });
        let (answers, poster, budget) = (self.open.clone(), self.poster.clone(), self.budget);
        let budget = budget.saturating_sub(came.elapsed());
        answers.begins();
        Box::pin(async move {
            let (mut answer, late) = answers.answer(awaited, budget, kind).await;
            if let Some(answer) = late {
                tracing::debug!(event = %event.id(), "an event is answered late");
                let event = event.clone();
                poster.do_send(Late { event, answer });
            }
            if let Answer::Refused(sentence) = answer {
                answer = Answer::Refused(with_typed(sentence, &event.body));
            }
            let answered = prepared(&poster, answer, clicked).await;
            answers.ends();
            answered
        })
    }
}

impl Handler<Alert> for Webhooks {
    type Result = ResponseFuture<bool>;

    fn handle(&mut self, alert: Alert, _: &mut Context<Self>) -> Self::Result {
        let poster = self.poster.clone();
        Box::pin(async move { poster.send(alert).await.unwrap_or(false) })
    }
}

impl Handler<Looked> for Webhooks {
    type Result = ();

    fn handle(&mut self, looked: Looked, _: &mut Context<Self>) {
        self.way.looked(looked.wrong, looked.silent);
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
        let looks = Status {
            open,
            late,
            last_event_ms: self.open.last.get().map(|last| last.elapsed().as_millis()),
            draining: self.draining,
            problems: self.way.problem().into_iter().cloned().collect(),
        };
        MessageResult(Said::of(&looks))
    }
}
