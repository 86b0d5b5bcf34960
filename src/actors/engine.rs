use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::Presence;
use super::batch::{Builder, Built, Verdict};
use super::copy::WorkingCopy;
use super::hubs::Hubs;
use super::messages::{Asked, JobsDue, Leaves, Listens};
use super::pending::Pending;
use super::workshop::{Workshop, WorkshopError};
use crate::event::{Answer, Body, Event, Key, Place, Slot};
use crate::skill::{Call, Catalog, Failure, Outcome, Refusal, Route, Services};
use crate::store::{CommitError, Store, StoreError};
use crate::telemetry::names;
use crate::time::{Time, sleep, timeout};

/// A batch is closed at so many turns.
const BATCH: usize = 64;
/// A batch doesn't wait longer than this for a handler.
const PATIENCE: Duration = Duration::from_millis(20);
/// So often a batch is taken again before its turns are taken one by one.
const TRIES: usize = 4;
/// How often a job's turn may fail before the job is given up.
const JOB_TRIES: u32 = 5;

const UNAVAILABLE: &str =
    "I can't save anything right now, so nothing was done. Please try again in a moment.";

/// What all Conversations share: how a turn is taken and a batch is committed.
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
    /// Who is told.
    pub hubs: Rc<Hubs>,
}

/// What waits in a place, in order.
pub(super) enum Waiting {
    Event(Pending),
    Asked(Asked),
}

pub(super) type Queue = Rc<RefCell<VecDeque<Waiting>>>;

struct Turn {
    pending: Pending,
    verdict: Verdict,
    /// Its event was handled before; it isn't taken again.
    passed: bool,
}

type Running = LocalBoxFuture<'static, Verdict>;

impl Engine {
    /// Takes all that waits, in order, and commits it in batches.
    pub(super) async fn run(&self, place: &Place, queue: &Queue, copy: &mut WorkingCopy) {
        let mut turns: Vec<Turn> = Vec::new();
        loop {
            let next = queue.borrow_mut().pop_front();
            match next {
                None => break,
                Some(Waiting::Asked(asked)) => copy.asked(&asked.row, asked.at),
                Some(Waiting::Event(pending)) => {
                    let verdict = self
                        .take_within_batch(place, &pending, copy, &mut turns)
                        .await;
                    let close = apply(copy, &verdict);
                    turns.push(Turn {
                        pending,
                        verdict,
                        passed: false,
                    });
                    if close || turns.len() >= BATCH {
                        self.commit(place, std::mem::take(&mut turns), copy).await;
                    }
                }
            }
        }
        self.commit(place, turns, copy).await;
    }

    /// Takes one turn; what came before it is committed if its handler takes long.
    async fn take_within_batch(
        &self,
        place: &Place,
        pending: &Pending,
        copy: &mut WorkingCopy,
        turns: &mut Vec<Turn>,
    ) -> Verdict {
        let keys: Vec<Key> = turns
            .iter()
            .filter_map(|turn| turn.pending.event.key)
            .collect();
        let mut running = match self.start(&pending.event, copy, &keys).await {
            Ok(running) => running,
            Err(verdict) => return verdict,
        };
        if turns.is_empty() {
            return running.await;
        }
        if let Ok(verdict) = timeout(PATIENCE, &mut running).await {
            return verdict;
        }
        if self.commit(place, std::mem::take(turns), copy).await {
            return running.await;
        }
        // What it was started with was never committed.
        drop(running);
        self.take(&pending.event, copy, &[]).await
    }

    async fn take(&self, event: &Arc<Event>, copy: &mut WorkingCopy, keys: &[Key]) -> Verdict {
        match self.start(event, copy, keys).await {
            Ok(running) => running.await,
            Err(verdict) => verdict,
        }
    }

