use actix::prelude::*;
use serde::Serialize;

use super::{Poster, SetAside};
use crate::actors::messages::Probe;
use crate::actors::{Health, Said};

/// How the Poster is, for `/health`.
#[derive(Serialize)]
struct Status<'a> {
    unsent: usize,
    cards_behind: usize,
    puts: usize,
    sent: u64,
    /// For a place that the bot has lost.
    waiting: usize,
    #[serde(flatten)]
    set_aside: &'a SetAside,
    problems: Vec<String>,
}

impl Health for Status<'_> {
    fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl Handler<Probe> for Poster {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let mut problems = self.overdue();
        problems.extend(self.lost_places());
        let status = Status {
            unsent: self.lanes.len(),
            cards_behind: self.cards.behind(),
            puts: self.puts,
            sent: self.sent,
            waiting: self.lanes.len() - self.lanes.owed(),
            set_aside: &self.set_aside,
            problems,
        };
        MessageResult(Said::of(&status))
    }
}
