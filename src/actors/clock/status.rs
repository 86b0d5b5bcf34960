use actix::prelude::*;
use serde::Serialize;

use super::Clock;
use crate::actors::messages::Probe;
use crate::actors::{Health, Said};
use crate::model::ids::Millis;

#[derive(Serialize)]
struct Status {
    under_way: usize,
    brought: u64,
    next: Option<Millis>,
    problems: Vec<String>,
}

impl Health for Status {
    fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl Handler<Probe> for Clock {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let (under_way, brought) = (self.under_way.len(), self.brought);
        let next = self.wake.map(|(due, _)| due);
        let status = Status {
            under_way,
            brought,
            next,
            problems: self.overdue.problems(),
        };
        MessageResult(Said::of(&status))
    }
}
