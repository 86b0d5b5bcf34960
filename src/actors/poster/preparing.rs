use actix::prelude::*;

use super::Poster;
use super::cards::ShowInline;
use super::outlet::Outlet;
use crate::actors::clicked::Clicked;
use crate::actors::messages::{Alert, Answered, Prepare, Shown};
use crate::event::{Answer, TriggerId};

impl Handler<Prepare> for Poster {
    type Result = ResponseActFuture<Self, Answered>;

    /// A dialog is opened first, for a client shows it only once the answer is there; then a click gets its
    /// card.
    fn handle(&mut self, prepare: Prepare, _: &mut Context<Self>) -> Self::Result {
        let outlet = self.outlet.clone();
        let opens = async move { outlet.prepare(prepare).await };
        Box::pin(opens.into_actor(self).then(|(answer, show), this, _| {
            let shown = this.shown(show);
            shown.map(|shown, _, _| Answered {
                answer,
                shown: shown.map(Box::new),
            })
        }))
    }
}

impl Poster {
    /// The card that an answer may show; one that isn't in memory is read first.
    fn shown(&mut self, show: Option<ShowInline>) -> ResponseActFuture<Self, Option<Shown>> {
        let Some(show) = show else {
            return Box::pin(actix::fut::ready(None));
        };
        if self.cards.knows(&show.slot) {
            return self.show(show);
        }
        let (outlet, slot) = (self.outlet.clone(), show.slot.clone());
        let number = self.unsettled.read_begins();
        let load = async move { outlet.card(&slot).await };
        Box::pin(load.into_actor(self).then(move |card, this, _| {
            this.loaded(card, number);
            this.show(show)
        }))
    }
}

/// What comes before an answer.
impl Outlet {
    /// Opens what is to be opened, and says what the answer is then, and which card it may show.
    async fn prepare(&self, prepare: Prepare) -> (Answer, Option<ShowInline>) {
        let Prepare {
            mut answer,
            clicked,
        } = prepare;
        let opened = self.opened(&mut answer).await;
        let show = show(&mut answer, clicked.as_ref());
        if let (Some(clicked), false) = (clicked, opened) {
            answer = self.alerted(answer, clicked.trigger_id).await;
        }
        (answer, show)
    }

    /// Opens an answer's dialog, where it has one; `true` where it is on its way to the screen.
    async fn opened(&self, answer: &mut Answer) -> bool {
        let Answer::Done { opening, alert, .. } = answer else {
            return false;
        };
        let Some(opening) = opening.take() else {
            return false;
        };
        let Err(failed) = self.open(&opening).await else {
            return true;
        };
        let alerts = alert.take().into_iter().chain([failed]);
        *alert = Some(alerts.collect::<Vec<_>>().join("\n"));
        false
    }

    /// What must be seen after a click is shown in a message box; where none opens, the answer says it.
    async fn alerted(&self, mut answer: Answer, trigger_id: TriggerId) -> Answer {
        let must_be_seen = match &answer {
            Answer::Done { alert, .. } => alert.clone(),
            complaint => complaint.complaint(),
        };
        let Some(text) = must_be_seen else {
            return answer;
        };
        if !self.alert(&Alert { text, trigger_id }).await {
            return answer;
        }
        match &mut answer {
            Answer::Done { alert, .. } => *alert = None,
            _ => answer = Answer::silent(),
        }
        answer
    }
}

/// Which card an answer may show: the one that changed, or the one behind a click that was refused.
fn show(answer: &mut Answer, clicked: Option<&Clicked>) -> Option<ShowInline> {
    let (slot, version) = match (answer, clicked) {
        (Answer::Done { card, .. }, _) => card.take().map(|(slot, made)| (slot, Some(made)))?,
        (Answer::Refused(_), Some(clicked)) => (clicked.slot.clone(), None),
        _ => return None,
    };
    Some(ShowInline {
        slot,
        version,
        post: clicked.and_then(|clicked| clicked.post),
    })
}
