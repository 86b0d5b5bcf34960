//! Posts: what arrives, in one order a channel, and how far each channel is handled.
//!
//! Mattermost is the inbox. What there is no room for is fetched later, because its channel's
//! cursor never passes a post that isn't done. Of each channel a bounded run of the oldest posts that
//! aren't done is in memory; it always drains, whatever comes meanwhile.

mod authors;
mod beginning;
mod catch_up;
mod cursors;
mod decode;
mod departed;
mod fetch;
mod hearing;
mod keeping;
mod line;
mod lines;
mod meaning;
mod pages;
mod post;
mod reading;
mod recent;
mod room;
mod seqs;
mod stays;
mod sweep;
mod troubles;
mod work;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;

pub use self::beginning::{begin_hearing, recall};
pub(super) use self::meaning::matters;

use self::authors::Authors;
use self::cursors::Cursors;
use self::meaning::Observes;
use self::post::Me;
use self::seqs::Seqs;
use self::sweep::Sweep;
use self::troubles::IntakeTroubles;
use super::drains::Drains;
use super::guard::Guard;
use super::messages::{Deleted, Deliver, Drain, Echo, FromSocket, Handled, OwnEdit, Probe};
use super::{Asks, Backlog, Health, Said};
use crate::client::rest::Rest;
use crate::model::ids::Millis;
use crate::skill::Catalog;
use crate::store::Store;
use crate::time::{Instant, Time};
use crate::turns::Memberships;

/// How far Mattermost's clock may be ahead of ours.
const SKEW: Duration = Duration::from_secs(86_400);
/// How often what has moved is remembered.
const SAVE: Duration = Duration::from_secs(1);

/// Whom Intake speaks to.
#[derive(Clone)]
pub struct Recipients {
    /// The Router: events.
    pub events: Recipient<Deliver>,
    /// The Router: what was asked may be answered.
    pub asks: Asks,
    /// The Poster: own posts.
    pub echo: Recipient<Echo>,
    /// The Poster: own posts, edited.
    pub edited: Recipient<OwnEdit>,
    /// The Poster: own posts, deleted.
    pub deleted: Recipient<Deleted>,
}

/// What Intake works with.
pub struct IntakeSetup {
    /// Reads with the bot's rights.
    pub rest: Rest,
    /// Where cursors and keys are.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub time: Time,
    /// What skills observe.
    pub catalog: Arc<Catalog>,
    /// What is known of channels, which Intake keeps; it has the cursors of [`recall`].
    pub memberships: Memberships,
    /// Whom it speaks to.
    pub recipients: Recipients,
    /// A moment at which nothing was missing: see [`recall`].
    pub good: Millis,
    /// Shared with the Socket.
    pub backlog: Backlog,
    /// After an outage posts older than this are counted, not answered.
    pub max_age: Duration,
    /// How many posts of one channel the Router may have at once: below its own bound.
    pub window: usize,
}

/// Turns what arrives into events, and fetches what didn't.
pub struct Intake {
    rest: Rest,
    store: Arc<dyn Store>,
    time: Time,
    memberships: Memberships,
    recipients: Recipients,
    backlog: Backlog,
    max_age: Duration,
    observes: Observes,
    me: Option<Me>,
    cursors: Cursors,
    seqs: Seqs,
    sweep: Sweep,
    authors: Authors,
    troubles: IntakeTroubles,
    saving: bool,
    draining: bool,
    drains: Drains,
    last: Option<Instant>,
    counts: Counts,
    _guard: Guard,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Counts {
    catch_ups: u64,
    fetched: u64,
    dropped: u64,
    too_old: u64,
    malformed: u64,
    gaps: u64,
}

#[derive(Serialize)]
struct Status {
    channels: usize,
    dirty: usize,
    held: usize,
    under_way: usize,
    reading: usize,
    last_event_ms: Option<u128>,
    draining: bool,
    #[serde(flatten)]
    counts: Counts,
    problems: Vec<String>,
}

impl Health for Status {
    fn problems(&self) -> &[String] {
        &self.problems
    }

    fn last_event_ms(&self) -> Option<u128> {
        self.last_event_ms
    }
}

impl Intake {
    /// An intake that knows the channels of earlier processes. It begins with the Socket's first
    /// message.
    pub fn new(setup: IntakeSetup) -> Self {
        Self {
            observes: Observes::of(&setup.catalog),
            rest: setup.rest,
            store: setup.store,
            time: setup.time,
            cursors: Cursors::new(setup.memberships.clone(), setup.window),
            memberships: setup.memberships,
            recipients: setup.recipients,
            backlog: setup.backlog,
            max_age: setup.max_age,
            me: None,
            sweep: Sweep::after(setup.good),
            authors: Authors::default(),
            troubles: IntakeTroubles::default(),
            seqs: Seqs::default(),
            saving: false,
            draining: false,
            drains: Drains::default(),
            last: None,
            counts: Counts::default(),
            _guard: Guard::new("Intake"),
        }
    }
}

impl Actor for Intake {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.cursors.reckon(self.time.now().plus(SKEW));
        ctx.run_interval(SAVE, |this, ctx| {
            this.cursors.reckon(this.time.now().plus(SKEW));
            this.save(ctx);
            this.feed(ctx);
        });
        ctx.run_interval(line::ROUND, |this, ctx| this.list(ctx));
        ctx.run_interval(troubles::LOOK, |this, _| this.troubles.look(&this.cursors));
    }
}

impl Handler<FromSocket> for Intake {
    type Result = ();

    fn handle(&mut self, news: FromSocket, ctx: &mut Context<Self>) {
        match news {
            FromSocket::Identity { id, name } => {
                self.memberships.named(&name);
                let hears_bots = self.observes.bots;
                self.me = Some(Me {
                    id,
                    name,
                    hears_bots,
                });
            }
            FromSocket::Connected {
                connection,
                next_seq,
                resumed,
                resumable,
            } => {
                self.memberships.connected();
                let connection = Some(connection).filter(|_| resumable);
                self.seqs.connected(connection, next_seq, resumed);
                // Whatever an earlier process has dropped is fetched, also where nothing was missed.
                if !resumed || self.sweep.is_first() {
                    self.gap(ctx);
                }
            }
            FromSocket::Arrived(event) => self.arrived(&event, ctx),
            FromSocket::Gap => self.gap(ctx),
            FromSocket::Reached(next) if !self.draining => self.seqs.reached(next),
            FromSocket::Reached(_) => {}
        }
    }
}

impl Handler<Handled> for Intake {
    type Result = ();

    fn handle(&mut self, handled: Handled, ctx: &mut Context<Self>) {
        self.handled(&handled, ctx);
    }
}

impl Handler<Drain> for Intake {
    type Result = ResponseActFuture<Self, ()>;

    /// Takes nothing new; answers when what is under way is done and remembered.
    fn handle(&mut self, _: Drain, _: &mut Context<Self>) -> Self::Result {
        self.draining = true;
        let nothing = self.cursors.under_way() == 0;
        let ended = self.drains.wait(nothing).into_actor(self);
        Box::pin(ended.then(|(), this, _| this.saved()))
    }
}

impl Handler<Probe> for Intake {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let looks = Status {
            channels: self.cursors.lines.count(),
            dirty: self.cursors.dirty(),
            held: self.cursors.waiting(),
            under_way: self.cursors.under_way(),
            reading: self.sweep.reading(),
            last_event_ms: self.last.map(|last| last.elapsed().as_millis()),
            draining: self.draining,
            counts: self.counts,
            problems: self.troubles.sentences(),
        };
        MessageResult(Said::of(&looks))
    }
}
