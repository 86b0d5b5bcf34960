use std::rc::Rc;
use std::sync::Arc;

use super::Reply;
use super::hubs::Hubs;
use super::messages::{Fate, Handled, Handling, JobDone, Taken};
use crate::event::{Answer, Event};

/// An event that waits for its turn, and who is told.
///
/// It is always settled: one that is dropped, because the turn's own actor fell over, goes back to
/// where it came from.
pub(super) struct Pending {
    pub event: Arc<Event>,
    pub reply: Option<Reply>,
    hubs: Rc<Hubs>,
}

impl Pending {
    pub fn new(event: Arc<Event>, reply: Reply, hubs: Rc<Hubs>) -> Self {
        Self {
            event,
            reply: Some(reply),
            hubs,
        }
    }

    /// The turn is committed, or there is nothing to commit.
    pub fn done(mut self, answer: Answer) {
        if let Some(reply) = self.reply.take() {
            settle(&self.hubs, reply, answer, Fate::Done);
        }
    }

    /// Nothing was done: a person reads the answer, everything else is brought again.
    pub fn back(mut self, answer: Answer, fate: Fate) {
        if let Some(reply) = self.reply.take() {
            settle(&self.hubs, reply, answer, fate);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.hubs.router.do_send(Taken(self.event.place.clone()));
        match self.reply.take() {
            // A dropped sender is an answer too: Webhooks says that something went wrong.
            None | Some(Reply::Person(_)) => {}
            Some(reply) => settle(&self.hubs, reply, Answer::silent(), Fate::Failed),
        }
    }
}

/// Tells whoever brought an event what became of it.
pub(super) fn settle(hubs: &Hubs, reply: Reply, answer: Answer, fate: Fate) {
    match reply {
        Reply::Person(open) => open.give(answer),
        Reply::Post { channel, post, at } => {
            let how = match fate {
                Fate::Done => Handling::Done,
                _ => Handling::Dropped,
            };
            let handled = Handled {
                channel,
                post,
                at,
                how,
            };
            hubs.intake
                .iter()
                .for_each(|intake| intake.do_send(handled.clone()));
        }
        Reply::Job(job) => hubs.clock.do_send(JobDone { job, fate }),
        Reply::Nobody => {}
    }
}
