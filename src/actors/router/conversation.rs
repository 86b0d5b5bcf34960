//! One place's turns.

use std::sync::Arc;

use actix::WeakAddr;
use actix::prelude::*;

use super::pending_event::PendingEvent;
use crate::actors::hubs::Hubs;
use crate::actors::messages::{Asked, JobsDue, Leaves, Listens, Reload, Unsure};
use crate::event::{Place, Question};
use crate::turns::{Engine, Failed, Hears, Queue, Runner, Told, Turns, Waiter, Waiting};

/// Router → Conversation: take this, after all that you have.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Take(pub PendingEvent);

/// One place's turns, one batch at a time, on the threads of author code.
///
/// It starts with its first event and leaves memory by the Router's word only, which gives up its
/// address once nothing of it is outstanding.
pub struct Conversation {
    queue: Queue<PendingEvent>,
    taking: Taking,
    engine: Arc<Engine>,
    hubs: Arc<Hubs>,
}

/// Where they are taken.
enum Taking {
    /// On the threads of author code.
    Threads(Arc<Runner<PendingEvent>>),
    /// Here, for simulation, where there are none. `None` while they are taken.
    Here(Option<Box<Turns<PendingEvent>>>),
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
        let turns = Box::new(Turns::new(place, listening, queue.clone()));
        Self {
            queue,
            taking: Taking::Here(Some(turns)),
            engine,
            hubs,
        }
    }

    fn push(&mut self, waiting: Waiting<PendingEvent>, ctx: &mut Context<Self>) {
        match &self.taking {
            Taking::Threads(runner) => runner.push(waiting),
            Taking::Here(_) => {
                self.queue.push(waiting);
                self.work(ctx);
            }
        }
    }

    /// Takes what waits, unless that is being done: then this is taken, too.
    fn work(&mut self, ctx: &mut Context<Self>) {
        let Taking::Here(turns) = &mut self.taking else {
            return;
        };
        let Some(mut turns) = turns.take() else {
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
            this.taking = Taking::Here(Some(turns));
            if !this.queue.is_empty() {
                this.work(ctx);
            }
        });
        ctx.spawn(done);
    }
}

/// Brings here what turns tell on their threads. It keeps nobody in memory: while something is outstanding the Router
/// does.
struct Telling(WeakAddr<Conversation>);

impl Hears<PendingEvent> for Telling {
    fn hear(&self, told: Vec<Told<PendingEvent>>) {
        match self.0.upgrade() {
            Some(conversation) => conversation.do_send(Hear(told)),
            None => tracing::error!("a conversation is gone, with turns of its own under taking"),
        }
    }

    fn fell(&self) {
        if let Some(conversation) = self.0.upgrade() {
            conversation.do_send(Fell);
        }
    }
}

impl Hubs {
    /// Whom it concerns hears of it.
    fn tell(&self, told: Told<PendingEvent>) {
        match told {
            Told::Listens(changes) => self.listens.do_send(Listens(changes)),
            Told::Leaves { rows, cards } => self.poster.do_send(Leaves { rows, cards }),
            Told::Due(due) => self.alarm.do_send(JobsDue(due)),
            Told::Failed(Failed {
                id,
                event,
                at,
                error,
            }) => {
                let (kind, error) = (event.body.kind(), format!("{error:#}"));
                tracing::error!(id, event = %event.id(), kind, slot = at, error, "a turn failed");
            }
            // A thread of the workshop begins it.
            Told::Begins(begin) => drop(begin),
            Told::Unsure => {
                self.outbox.do_send(Unsure);
                self.reload.do_send(Reload);
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

    fn started(&mut self, ctx: &mut Context<Self>) {
        let Taking::Here(turns) = &mut self.taking else {
            return;
        };
        let Some(turns) = turns.take() else { return };
        let ears = Arc::new(Telling(ctx.address().downgrade()));
        let runner = Runner::new(self.engine.clone(), turns, self.queue.clone(), ears);
        self.taking = match runner {
            Ok(runner) => Taking::Threads(runner),
            Err(turns) => Taking::Here(Some(turns)),
        };
    }
}

/// Turns of a Conversation → itself: what others are to hear, in this order.
#[derive(Message)]
#[rtype(result = "()")]
struct Hear(Vec<Told<PendingEvent>>);

impl Handler<Hear> for Conversation {
    type Result = ();

    fn handle(&mut self, Hear(told): Hear, _: &mut Context<Self>) {
        told.into_iter().for_each(|told| self.hubs.tell(told));
    }
}

/// Turns of a Conversation → itself: taking them has fallen over.
#[derive(Message)]
#[rtype(result = "()")]
struct Fell;

impl Handler<Fell> for Conversation {
    type Result = ();

    fn handle(&mut self, _: Fell, ctx: &mut Context<Self>) {
        ctx.stop();
    }
}

impl Handler<Take> for Conversation {
    type Result = ();

    fn handle(&mut self, Take(pending): Take, ctx: &mut Context<Self>) {
        self.push(Waiting::Event(pending), ctx);
    }
}

impl Handler<Asked> for Conversation {
    type Result = ();

    fn handle(&mut self, asked: Asked, ctx: &mut Context<Self>) {
        self.push(Waiting::Asked(asked.row, asked.at), ctx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::Reply;
    use crate::actors::fake::{channel, engine, hubs, post_id, user};
    use crate::event::{Body, Event, Key, Person, PostBody};
    use crate::model::ids::Millis;
    use crate::skill::{AnySkill, Lead, Post, Skill};
    use crate::store::Memory;

    fn says(name: &'static str) -> AnySkill {
        let say = move |mut cx: crate::skill::Context<()>, _: Post| async move {
            cx.say(name);
            cx.done()
        };
        Skill::stateless(name).hears("four", say).into()
    }

    #[actix::test]
    async fn a_post_goes_where_the_router_was_led() {
        let engine = engine(
            vec![says("first"), says("second")],
            Arc::new(Memory::new()),
            false,
        );
        let (hubs, mut others) = hubs(Context::new().address());
        let place = Place::Channel(channel(1));
        let hubs = Arc::new(hubs);
        let talk = Conversation::new(place.clone(), Vec::new(), engine.clone(), hubs.clone());
        let talk = talk.start();
        let heard = PostBody {
            post: post_id(1),
            text: "four".into(),
            addressed: false,
            mentions: false,
            files: Vec::new(),
            hooked: false,
            by_bot: false,
        };
        let event = Arc::new(Event {
            key: Some(Key::post(&heard.post)),
            place,
            at: Millis(7),
            by: Some(Person {
                id: user(2),
                name: "ann".into(),
            }),
            channel: Some(channel(1)),
            team: None,
            root: None,
            body: Body::Post(heard),
        });
        let Ok(Lead::Words(Some(mut route))) = engine.catalog.lead(&event, &[]) else {
            panic!("nobody is led to")
        };
        route.part = 1;
        let (lead, reply) = (Lead::Words(Some(route)), Reply::Nobody);
        talk.do_send(Take(PendingEvent::new(event, lead, reply, hubs)));
        let leaves = others.leaves.recv().await.unwrap();
        assert_eq!(leaves.rows[0].from.as_ref().unwrap().skill, "second");
    }
}
