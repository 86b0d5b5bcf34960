use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tracing::{Instrument, Span};

use super::copy::WorkingCopy;
use super::unheard::unheard;
use super::verdict::{Broken, Verdict};
use super::workshop::Begin;
use super::{Fate, Memberships, Workshop, WorkshopError};
use crate::event::{Answer, Body, Event, Listening, Slot};
use crate::sentences::unfinished::UNREAD;
use crate::skill::{Call, Catalog, Failure, Lead, NotTaken, Outcome, Route, Services};
use crate::store::{Store, StoreError};
use crate::telemetry::names;
use crate::time::Time;

/// What the turns of all places share.
#[derive(Clone)]
pub struct Engine {
    /// Who takes what.
    pub catalog: Arc<Catalog>,
    /// What turns may use.
    pub services: Services,
    /// Where turns are committed.
    pub store: Arc<dyn Store>,
    /// Where author code runs.
    pub workshop: Workshop,
    /// Where the bot can post.
    pub memberships: Memberships,
    /// The clock.
    pub time: Time,
    /// A batch is closed at so many turns.
    pub batch: usize,
}

/// A handler under way.
pub(super) type Handling = BoxFuture<'static, Result<Verdict, Broken>>;

/// What slots listen for, who were believed to listen for something else.
pub(super) type Mistaken = Vec<(Slot, Option<Listening>)>;

impl Engine {
    /// Finds the handler and its slot, and starts it, or gives back what is to be begun.
    pub(super) async fn start(
        &self,
        event: &Arc<Event>,
        lead: Lead,
        copy: &mut WorkingCopy,
        mistaken: &mut Mistaken,
    ) -> Result<(Option<Begin>, Handling), Verdict> {
        let (route, slot) = self.find(event, lead, copy, mistaken).await?;
        let (row, live) = copy.lend(&slot).unwrap_or_default();
        let call = Call {
            handler: route.handler,
            event: event.clone(),
            slot: slot.clone(),
            row,
            live,
            now: self.time.now(),
            services: self.services.clone(),
        };
        let turn = tracing::debug_span!("turn", event = %event.id(), %slot);
        turn.in_scope(|| tracing::debug!(skill = slot.skill, "a skill takes an event"));
        Ok(self.call(route, slot, call, turn))
    }

    /// Finds the handler and its slot, which is in the copy then; who listens is for this copy to say. A post is an answer only if the
    /// slot itself says that it listens: it may have been forgotten since it asked.
    async fn find(
        &self,
        event: &Arc<Event>,
        mut lead: Lead,
        copy: &mut WorkingCopy,
        mistaken: &mut Mistaken,
    ) -> Result<(Route, Slot), Verdict> {
        loop {
            let found = self.catalog.follow(event, copy.listening(), &mut lead);
            let (route, slot) = found.map_err(|refusal| untaken(event, refusal))?;
            if !copy.has(&slot) {
                let rows = self.store.load(std::slice::from_ref(&slot)).await;
                let rows = rows.map_err(|error| unloaded(event, &error))?;
                copy.loaded(slot.clone(), rows.into_iter().next().flatten());
            }
            if !matches!(event.body, Body::Post(_)) {
                return Ok((route, slot));
            }
            let Some(listens) = copy.mistaken(&slot) else {
                return Ok((route, slot));
            };
            mistaken.push((slot, listens));
        }
    }

    fn call(&self, route: Route, slot: Slot, call: Call, turn: Span) -> (Option<Begin>, Handling) {
        let part = self.catalog.part(route).clone();
        let event = call.event.clone();
        let (begin, running) = self
            .workshop
            .begin(move || part.turn(call).instrument(turn));
        let (memberships, directory) = (self.memberships.clone(), self.services.directory.clone());
        let running = async move {
            let done = running.await;
            metrics::counter!(names::TURNS, "skill" => slot.skill.clone()).increment(1);
            if let Ok(Ok(outcome)) = &done
                && let Some(sentence) = unheard(&memberships, &*directory, &event, outcome)
            {
                return Ok(Verdict::Told(sentence));
            }
            verdict(done, &slot)
        };
        (begin, running.boxed())
    }
}

/// Nobody takes an event, although somebody would have when it came.
fn untaken(event: &Event, refusal: NotTaken) -> Verdict {
    tracing::debug!(event = %event.id(), ?refusal, "no skill takes an event");
    match refusal {
        NotTaken::Unwanted => Verdict::Passed,
        NotTaken::Unknown(text) => Verdict::Told(text),
    }
}

fn verdict(
    done: Result<Result<Outcome, Failure>, WorkshopError>,
    slot: &Slot,
) -> Result<Verdict, Broken> {
    let (reason, error) = match done {
        Ok(Ok(outcome)) => return Ok(Verdict::Done(Box::new(outcome))),
        Ok(Err(Failure::Refused(text))) => return Ok(Verdict::Told(text)),
        Ok(Err(Failure::Fields { errors, error })) => {
            return Ok(Verdict::Fields(Answer::Fields { errors, error }));
        }
        Ok(Err(Failure::Broken(error))) => ("failure", error),
        Err(error @ WorkshopError::Panicked(_)) => ("panic", error.into()),
        Err(error @ WorkshopError::TooLong(_)) => ("limit", error.into()),
    };
    let at = slot.to_string();
    Err(Broken { at, reason, error })
}

/// The slot of an event can't be read.
fn unloaded(event: &Event, error: &StoreError) -> Verdict {
    tracing::error!(event = %event.id(), place = %event.place, %error, "a slot can't be loaded");
    match event.body {
        Body::Signal { .. } | Body::Post(_) | Body::Observed(_) => Verdict::Again(Fate::Waits),
        _ => Verdict::Told(UNREAD.into()),
    }
}
