mod commit; // how a batch is committed

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use self::commit::PendingWrite;
use super::batch::BatchTurn;
use super::copy::WorkingCopy;
use super::engine::{Handling, Mistaken};
use super::jobs::TRIES;
use super::verdict::{Broken, Verdict};
use super::workshop::Begin;
use super::{Engine, Fate, Queue, Waiter, Waiting};
use crate::event::{Answer, Body, Event, Listening, Place, Question, Row, Slot};
use crate::model::ids::Millis;
use crate::sentences::unfinished::failed;
use crate::store::CardWrite;
use crate::telemetry::names;
use crate::time::{Instant, instant, timeout_at};

/// A batch doesn't wait longer than this for a handler.
const PATIENCE: Duration = Duration::from_millis(20);

/// What others are to hear, in this order.
pub enum Told<W> {
    /// What these slots listen for from now on.
    Listens(Vec<(Slot, Option<Listening>)>),
    /// What a commit wants to leave.
    Leaves {
        /// Rows of the outbox.
        rows: Vec<Row>,
        cards: Vec<CardWrite>,
    },
    /// There are new jobs, the first due at this time.
    Due(Millis),
    /// A turn failed.
    Failed(Failed),
    /// Author code is to be begun: nobody is told, but who takes turns on a thread that may be blocked begins it
    /// there, and anybody else lets it go.
    Begins(Begin),
    /// Nobody knows whether a batch was committed, nor ever will by its answer.
    Unsure,
    /// An event's turn is over, and its waiter is to be settled so.
    Settled {
        /// Who waits.
        waiter: W,
        /// What a person reads.
        answer: Answer,
        /// What became of it.
        fate: Fate,
    },
}

/// A turn that failed: the log gets all of it, and the person who waits an id to ask about.
#[derive(Debug)]
pub struct Failed {
    /// What to ask about.
    pub id: String,
    /// What was handled.
    pub event: Arc<Event>,
    /// Its slot, or its place.
    pub at: String,
    /// What happened.
    pub error: anyhow::Error,
}

/// The turns of one place, taken in the order of their events and committed in batches.
pub struct Turns<W> {
    pub(super) place: Place,
    pub(super) copy: WorkingCopy,
    queue: Queue<W>,
    /// What comes before the queue.
    pub(super) first: VecDeque<First<W>>,
    /// Turns that aren't committed yet.
    pub(super) batch: Vec<BatchTurn<W>>,
    /// The batch's commit, while it is written.
    write: Option<PendingWrite>,
    /// A handler under way, and until when a batch before it waits for it.
    pub(super) running: Option<(W, Handling, Instant)>,
    /// The batch takes no more.
    pub(super) closes: bool,
    /// How often the batch was taken again.
    pub(super) tries: usize,
    /// Each turn has a commit of its own, so that only a poisonous one fails.
    pub(super) singly: bool,
    mistaken: Mistaken,
    pub(super) told: VecDeque<Told<W>>,
}

/// What comes before all that waits.
pub(super) enum First<W> {
    /// An event that is to be taken, or taken again.
    Event(W),
    /// A turn that only needs its commit.
    Decided(BatchTurn<W>),
}

impl<W: Waiter> Turns<W> {
    /// Turns of a place, whose events others put into `queue`. `listening` is what its slots wait for.
    pub fn new(place: Place, listening: Vec<Question>, queue: Queue<W>) -> Self {
        Self {
            place,
            copy: WorkingCopy::new(listening),
            queue,
            first: VecDeque::new(),
            batch: Vec::new(),
            write: None,
            running: None,
            closes: false,
            tries: 0,
            singly: false,
            mistaken: Vec::new(),
            told: VecDeque::new(),
        }
    }

