//! One place's turns.

use std::collections::VecDeque;
use std::rc::Rc;

use actix::prelude::*;

use super::copy::WorkingCopy;
use super::engine::{Engine, Queue, Waiting};
use super::messages::{Asked, Take};
use super::pending::Pending;
use crate::event::{Place, Question};

/// One place's turns, one batch at a time.
///
/// It starts with its first event and leaves memory by the Router's word only, which gives up its
/// address once nothing of it is outstanding.
pub struct Conversation {
    place: Place,
    queue: Queue,
    /// Away while a batch is being taken.
    copy: Option<WorkingCopy>,
    engine: Rc<Engine>,
}

impl Conversation {
    /// A place with what its slots listen for.
    pub fn new(place: Place, listening: Vec<Question>, engine: Rc<Engine>) -> Self {
        let copy = Some(WorkingCopy::new(listening));
        Self {
            place,
            queue: Rc::new(VecDeque::new().into()),
            copy,
            engine,
        }
    }

    fn push(&mut self, waiting: Waiting, ctx: &mut Context<Self>) {
        self.queue.borrow_mut().push_back(waiting);
        self.work(ctx);
    }

    /// Takes what waits, unless a batch is being taken: that one takes it too.
    fn work(&mut self, ctx: &mut Context<Self>) {
        let Some(mut copy) = self.copy.take() else {
            return;
        };
        let (engine, place, queue) = (self.engine.clone(), self.place.clone(), self.queue.clone());
        let batch = async move {
            engine.run(&place, &queue, &mut copy).await;
            copy
        };
        let done = batch.into_actor(self).map(|copy, this, ctx| {
            this.copy = Some(copy);
            if !this.queue.borrow().is_empty() {
                this.work(ctx);
            }
        });
        ctx.spawn(done);
    }
}

impl Actor for Conversation {
    type Context = Context<Self>;
}

impl Handler<Take> for Conversation {
    type Result = ();

    fn handle(&mut self, take: Take, ctx: &mut Context<Self>) {
        let pending = Pending::new(take.event, take.reply, self.engine.hubs.clone());
        self.push(Waiting::Event(pending), ctx);
    }
}

impl Handler<Asked> for Conversation {
    type Result = ();

    fn handle(&mut self, asked: Asked, ctx: &mut Context<Self>) {
        self.push(Waiting::Asked(asked), ctx);
    }
}
