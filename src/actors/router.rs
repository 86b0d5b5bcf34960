use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::conversation::Conversation;
use super::engine::Engine;
use super::guard::Guard;
use super::hubs::Hubs;
use super::messages::{Asked, Deliver, Listen, Listens, Probe, Take, Taken};
use super::pending::settle;
use super::{OpenAnswer, Reply};
use crate::event::{Answer, Event, Place, Question, RowId};
use crate::model::ids::Millis;
use crate::skill::Refusal;
use crate::telemetry::names;

/// How many places stay in memory with nothing to do.
const IDLE: usize = 512;

const BUSY: &str = "I have too much to do right now. Please try again in a moment.";

/// How much may wait before events are refused.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// In one place.
    pub place: usize,
    /// In all.
    pub total: usize,
    /// Rows that Mattermost hasn't taken yet.
    pub unsent: usize,
}

/// Brings each event to its place's Conversation, and knows who listens.
///
/// All bounds are its counts: mailboxes have none that hold.
pub struct Router {
    engine: Rc<Engine>,
    bounds: Bounds,
    /// Rows that the Poster holds.
    pressure: Arc<AtomicUsize>,
    live: HashMap<Place, Live>,
    idle: VecDeque<Place>,
    waiting: usize,
    refused: u64,
    listening: HashMap<Place, Vec<Question>>,
    questions: HashMap<RowId, Place>,
    _guard: Guard,
}

struct Live {
    address: Addr<Conversation>,
    waiting: usize,
}

#[derive(Serialize)]
struct Looks {
    places: usize,
    waiting: usize,
    refused: u64,
    listening: usize,
}

impl Router {
    /// A router without live places. `pressure` is the Poster's count of unsent rows.
    pub fn new(engine: Rc<Engine>, bounds: Bounds, pressure: Arc<AtomicUsize>) -> Self {
        Self {
            engine,
            bounds,
            pressure,
            live: HashMap::new(),
            idle: VecDeque::new(),
            waiting: 0,
            refused: 0,
            listening: HashMap::new(),
            questions: HashMap::new(),
            _guard: Guard::new("Router"),
        }
    }

    fn hubs(&self) -> &Rc<Hubs> {
        &self.engine.hubs
    }

    fn listening(&self, place: &Place) -> &[Question] {
        self.listening.get(place).map_or(&[], Vec::as_slice)
    }

    fn deliver(&mut self, event: Arc<Event>, reply: Reply) {
        let kind = event.body.kind();
        let outcome = match self
            .engine
            .catalog
            .route(&event, self.listening(&event.place))
        {
            Ok(_) if self.full(&event.place) => {
                self.refused += 1;
                settle(self.hubs(), reply, Answer::Refused(BUSY.into()), false);
                "busy"
            }
            Ok(_) => {
                self.take(event, reply);
                "new"
            }
            Err(refusal) => {
                self.unmatched(&event, reply, refusal);
                "unmatched"
            }
        };
        metrics::counter!(names::EVENTS, "kind" => kind, "outcome" => outcome).increment(1);
        metrics::gauge!(names::QUEUED).set(self.waiting as f64);
        metrics::gauge!(names::PLACES).set(self.live.len() as f64);
    }

    fn full(&self, place: &Place) -> bool {
        self.waiting >= self.bounds.total
            || self
                .live
                .get(place)
                .is_some_and(|live| live.waiting >= self.bounds.place)
            || self.pressure.load(Ordering::Relaxed) >= self.bounds.unsent
    }

    fn take(&mut self, event: Arc<Event>, reply: Reply) {
        let place = event.place.clone();
        if self
            .live
            .get(&place)
            .is_some_and(|live| !live.address.connected())
        {
            tracing::error!(%place, "a conversation fell over; starting it again");
            let gone = self.live.remove(&place);
            self.waiting -= gone.map_or(0, |live| live.waiting);
        }
        if !self.live.contains_key(&place) {
            let listening = self.listening(&place).to_vec();
            let address = Conversation::new(place.clone(), listening, self.engine.clone()).start();
            self.live.insert(
                place.clone(),
                Live {
                    address,
                    waiting: 0,
                },
            );
        }
        if let Some(live) = self.live.get_mut(&place) {
            live.waiting += 1;
            self.waiting += 1;
            live.address.do_send(Take { event, reply });
        }
    }