    /// Finds the handler and its slot, and starts it.
    async fn start(
        &self,
        event: &Arc<Event>,
        copy: &mut WorkingCopy,
        keys: &[Key],
    ) -> Result<Running, Verdict> {
        if event.key.is_some_and(|key| keys.contains(&key)) {
            return Err(Verdict::Passed);
        }
        let (route, slot) = self
            .catalog
            .route(event, copy.listening())
            .map_err(|refusal| match refusal {
                Refusal::Unwanted => Verdict::Passed,
                Refusal::Unknown(text) => Verdict::Told(text),
            })?;
        let row = match copy.get(&slot) {
            Some(row) => row,
            None => {
                let rows = self.store.load(std::slice::from_ref(&slot)).await;
                let row = rows
                    .map_err(|error| unloaded(event, &error))?
                    .into_iter()
                    .next()
                    .flatten();
                copy.loaded(slot.clone(), row.clone());
                row
            }
        };
        let call = Call {
            handler: route.handler,
            event: event.clone(),
            slot: slot.clone(),
            row,
            now: self.time.now(),
            services: self.services.clone(),
        };
        Ok(self.call(route, slot, call))
    }

    fn call(&self, route: Route, slot: Slot, call: Call) -> Running {
        let part = self.catalog.part(route).clone();
        let (workshop, event) = (self.workshop.clone(), call.event.clone());
        async move {
            let done = workshop.run(move || part.turn(call)).await;
            verdict(done, &slot, &event)
        }
        .boxed_local()
    }

    /// Commits a batch and tells everybody. `false` where it had to be taken again, so that what was
    /// started on top of it is void.
    async fn commit(&self, place: &Place, mut turns: Vec<Turn>, copy: &mut WorkingCopy) -> bool {
        for attempt in 0..TRIES {
            if turns.is_empty() {
                return true;
            }
            let built = self.build(&turns, copy);
            match self.write(&built).await {
                Ok(()) => {
                    self.finish(place, turns, built, copy);
                    return attempt == 0;
                }
                Err(CommitError::Unavailable(error)) => {
                    tracing::error!(%place, error, turns = turns.len(), "a batch can't be committed");
                    copy.reset();
                    turns
                        .into_iter()
                        .for_each(|t| t.pending.back(Answer::Refused(UNAVAILABLE.into())));
                    return false;
                }
                Err(CommitError::Duplicate(i)) => pass(&mut turns, built.turn_of_key(i)),
                Err(CommitError::Gone(i)) => pass(&mut turns, built.turn_of_job(i)),
                Err(CommitError::Conflict(slot)) => tracing::info!(%slot, "taking a batch again"),
                Err(CommitError::Refused(error)) if turns.len() == 1 => {
                    copy.reset();
                    let turn = &mut turns[0];
                    turn.verdict = failed(&turn.pending.event, place, &anyhow::anyhow!(error));
                    turn.passed = true;
                    continue;
                }
                Err(CommitError::Refused(error)) => {
                    tracing::warn!(%place, error, "a batch is refused; taking its turns one by one");
                    break;
                }
            }
            self.retake(&mut turns, copy).await;
        }
        self.one_by_one(place, turns, copy).await;
        false
    }

    /// Writes a commit; one whose answer was lost is repeated, its id tells the store.
    async fn write(&self, built: &Built) -> Result<(), CommitError> {
        if built.commit.is_empty() {
            return Ok(());
        }
        for wait in [50, 250] {
            match self.store.commit(built.commit.clone()).await {
                Err(CommitError::Unavailable(_)) => sleep(Duration::from_millis(wait)).await,
                done => return done,
            }
        }
        self.store.commit(built.commit.clone()).await
    }

    async fn retake(&self, turns: &mut [Turn], copy: &mut WorkingCopy) {
        copy.reset();
        let mut keys = Vec::new();
        for turn in turns.iter_mut().filter(|turn| !turn.passed) {
            turn.verdict = self.take(&turn.pending.event, copy, &keys).await;
            apply(copy, &turn.verdict);
            keys.extend(turn.pending.event.key);
        }
    }

