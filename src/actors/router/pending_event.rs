use std::sync::Arc;

use crate::actors::Reply;
use crate::actors::hubs::Hubs;
use crate::actors::messages::{Handled, JobDone, Taken};
use crate::event::{Answer, Event};
use crate::skill::Lead;
use crate::turns::{Fate, Waiter};

/// An event that waits for its turn, and who is told.
///
/// It is always settled: one that is dropped, because the turn's own actor fell over, goes back to
/// where it came from.
pub struct PendingEvent {
    event: Arc<Event>,
    lead: Lead,
    reply: Option<Reply>,
    hubs: Arc<Hubs>,
}

impl PendingEvent {
    /// This event, with what is known of its route, for whom `reply` says.
    pub fn new(event: Arc<Event>, lead: Lead, reply: Reply, hubs: Arc<Hubs>) -> Self {
        Self {
            event,
            lead,
            reply: Some(reply),
            hubs,
        }
    }
}

impl Waiter for PendingEvent {
    fn event(&self) -> &Arc<Event> {
        &self.event
    }

    fn lead(&mut self) -> Lead {
        std::mem::take(&mut self.lead)
    }

    fn claims(&self) -> bool {
        match &self.reply {
            Some(Reply::Person(open)) => open.claim(),
            _ => false,
        }
    }

    fn settled(mut self, answer: Answer, fate: Fate) {
        if let Some(reply) = self.reply.take() {
            settle(&self.hubs, reply, answer, fate);
        }
    }
}

impl Drop for PendingEvent {
    fn drop(&mut self) {
        self.hubs.taken.do_send(Taken(self.event.place.clone()));
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
            let handled = Handled {
                channel,
                post,
                at,
                fate,
            };
            hubs.intake
                .iter()
                .for_each(|intake| intake.do_send(handled.clone()));
        }
        Reply::Job(job) => hubs.clock.do_send(JobDone { job, fate }),
        Reply::Nobody => {}
    }
}
