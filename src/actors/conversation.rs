//! One place's turns.

use std::sync::Arc;

use actix::prelude::*;

use super::hubs::Hubs;
use super::messages::{Asked, JobsDue, Leaves, Listens, Reload, Take, Unsure};
use super::pending::Pending;
use crate::event::{Place, Question};
use crate::turns::{Engine, Failed, Queue, Told, Turns, Waiter, Waiting};

/// One place's turns, one batch at a time.
///
/// It starts with its first event and leaves memory by the Router's word only, which gives up its
/// address once nothing of it is outstanding.
pub struct Conversation {
    queue: Queue<Pending>,
    /// Away while they are taken.
    turns: Option<Turns<Pending>>,
    engine: Arc<Engine>,
    hubs: Arc<Hubs>,
}

impl Conversation {
    /// A place with what its slots listen for.
    pub fn new(
        place: Place,
        listening: Vec<Question>,
        engine: Arc<Engine>,
        hubs: Arc<Hubs>,
    ) -> Self {
        let queue = Queue::default();
        let turns = Some(Turns::new(place, listening, queue.clone()));
        Self {
            queue,
            turns,
            engine,
            hubs,
        }
    }

    fn push(&mut self, waiting: Waiting<Pending>, ctx: &mut Context<Self>) {
        self.queue.push(waiting);
        self.work(ctx);
    }

    /// Takes what waits, unless that is being done: then this is taken, too.
    fn work(&mut self, ctx: &mut Context<Self>) {
        let Some(mut turns) = self.turns.take() else {
            return;
        };
        let (engine, hubs) = (self.engine.clone(), self.hubs.clone());
        let work = async move {
            while let Some(told) = turns.step(&engine).await {
                hubs.tell(told);
            }
            turns
        };
        let done = work.into_actor(self).map(|turns, this, ctx| {
            this.turns = Some(turns);
            if !this.queue.is_empty() {
                this.work(ctx);
            }
        });
        ctx.spawn(done);
    }
}

impl Hubs {
    /// Whom it concerns hears of it.
    fn tell(&self, told: Told<Pending>) {
        match told {
            Told::Listens(changes) => self.router.do_send(Listens(changes)),
            Told::Leaves { rows, cards } => self.poster.do_send(Leaves { rows, cards }),
            Told::Due(due) => self.alarm.do_send(JobsDue(due)),
            Told::Failed(Failed {
                id,
                event,
                at,
                error,
            }) => {
                let (event, error) = (event.body.kind(), format!("{error:#}"));
                tracing::error!(id, slot = at, event, error, "a turn failed");
            }
            Told::Unsure => {
                self.outbox.do_send(Unsure);
                self.router.do_send(Reload);
            }
            Told::Settled {
                waiter,
                answer,
                fate,
            } => waiter.settled(answer, fate),
        }
    }
}

impl Actor for Conversation {
    type Context = Context<Self>;
}

impl Handler<Take> for Conversation {
    type Result = ();

    fn handle(&mut self, take: Take, ctx: &mut Context<Self>) {
        let pending = Pending::new(take.event, take.reply, self.hubs.clone());
        self.push(Waiting::Event(pending), ctx);
    }
}

impl Handler<Asked> for Conversation {
    type Result = ();

    fn handle(&mut self, asked: Asked, ctx: &mut Context<Self>) {
        self.push(Waiting::Asked(asked.row, asked.at), ctx);
    }
}
