//! Timers, mail and work.

mod overdue;
#[cfg(test)]
mod tests;
mod status;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use super::Reply;
use super::apart::Apart;
use super::guard::Guard;
use super::hubs::Hubs;
use super::messages::{Back, Deliver, Drain, JobDone, JobsDue};
use crate::event::{EventId, Job, JobId, JobKind};
use crate::model::ids::Millis;
use crate::turns::{Engine, Fate, Worked, again, brought};
use overdue::Overdue;

/// How many jobs are under way at once.
const UNDER_WAY: usize = 256;
/// How often the store is asked even when nothing is known to be due.
const ROUND: Duration = Duration::from_secs(60);
/// How long to wait before the store is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// Brings timers, mail and the results of work to their slots when they are due.
///
/// The truth is the store's `jobs`: a job is brought until its row is gone.
pub struct Clock {
    engine: Arc<Engine>,
    hubs: Arc<Hubs>,
    under_way: HashMap<JobId, Job>,
    overdue: Overdue,
    /// The next look is planned for then.
    wake: Option<(Millis, SpawnHandle)>,
    looking: bool,
    /// Something became due while it was looking.
    again: bool,
    draining: bool,
    brought: u64,
    _guard: Guard,
}

impl Clock {
    /// A clock that looks as soon as it starts.
    pub fn new(engine: Arc<Engine>, hubs: Arc<Hubs>) -> Self {
        Self {
            engine,
            hubs,
            under_way: HashMap::new(),
            overdue: Overdue::default(),
            wake: None,
            looking: false,
            again: false,
            draining: false,
            brought: 0,
            _guard: Guard::new("Clock"),
        }
    }

    /// Looks no later than at `due`.
    fn plan(&mut self, due: Millis, ctx: &mut Context<Self>) {
        let now = self.engine.time.now();
        let due = due.max(now).min(now.plus(ROUND));
        if let Some((planned, handle)) = self.wake {
            if planned <= due {
                return;
            }
            ctx.cancel_future(handle);
        }
        let handle = ctx.run_later(due.since(now), |this, ctx| {
            this.wake = None;
            this.look(ctx);
        });
        self.wake = Some((due, handle));
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.draining || self.under_way.len() >= UNDER_WAY {
            return;
        }
        if std::mem::replace(&mut self.looking, true) {
            self.again = true;
            return;
        }
        let store = self.engine.store.clone();
        let now = self.engine.time.now();
        let room = self.under_way.len() + UNDER_WAY;
        let look = async move {
            let due = store.due(now, room).await?;
            let next = store.next_due(now).await?;
            Ok::<_, crate::store::StoreError>((due, next))
        };
        let done = look.into_actor(self).map(move |found, this, ctx| {
            this.looking = false;
            let next = found.map(|(due, next)| {
                due.into_iter().for_each(|job| this.bring(job, ctx));
                next
            });
            let retry = now.plus(RETRY);
            match next {
                Ok(next) => this.plan(next.unwrap_or(now.plus(ROUND)), ctx),
                Err(error) => {
                    tracing::warn!(%error, "jobs can't be read");
                    this.plan(retry, ctx);
                }
            }
            if std::mem::take(&mut this.again) {
                this.look(ctx);
            }
        });
        ctx.spawn(done);
    }

    fn bring(&mut self, job: Job, ctx: &mut Context<Self>) {
        if self.under_way.contains_key(&job.id) || self.under_way.len() >= UNDER_WAY {
            return;
        }
        self.under_way.insert(job.id.clone(), job.clone());
        self.overdue.brought(&job.id);
        match &job.kind {
            JobKind::Work(_) => self.work(job, ctx),
            _ => {
                let payload = job.payload.clone();
                self.signal(&job, payload);
            }
        }
    }

    fn signal(&mut self, job: &Job, payload: String) {
        self.brought += 1;
        let event = brought(job, payload, self.engine.time.now());
        let (id, kind) = (event.id(), job.kind.kind());
        tracing::debug!(event = %id, job = %job.id, kind, place = %event.place, "an event comes");
        let reply = Reply::Job(job.id.clone());
        self.hubs.events.do_send(Deliver {
            event: Arc::new(event),
            reply,
        });
    }

    /// Has slow work done, outside of any turn.
    fn work(&mut self, job: Job, ctx: &mut Context<Self>) {
        let (engine, task) = (self.engine.clone(), job.clone());
        let work = async move { engine.work(&task).await };
        Apart::run("Clock", ctx, work, move |worked, this: &mut Self, ctx| {
            if let Worked::Failed(reason) | Worked::GaveUp { reason, .. } = &worked {
                let (work, attempt) = (job.kind.name(), job.attempts);
                let event = EventId::from(&job.id);
                tracing::warn!(%event, slot = %job.slot, work, attempt, error = reason, "work failed");
            }
            match worked {
                Worked::Done(payload) | Worked::GaveUp { payload, .. } => {
                    this.signal(&job, payload);
                }
                Worked::Failed(_) => this.later(&job.id, Fate::Failed, ctx),
                Worked::Unwanted => this.later(&job.id, Fate::Unwanted, ctx),
            }
        });
    }

    /// A job that isn't done is brought again later.
    fn later(&mut self, id: &JobId, fate: Fate, ctx: &mut Context<Self>) {
        let Some(job) = self.under_way.get(id) else {
            return;
        };
        let (wait, attempts) = again(job, fate);
        self.overdue.again(job, fate, wait);
        let due = self.engine.time.now().plus(wait);
        let (store, id) = (self.engine.store.clone(), job.id.clone());
        let postpone = async move { store.postpone(&id, due, attempts).await.map(|()| id) };
        let id = job.id.clone();
        let done = postpone.into_actor(self).map(move |done, this, ctx| {
            if let Err(error) = done {
                let event = EventId::from(&id);
                tracing::warn!(%event, %error, "a job can't be postponed");
            }
            this.under_way.remove(&id);
            this.plan(due, ctx);
        });
        ctx.spawn(done);
    }
}

impl Actor for Clock {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.look(ctx);
    }
}

impl Handler<JobsDue> for Clock {
    type Result = ();

    fn handle(&mut self, JobsDue(due): JobsDue, ctx: &mut Context<Self>) {
        if due <= self.engine.time.now() {
            self.look(ctx)
        } else {
            self.plan(due, ctx)
        }
    }
}

impl Handler<Back<Self>> for Clock {
    type Result = ();

    fn handle(&mut self, Back(go_on): Back<Self>, ctx: &mut Context<Self>) {
        go_on(self, ctx);
    }
}

impl Handler<JobDone> for Clock {
    type Result = ();

    fn handle(&mut self, done: JobDone, ctx: &mut Context<Self>) {
        if done.fate != Fate::Done {
            return self.later(&done.job, done.fate, ctx);
        }
        let full = self.under_way.len() >= UNDER_WAY;
        self.under_way.remove(&done.job);
        self.overdue.done(&done.job);
        if full {
            self.look(ctx);
        }
    }
}

impl Handler<Drain> for Clock {
    type Result = ();

    fn handle(&mut self, _: Drain, _: &mut Context<Self>) {
        self.draining = true;
    }
}
