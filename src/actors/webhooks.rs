//! Open answers and their budget.

mod way;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;

use self::way::Way;
use super::guard::Guard;
use super::messages::{
    Accept, Alert, Answered, Deliver, Drain, Late, Looked, Open, Probe, ShowInline, Shown,
};
use super::poster::Poster;
use super::router::Router;
use super::waiting::Waiting;
use super::{Health, OpenAnswer, Reply, Said};
use crate::event::{Answer, Body, Event, Opening, Slot, TriggerId};
use crate::model::ids::PostId;
use crate::time::instant;
use crate::turns::leaving::UNOPENED;
use crate::turns::typed::with_typed;

const STOPPING: &str = "The bot is being restarted. Please try again in a moment.";

/// Admits what Mattermost waits for, and answers within its budget: what isn't done by then is
/// answered late, by another way.
pub struct Webhooks {
    router: Addr<Router>,
    poster: Addr<Poster>,
    budget: Duration,
    open: Rc<Waiting>,
    draining: bool,
    way: Way,
    _guard: Guard,
}

#[derive(Serialize)]
struct Looks {
    open: usize,
    late: u64,
    last_event_ms: Option<u128>,
    draining: bool,
    problems: Vec<String>,
}

impl Health for Looks {
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
            way: Way::default(),
            _guard: guard,
        }
    }
}

/// What was clicked.
struct Clicked {
    slot: Slot,
    post: Option<PostId>,
    trigger_id: TriggerId,
}

impl Clicked {
    fn by(event: &Event) -> Option<Self> {
        let Body::Click(click) = &event.body else {
            return None;
        };
        Some(Self {
            slot: click.slot.clone(),
            post: click.post,
            trigger_id: click.trigger_id.clone(),
        })
    }
}

/// Does what comes before an answer, so that its door needs to ask nobody else: a dialog is opened,
/// for a client shows it only once the answer is there, and then a click gets its card.
async fn prepared(poster: &Addr<Poster>, mut answer: Answer, clicked: Option<Clicked>) -> Answered {
    let opened = opened(poster, &mut answer).await;
    let show = match (&mut answer, &clicked) {
        (Answer::Done { card, .. }, _) => {
            let card = card.take();
            card.map(|(slot, version)| (slot, Some(version)))
        }
        (Answer::Refused(_), Some(clicked)) => Some((clicked.slot.clone(), None)),
        _ => None,
    };
    let post = clicked.as_ref().and_then(|clicked| clicked.post);
    if let (Some(clicked), false) = (clicked, opened) {
        answer = alerted(poster, answer, clicked.trigger_id).await;
    }
    let shown = match show {
        Some((slot, version)) => {
            let show = ShowInline {
                slot,
                version,
                post,
            };
            card_of(poster, show).await
        }
        None => None,
    };
    Answered { answer, shown }
}

/// Opens an answer's dialog, where it has one; `true` where it is on its way to the screen.
async fn opened(poster: &Addr<Poster>, answer: &mut Answer) -> bool {
    let Answer::Done { opening, alert, .. } = answer else {
        return false;
    };
    let Some(opening) = opening.take() else {
        return false;
    };
    let Some(failed) = unopened(poster, opening).await else {
        return true;
    };
    let alerts = alert.take().into_iter().chain([failed]);
    *alert = Some(alerts.collect::<Vec<_>>().join("\n"));
    false
}

/// What must be seen after a click is shown in a message box; where none opens, the answer says it.
async fn alerted(poster: &Addr<Poster>, mut answer: Answer, trigger_id: TriggerId) -> Answer {
    let must_be_seen = match &answer {
        Answer::Done { alert, .. } => alert.clone(),
        complaint => complaint.complaint(),
    };
    let Some(text) = must_be_seen else {
        return answer;
    };
    if !poster
        .send(Alert { text, trigger_id })
        .await
        .unwrap_or(false)
    {
        return answer;
    }
    match &mut answer {
        Answer::Done { alert, .. } => *alert = None,
        _ => answer = Answer::silent(),
    }
    answer
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

impl Actor for Webhooks {
    type Context = Context<Self>;
}

impl Handler<Accept> for Webhooks {
    type Result = ResponseFuture<Answered>;

    fn handle(&mut self, Accept { event, came }: Accept, _: &mut Context<Self>) -> Self::Result {
        let clicked = Clicked::by(&event);
        if self.draining {
            let answer = Answer::Refused(with_typed(STOPPING.into(), &event.body));
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
        let looks = Looks {
            open,
            late,
            last_event_ms: self.open.last.get().map(|last| last.elapsed().as_millis()),
            draining: self.draining,
            problems: self.way.problem().into_iter().cloned().collect(),
        };
        MessageResult(Said::of(&looks))
    }
}