    /// Each turn in a commit of its own, so that only the poisonous one fails.
    fn one_by_one<'a>(
        &'a self,
        place: &'a Place,
        turns: Vec<Turn>,
        copy: &'a mut WorkingCopy,
    ) -> LocalBoxFuture<'a, ()> {
        async move {
            copy.reset();
            for mut turn in turns {
                if !turn.passed {
                    turn.verdict = self.take(&turn.pending.event, copy, &[]).await;
                    apply(copy, &turn.verdict);
                }
                if let Some(turn) = self.commit_one(place, turn, copy).await {
                    copy.reset();
                    turn.pending.back(Answer::Refused(UNAVAILABLE.into()));
                }
            }
        }
        .boxed_local()
    }

    /// A single turn's commit; gives it back where it still doesn't go through.
    async fn commit_one(&self, place: &Place, turn: Turn, copy: &mut WorkingCopy) -> Option<Turn> {
        let mut turns = vec![turn];
        for _ in 0..TRIES {
            let built = self.build(&turns, copy);
            match self.write(&built).await {
                Ok(()) => {
                    self.finish(place, turns, built, copy);
                    return None;
                }
                Err(CommitError::Duplicate(_) | CommitError::Gone(_)) => pass(&mut turns, Some(0)),
                Err(CommitError::Conflict(_)) => self.retake(&mut turns, copy).await,
                Err(CommitError::Refused(error)) => {
                    let turn = &mut turns[0];
                    turn.verdict = failed(&turn.pending.event, place, &anyhow::anyhow!(error));
                    turn.passed = true;
                }
                Err(CommitError::Unavailable(_)) => break,
            }
            copy.reset();
        }
        turns.pop()
    }

    fn build(&self, turns: &[Turn], copy: &WorkingCopy) -> Built {
        let (ids, presence) = (&*self.services.ids, &self.presence);
        let built = Built::default();
        let mut builder = Builder {
            now: self.time.now(),
            ids,
            presence,
            copy,
            built,
        };
        for (index, turn) in turns.iter().enumerate() {
            builder.turn(index, &turn.pending, &turn.verdict);
        }
        builder.finish()
    }

    /// After the commit: answers, and hints for the hubs.
    fn finish(&self, place: &Place, turns: Vec<Turn>, built: Built, copy: &mut WorkingCopy) {
        let changes = copy.listening_changes();
        copy.committed();
        metrics::counter!(names::TURNS).increment(turns.len() as u64);
        if !changes.is_empty() {
            self.hubs.router.do_send(Listens {
                place: place.clone(),
                changes,
            });
        }
        if !built.commit.rows.is_empty() || !built.commit.cards.is_empty() {
            self.hubs.poster.do_send(Leaves {
                rows: built.commit.rows,
                cards: built.commit.cards,
            });
        }
        if let Some(due) = built.due {
            self.hubs.alarm.do_send(JobsDue(due));
        }
        for (turn, answer) in turns.into_iter().zip(built.answers) {
            match turn.verdict {
                Verdict::Again => turn.pending.back(answer),
                _ => turn.pending.done(answer),
            }
        }
    }
}

fn apply(copy: &mut WorkingCopy, verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Done(outcome) => copy.apply(outcome),
        _ => false,
    }
}

fn pass(turns: &mut [Turn], index: Option<usize>) {
    if let Some(turn) = index.and_then(|i| turns.get_mut(i)) {
        turn.verdict = Verdict::Passed;
        turn.passed = true;
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
        Ok(Err(Failure::Broken(error))) => failed(event, slot, &error),
        Err(error) => failed(event, slot, &error.into()),
    }
}

/// A turn that failed: the log gets the chain, the person an id.
fn failed(event: &Event, where_: &dyn std::fmt::Display, error: &anyhow::Error) -> Verdict {
    let id = format!("{:08x}", fastrand::u32(..));
    metrics::counter!(names::TURN_ERRORS).increment(1);
    tracing::error!(id, slot = %where_, event = event.body.kind(), error = format!("{error:#}"), "a turn failed");
    if let Body::Signal { attempts, .. } = event.body
        && attempts + 1 < JOB_TRIES
    {
        return Verdict::Again;
    }
    Verdict::Told(format!(
        "Something went wrong here, and nothing was changed. If you ask about it, say the id `{id}`."
    ))
}

/// The slot of an event can't be read.
fn unloaded(event: &Event, error: &StoreError) -> Verdict {
    tracing::error!(place = %event.place, %error, "a slot can't be loaded");
    match event.body {
        Body::Signal { .. } | Body::Post(_) | Body::Observed(_) => Verdict::Again,
        _ => Verdict::Told(UNAVAILABLE.into()),
    }
}
