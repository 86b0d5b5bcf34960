use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::copy::WorkingCopy;
use super::unheard::unheard;
use super::verdict::Verdict;
use super::{Fate, Presence, Workshop, WorkshopError};
use crate::event::{Answer, Body, Event, Listening, Slot};
use crate::skill::{Call, Catalog, Failure, Outcome, Refusal, Route, Services};
use crate::store::{Store, StoreError};
use crate::telemetry::names;
use crate::time::Time;

/// How often a job's turn may fail before the job is given up.
const JOB_TRIES: u32 = 8;

const UNAVAILABLE: &str =
    "Nothing can be saved right now, so nothing was done. Please try again in a moment.";

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
    pub presence: Presence,
    /// The clock.
    pub time: Time,
    /// A batch is closed at so many turns.
    pub batch: usize,
}

/// A handler under way.
pub(super) type Running = BoxFuture<'static, Verdict>;

/// What slots listen for, who were believed to listen for something else.
pub(super) type Mistaken = Vec<(Slot, Option<Listening>)>;

impl Engine {
    /// Finds the handler and its slot, and starts it.
    pub(super) async fn start(
        &self,
        event: &Arc<Event>,
        copy: &mut WorkingCopy,
        mistaken: &mut Mistaken,
    ) -> Result<Running, Verdict> {
        let (route, slot) = self.find(event, copy, mistaken).await?;
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
        Ok(self.call(route, slot, call))
    }

    /// Finds the handler and its slot, which is in the copy then. A post is an answer only if the
    /// slot itself says that it listens: it may have been forgotten since it asked.
    async fn find(
        &self,
        event: &Arc<Event>,
        copy: &mut WorkingCopy,
        mistaken: &mut Mistaken,
    ) -> Result<(Route, Slot), Verdict> {
        loop {
            let found = self.catalog.route(event, copy.listening());
            let (route, slot) = found.map_err(|refusal| match refusal {
                Refusal::Unwanted => Verdict::Passed,
                Refusal::Unknown(text) => Verdict::Told(text),
            })?;
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

    fn call(&self, route: Route, slot: Slot, call: Call) -> Running {
        let part = self.catalog.part(route).clone();
        let (workshop, event) = (self.workshop.clone(), call.event.clone());
        let (presence, directory) = (self.presence.clone(), self.services.directory.clone());
        async move {
            let done = workshop.run(move || part.turn(call)).await;
            metrics::counter!(names::TURNS, "skill" => slot.skill.clone()).increment(1);
            if let Ok(Ok(outcome)) = &done
                && let Some(sentence) = unheard(&presence, &*directory, &event, outcome)
            {
                return Verdict::Told(sentence);
            }
            verdict(done, &slot, &event)
        }
        .boxed()
    }
}

fn verdict(
    done: Result<Result<Outcome, Failure>, WorkshopError>,
    slot: &Slot,
    event: &Event,
) -> Verdict {
    match done {
        Ok(Ok(outcome)) => Verdict::Done(Box::new(outcome)),
        Ok(Err(Failure::Refused(text))) => Verdict::Told(text),
        Ok(Err(Failure::Fields { errors, error })) => {
            Verdict::Fields(Answer::Fields { errors, error })
        }
        Ok(Err(Failure::Broken(error))) => failed(event, slot, "failure", &error),
        Err(error) => {
            let reason = match error {
                WorkshopError::Panicked(_) => "panic",
                WorkshopError::TooLong(_) => "limit",
            };
            failed(event, slot, reason, &error.into())
        }
    }
}

/// A turn that failed: the log gets the chain, the person an id.
pub(super) fn failed(
    event: &Event,
    at: &dyn std::fmt::Display,
    reason: &'static str,
    error: &anyhow::Error,
) -> Verdict {
    let id = format!("{:08x}", fastrand::u32(..));
    metrics::counter!(names::TURN_ERRORS, "reason" => reason).increment(1);
    tracing::error!(id, slot = %at, event = event.body.kind(), error = format!("{error:#}"), "a turn failed");
    if let Body::Signal { attempts, .. } = event.body
        && attempts + 1 < JOB_TRIES
    {
        return Verdict::Again(Fate::Failed);
    }
    Verdict::Told(format!(
        "Something went wrong here, and nothing was changed. If you ask about it, say the id `{id}`."
    ))
}

/// The slot of an event can't be read.
fn unloaded(event: &Event, error: &StoreError) -> Verdict {
    tracing::error!(place = %event.place, %error, "a slot can't be loaded");
    match event.body {
        Body::Signal { .. } | Body::Post(_) | Body::Observed(_) => Verdict::Again(Fate::Waits),
        _ => Verdict::Told(UNAVAILABLE.into()),
    }
}
