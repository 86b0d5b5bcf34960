//! Events to places, and the bounds of all.

mod bounds;
mod conversation;
mod idle;
mod listeners;
mod pending_event;
mod reloading;
#[cfg(test)]
mod tests;
mod undecided;
mod status;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use actix::prelude::*;

pub use bounds::Bounds;

use self::conversation::{Conversation, Take};
use self::idle::{Idle, LastTurn};
use self::listeners::Listeners;
use self::pending_event::{PendingEvent, settle};
use super::Reply;
use super::drains::Drains;
use super::guard::Guard;
use super::hubs::Hubs;
use super::messages::{Asked, Deliver, Listens, Taken};
use super::pressure::Pressure;
use crate::event::{Answer, Event, Place, Question};
use crate::sentences::unfinished::busy;
use crate::skill::{Lead, NotTaken};
use crate::telemetry::names;
use crate::turns::{Engine, Fate};

/// Brings each event to its place's Conversation, and knows who listens.
///
/// All bounds are its counts: mailboxes have none that hold.
pub struct Router {
    engine: Arc<Engine>,
    hubs: Arc<Hubs>,
    bounds: Bounds,
    /// What the Poster holds.
    pressure: Pressure,
    live: HashMap<Place, LivePlace>,
    idle: Idle,
    waiting: usize,
    refused: u64,
    listeners: Listeners,
    /// What may answer a question that is being posted, and what Intake brought after it.
    undecided: HashMap<Place, VecDeque<(Arc<Event>, Reply)>>,
    reloading: bool,
    /// There was cause to read again while it was reading.
    again: bool,
    /// The program stops.
    stops: bool,
    drains: Drains,
    _guard: Guard,
}

struct LivePlace {
    address: Addr<Conversation>,
    waiting: usize,
    /// Since when it has had nothing to do.
    idle: Option<LastTurn>,
    /// What it remembers may be old: it goes as soon as it has nothing to do.
    stale: bool,
}

impl Router {
    /// A router without live places. `questions` is what slots listen for, `pressure` what
    /// the Poster holds.
    pub fn new(
        engine: Arc<Engine>,
        hubs: Arc<Hubs>,
        questions: Vec<Question>,
        bounds: Bounds,
        pressure: Pressure,
    ) -> Self {
        Self {
            engine,
            hubs,
            bounds,
            pressure,
            live: HashMap::new(),
            idle: Idle::default(),
            waiting: 0,
            refused: 0,
            listeners: Listeners::new(questions),
            undecided: HashMap::new(),
            reloading: false,
            again: false,
            stops: false,
            drains: Drains::default(),
            _guard: Guard::new("Router"),
        }
    }

    fn deliver(&mut self, event: Arc<Event>, reply: Reply) {
        let _here = tracing::debug_span!("router", event = %event.id()).entered();
        if self.is_undecided(&event, &reply) {
            tracing::debug!(
                "an event waits until it is known whether a question was there before it"
            );
            return self.hold(event, reply);
        }
        let kind = event.body.kind();
        let outcome = match self
            .engine
            .catalog
            .lead(&event, self.listeners.of(&event.place))
        {
            Ok(_) if self.full(&event.place) => {
                tracing::debug!(place = %event.place, "there is no room for an event");
                self.refused += 1;
                let sentence = busy(&event.body, self.engine.services.directory.me());
                settle(&self.hubs, reply, Answer::Refused(sentence), Fate::Waits);
                "busy"
            }
            Ok(lead) => {
                tracing::debug!(place = %event.place, "an event waits for its turn");
                self.take(event, lead, reply);
                "new"
            }
            Err(refusal) => {
                tracing::debug!(?refusal, "no skill takes an event");
                self.unmatched(event, reply, refusal);
                "unmatched"
            }
        };
        metrics::counter!(names::EVENTS, "kind" => kind, "outcome" => outcome).increment(1);
        self.measure();
    }

    fn take(&mut self, event: Arc<Event>, lead: Lead, reply: Reply) {
        let place = event.place.clone();
        let known = self.live.get(&place);
        let fell = known.is_some_and(|live| !live.address.connected());
        if fell {
            tracing::error!(%place, "a conversation fell over; starting it again");
        }
        if fell || known.is_none() {
            let live = LivePlace {
                address: self.begin(&place),
                // What the last one had is on its way back, and waits until then.
                waiting: known.map_or(0, |live| live.waiting),
                idle: known.and_then(|live| live.idle),
                stale: false,
            };
            self.live.insert(place.clone(), live);
        }
        if let Some(live) = self.live.get_mut(&place) {
            live.waiting += 1;
            self.waiting += 1;
            self.idle.wakes(live.idle.take());
            let pending = PendingEvent::new(event, lead, reply, self.hubs.clone());
            live.address.do_send(Take(pending));
        }
    }

    fn begin(&self, place: &Place) -> Addr<Conversation> {
        let listening = self.listeners.of(place).to_vec();
        let (engine, hubs) = (self.engine.clone(), self.hubs.clone());
        Conversation::new(place.clone(), listening, engine, hubs).start()
    }

    fn unmatched(&mut self, event: Arc<Event>, reply: Reply, refusal: NotTaken) {
        // That a form was closed is remembered all the same: it can't be submitted any more.
        if event.body.is_cancelled() && !self.full(&event.place) {
            return self.take(event, Lead::None, reply);
        }
        match (refusal, reply) {
            (NotTaken::Unknown(text), Reply::Person(open)) => open.give(Answer::Refused(text)),
            // A job whose skill is gone stays, for the day that the skill comes back.
            (_, Reply::Job(job)) => {
                tracing::warn!(event = %event.id(), slot = %event.place, "no skill takes this job: add `.signal(…)`");
                let back = Reply::Job(job);
                settle(&self.hubs, back, Answer::silent(), Fate::Unwanted);
            }
            (_, reply) => settle(&self.hubs, reply, Answer::silent(), Fate::Done),
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
        if live.stale {
            self.live.remove(place);
            return;
        }
        self.idle.wakes(live.idle.take());
        let (since, longest) = self.idle.rests(place.clone());
        live.idle = Some(since);
        if let Some(longest) = longest {
            self.live.remove(&longest);
        }
    }

    fn drained(&mut self) {
        if self.waiting == 0 {
            self.drains.done();
        }
    }
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
        self.measure();
        self.drained();
    }
}

impl Handler<Listens> for Router {
    type Result = ();

    fn handle(&mut self, listens: Listens, _: &mut Context<Self>) {
        for (slot, listening) in listens.0 {
            let place = slot.place.clone();
            let early = self.listeners.change(slot, listening);
            if let (Some(asked), Some(live)) = (early, self.live.get(&place)) {
                live.address.do_send(asked);
            }
            self.decide(&place);
        }
    }
}

impl Handler<Asked> for Router {
    type Result = ();

    fn handle(&mut self, asked: Asked, _: &mut Context<Self>) {
        let Some(place) = self.listeners.asked(&asked.row, asked.at) else {
            return;
        };
        if let Some(live) = self.live.get(&place) {
            live.address.do_send(asked);
        }
        self.decide(&place);
    }
}