    fn unmatched(&self, event: &Event, reply: Reply, refusal: Refusal) {
        match (refusal, reply) {
            (Refusal::Unknown(text), Reply::Person(open)) => refuse(open, text),
            // A job whose skill is gone stays, for the day that the skill comes back.
            (_, Reply::Job(job)) => {
                tracing::warn!(slot = %event.place, "no skill takes this job: add `.signal(…)`");
                settle(self.hubs(), Reply::Job(job), Answer::silent(), false);
            }
            (_, reply) => settle(self.hubs(), reply, Answer::silent(), true),
        }
    }

    fn taken(&mut self, place: &Place) {
        let Some(live) = self.live.get_mut(place) else {
            return;
        };
        live.waiting = live.waiting.saturating_sub(1);
        self.waiting = self.waiting.saturating_sub(1);
        if live.waiting > 0 {
            return;
        }
        self.idle.push_back(place.clone());
        while self.idle.len() > IDLE {
            let oldest = self.idle.pop_front();
            let rests = |place: &Place| self.live.get(place).is_some_and(|live| live.waiting == 0);
            if let Some(place) = oldest.filter(rests) {
                self.live.remove(&place);
            }
        }
    }

    fn listens(&mut self, question: Question) {
        let place = question.slot.place.clone();
        self.questions
            .insert(question.listening.row.clone(), place.clone());
        self.listening.entry(place).or_default().push(question);
    }

    fn stops_listening(&mut self, place: &Place, slot: &crate::event::Slot) {
        let Some(questions) = self.listening.get_mut(place) else {
            return;
        };
        for question in questions.extract_if(.., |question| question.slot == *slot) {
            self.questions.remove(&question.listening.row);
        }
        if questions.is_empty() {
            self.listening.remove(place);
        }
    }

    fn asked(&mut self, row: &RowId, at: Millis) -> Option<Place> {
        let place = self.questions.get(row)?.clone();
        for question in self.listening.get_mut(&place)?.iter_mut() {
            if question.listening.row == *row {
                question.listening.since = Some(at);
            }
        }
        Some(place)
    }
}

fn refuse(open: OpenAnswer, text: String) {
    open.give(Answer::Refused(text));
}

impl Actor for Router {
    type Context = Context<Self>;
}

impl Handler<Deliver> for Router {
    type Result = ();

    fn handle(&mut self, deliver: Deliver, _: &mut Context<Self>) {
        self.deliver(deliver.event, deliver.reply);
    }
}

impl Handler<Taken> for Router {
    type Result = ();

    fn handle(&mut self, Taken(place): Taken, _: &mut Context<Self>) {
        self.taken(&place);
    }
}

impl Handler<Listens> for Router {
    type Result = ();

    fn handle(&mut self, listens: Listens, _: &mut Context<Self>) {
        for (slot, listening) in listens.changes {
            self.stops_listening(&listens.place, &slot);
            listening.into_iter().for_each(|listening| {
                self.listens(Question {
                    slot: slot.clone(),
                    listening,
                })
            });
        }
    }
}

impl Handler<Listen> for Router {
    type Result = ();

    fn handle(&mut self, Listen(questions): Listen, _: &mut Context<Self>) {
        questions
            .into_iter()
            .for_each(|question| self.listens(question));
    }
}

impl Handler<Asked> for Router {
    type Result = ();

    fn handle(&mut self, asked: Asked, _: &mut Context<Self>) {
        let Some(place) = self.asked(&asked.row, asked.at) else {
            return;
        };
        if let Some(live) = self.live.get(&place) {
            live.address.do_send(asked);
        }
    }
}

impl Handler<Probe> for Router {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let looks = Looks {
            places: self.live.len(),
            waiting: self.waiting,
            refused: self.refused,
            listening: self.listening.values().map(Vec::len).sum(),
        };
        MessageResult(serde_json::to_value(looks).unwrap_or(Value::Null))
    }
}