    /// Goes on until others are to hear something, which comes also while a long handler runs; `None` once nothing
    /// waits. One that is dropped half way goes on where it was.
    pub async fn step(&mut self, engine: &Engine) -> Option<Told<W>> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            if self.write.is_some() {
                self.write(engine).await;
            } else if self.running.is_some() {
                self.hear(engine).await;
            } else if self.is_full(engine.batch) {
                self.build(engine);
            } else if self.finds_next() {
                self.start(engine).await;
            } else if !self.batch.is_empty() {
                self.build(engine);
            } else {
                return None;
            }
        }
    }

    /// Whether the next step tells something at once that others are to hear.
    pub(super) fn has_more_to_tell(&self) -> bool {
        let next = self.told.front();
        next.is_some_and(|told| !matches!(told, Told::Begins(_)))
    }

    fn is_full(&self, most: usize) -> bool {
        let one = self.singly && !self.batch.is_empty();
        self.closes || one || self.batch.len() >= most
    }

    /// Whether something is first, be it from the queue.
    fn finds_next(&mut self) -> bool {
        while self.first.is_empty() {
            match self.queue.pop() {
                None => return false,
                Some(Waiting::Asked(row, at)) => self.copy.asked(&row, at),
                Some(Waiting::Event(waiter)) => self.first.push_back(First::Event(waiter)),
            }
        }
        true
    }

    /// Starts the first, which stays the first until its handler has begun.
    async fn start(&mut self, engine: &Engine) {
        let (event, lead) = match self.first.front_mut() {
            Some(First::Event(waiter)) => (waiter.event().clone(), waiter.lead()),
            _ => {
                if let Some(First::Decided(turn)) = self.first.pop_front() {
                    self.batch.push(turn);
                }
                return;
            }
        };
        let taken = |turn: &BatchTurn<W>| turn.waiter.event().key == event.key;
        let started = if event.key.is_some() && self.batch.iter().any(taken) {
            tracing::debug!(event = %event.id(), "an event is handled already");
            Err(Verdict::Passed)
        } else {
            let started = engine.start(&event, lead, &mut self.copy, &mut self.mistaken);
            started.await
        };
        for mistaken in self.mistaken.drain(..) {
            self.told.push_back(Told::Listens(vec![mistaken]));
        }
        if let Some(First::Event(waiter)) = self.first.pop_front() {
            match started {
                Ok((begin, running)) => {
                    self.running = Some((waiter, running, instant() + PATIENCE));
                    self.told.extend(begin.map(Told::Begins));
                }
                Err(verdict) => self.took(waiter, verdict),
            }
        }
    }

    /// Waits for the handler that runs; what came before it is committed if that takes long.
    async fn hear(&mut self, engine: &Engine) {
        let Some((_, running, patience)) = &mut self.running else {
            return;
        };
        let verdict = match self.batch.is_empty() {
            true => Some(running.await),
            false => timeout_at(*patience, running).await.ok(),
        };
        match verdict {
            None => self.build(engine),
            Some(verdict) => {
                if let Some((waiter, ..)) = self.running.take() {
                    let verdict =
                        verdict.unwrap_or_else(|broken| self.broke(waiter.event(), broken));
                    self.took(waiter, verdict);
                }
            }
        }
    }

    fn took(&mut self, waiter: W, mut verdict: Verdict) {
        if let Verdict::Done(outcome) = &mut verdict {
            self.closes |= self.copy.apply(outcome);
        }
        self.batch.push(BatchTurn {
            waiter,
            verdict,
            decided: false,
        });
    }

    /// What failed is told of. A job is brought again a few times; anybody else reads a sentence.
    pub(super) fn broke(&mut self, event: &Arc<Event>, broken: Broken) -> Verdict {
        let Broken { at, reason, error } = broken;
        let id = format!("{:08x}", fastrand::u32(..));
        metrics::counter!(names::TURN_ERRORS, "reason" => reason).increment(1);
        let verdict = match event.body {
            Body::Signal { attempts, .. } if attempts + 1 < TRIES => Verdict::Again(Fate::Failed),
            _ => Verdict::Told(failed(&id)),
        };
        let event = event.clone();
        self.told.push_back(Told::Failed(Failed {
            id,
            event,
            at,
            error,
        }));
        verdict
    }
}
