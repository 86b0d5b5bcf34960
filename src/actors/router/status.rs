use actix::prelude::*;
use serde::Serialize;

use super::Router;
use crate::actors::messages::{Drain, Probe};
use crate::actors::{Health, Said};
use crate::telemetry::names;

#[derive(Serialize)]
struct Status {
    places: usize,
    waiting: usize,
    refused: u64,
    listening: usize,
}

impl Health for Status {
    fn problems(&self) -> &[String] {
        &[]
    }
}

impl Router {
    pub(super) fn measure(&self) {
        metrics::gauge!(names::QUEUED).set(self.waiting as f64);
        metrics::gauge!(names::PLACES).set(self.live.len() as f64);
    }
}

impl Handler<Drain> for Router {
    type Result = ResponseFuture<()>;

    /// Whoever brings events takes nothing new by now; what waits here is finished.
    fn handle(&mut self, _: Drain, _: &mut Context<Self>) -> Self::Result {
        self.stops = true;
        self.give_back();
        Box::pin(self.drains.wait(self.waiting == 0))
    }
}

impl Handler<Probe> for Router {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let status = Status {
            places: self.live.len(),
            waiting: self.waiting,
            refused: self.refused,
            listening: self.listeners.len(),
        };
        MessageResult(Said::of(&status))
    }
}
