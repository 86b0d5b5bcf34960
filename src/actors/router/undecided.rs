use std::sync::Arc;

use actix::prelude::*;

use super::Router;
use super::pending_event::settle;
use crate::actors::Reply;
use crate::actors::messages::Posting;
use crate::event::{Answer, Body, Event, Place};
use crate::turns::Fate;

/// While a question is being posted nobody knows whether what its person says comes after it: its own event
/// can be lost, and the call's answer can be slow. Such posts wait until that is known, and what else
/// comes by Intake waits behind them.
impl Router {
    pub(super) fn is_undecided(&self, event: &Event, reply: &Reply) -> bool {
        let by_intake = matches!(reply, Reply::Post { .. } | Reply::Nobody)
            && matches!(event.body, Body::Post(_) | Body::Observed(_));
        by_intake
            && (self.undecided.contains_key(&event.place) || self.listeners.is_undecided(event))
    }

    pub(super) fn hold(&mut self, event: Arc<Event>, reply: Reply) {
        if self.stops || self.full(&event.place) {
            self.refused += u64::from(!self.stops);
            return settle(&self.hubs, reply, Answer::silent(), Fate::Waits);
        }
        let place = event.place.clone();
        let held = self.undecided.entry(place).or_default();
        held.push_back((event, reply));
        self.waiting += 1;
        self.measure();
    }

    /// More is known about a question of this place.
    pub(super) fn decide(&mut self, place: &Place) {
        for (event, reply) in self.undecided.remove(place).into_iter().flatten() {
            self.waiting -= 1;
            self.deliver(event, reply);
        }
        self.drained();
    }

    /// More may be known about the questions of all places.
    pub(super) fn decide_all(&mut self) {
        let places: Vec<_> = self.undecided.keys().cloned().collect();
        places.iter().for_each(|place| self.decide(place));
    }

    /// The program stops: what is undecided is read again at the next start.
    pub(super) fn give_back(&mut self) {
        let held = std::mem::take(&mut self.undecided);
        for (_, reply) in held.into_values().flatten() {
            self.waiting -= 1;
            settle(&self.hubs, reply, Answer::silent(), Fate::Waits);
        }
    }
}

impl Handler<Posting> for Router {
    type Result = ();

    fn handle(&mut self, posting: Posting, _: &mut Context<Self>) {
        let Posting { row, under_way } = posting;
        let place = self.listeners.posting(row, under_way).cloned();
        if let Some(place) = place.filter(|_| !under_way) {
            self.decide(&place);
        }
    }
}
