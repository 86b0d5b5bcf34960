//! Posts: what arrives, in one order a channel, and how far each channel is handled.
//!
//! Mattermost is the inbox. What is dropped anywhere is fetched again, because its channel's
//! cursor never passes a post that isn't done.

mod catch_up;
mod cursors;
mod decode;
mod line;
mod post;
mod seqs;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

pub(super) use decode::matters;

use self::catch_up::Sweep;
use self::cursors::{Added, Cursors, Way};
use self::decode::{Meaning, Observes, Reader};
use self::post::{Me, Spot};
use self::seqs::{Seqs, Stamp};
use super::guard::Guard;
use super::messages::{
    Asked, Deleted, Deliver, Drain, Echo, Edited, FromSocket, Handled, Handling, Probe,
};
use super::{Known, Load, Presence, Reply};
use crate::client::rest::Rest;
use crate::event::{Body, Event, Place};
use crate::model::ids::{ChannelId, Millis};
use crate::skill::Catalog;
use crate::store::{Cursor, Store};
use crate::telemetry::names;
use crate::time::{Instant, Time, instant};

/// How often what has moved is remembered.
const SAVE: Duration = Duration::from_secs(1);

/// Whom Intake speaks to.
#[derive(Clone)]
pub struct Outlets {
    /// The Router: events.
    pub events: Recipient<Deliver>,
    /// The Router: what was asked may be answered.
    pub asked: Recipient<Asked>,
    /// The Poster: own posts.
    pub echo: Recipient<Echo>,
    /// The Poster: own posts, edited.
    pub edited: Recipient<Edited>,
    /// The Poster: own posts, deleted.
    pub deleted: Recipient<Deleted>,
}

/// What Intake works with.
pub struct Setup {
    /// Reads with the bot's rights.
    pub rest: Rest,
    /// Where cursors and keys are.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub time: Time,
    /// What skills observe.
    pub catalog: Arc<Catalog>,
    /// Where the bot is a member; Intake keeps it.
    pub presence: Presence,
    /// Whom it speaks to.
    pub outlets: Outlets,
    /// The cursors that the store has at start.
    pub cursors: Vec<Cursor>,
    /// Shared with the Socket.
    pub load: Load,
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
    presence: Presence,
    outlets: Outlets,
    load: Load,
    max_age: Duration,
    observes: Observes,
    me: Option<Me>,
    spots: HashMap<ChannelId, Spot>,
    cursors: Cursors,
    seqs: Seqs,
    sweep: Sweep,
    saving: bool,
    draining: bool,
    /// Told when nothing is under way any more.
    quiet: Rc<Notify>,
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
struct Looks {
    channels: usize,
    dirty: usize,
    held: usize,
    under_way: usize,
    reading: usize,
    last_event_ms: Option<u128>,
    draining: bool,
    #[serde(flatten)]
    counts: Counts,
}

impl Intake {
    /// An intake that knows the channels of earlier processes. It begins with the Socket's first
    /// message.
    pub fn new(setup: Setup) -> Self {
        let cursors = Cursors::new(setup.cursors, setup.window);
        Self {
            observes: Observes::of(&setup.catalog),
            rest: setup.rest,
            store: setup.store,
            time: setup.time,
            presence: setup.presence,
            outlets: setup.outlets,
            load: setup.load,
            max_age: setup.max_age,
            me: None,
            spots: HashMap::new(),
            sweep: Sweep::after(cursors.youngest()),
            cursors,
            seqs: Seqs::default(),
            saving: false,
            draining: false,
            quiet: Rc::default(),
            last: None,
            counts: Counts::default(),
            _guard: Guard::new("Intake"),
        }
    }

    fn arrived(&mut self, seq: i64, text: &str, ctx: &mut Context<Self>) {
        self.load.take(text.len());
        let Some(me) = self.me.as_ref().filter(|_| !self.draining) else {
            return;
        };
        self.last = Some(instant());
        let reader = Reader {
            me,
            spots: &self.spots,
            observes: self.observes,
            connection: self.seqs.connection(),
            now: self.time.now(),
        };
        let meaning = reader.read(text);
        let stamp = self.seqs.open(seq);
        match meaning {
            Ok(Meaning::Post(event)) => self.heard(*event, stamp, ctx),
            Ok(meaning) => {
                self.meant(meaning, ctx);
                self.seqs.done(stamp);
            }
            Err(error) => {
                tracing::warn!(seq, %error, "an event can't be read");
                self.counts.malformed += 1;
                self.seqs.done(stamp);
            }
        }
    }

    /// A person's post over the WebSocket.
    fn heard(&mut self, event: Event, stamp: Stamp, ctx: &mut Context<Self>) {
        let Some(channel) = event.channel else { return };
        let at = event.at;
        self.unexpected(channel, &event, ctx);
        match self.cursors.add(Arc::new(event), Way::Live(stamp)) {
            Added::Yes => self.hand_on(&channel),
            Added::Known => self.seqs.done(stamp),
            Added::Full => {
                self.seqs.done(stamp);
                self.dropped(channel, at, ctx);
            }
        }
    }

    /// A post in a channel that nobody said the bot is in: there may be earlier ones.
    fn unexpected(&mut self, channel: ChannelId, event: &Event, ctx: &mut Context<Self>) {
        let since = self.sweep.good.unwrap_or(Millis(event.at.0 - 1));
        if !self.cursors.join(channel, since) {
            return;
        }
        let direct = match &event.place {
            Place::Direct(person) => Some(*person),
            _ => None,
        };
        let team = event.team;
        self.came(channel, Spot { team, direct });
        if self.sweep.good.is_some() {
            self.lost(channel, since, ctx);
        }
    }

    fn meant(&mut self, meaning: Meaning, ctx: &mut Context<Self>) {
        match meaning {
            Meaning::Post(_) | Meaning::Nothing => {}
            Meaning::Passed(channel, at) => self.cursors.passed(channel, at),
            Meaning::Echo(channel, echo) => {
                self.cursors.passed(channel, echo.at);
                self.echo(echo);
            }
            Meaning::Edited(edited) => self.outlets.edited.do_send(edited),
            Meaning::Deleted(post) => self.outlets.deleted.do_send(Deleted(post)),
            Meaning::Observed(event) => self.observed(*event),
            Meaning::Came(channel, spot) => {
                let now = self.server_now();
                self.cursors.join(channel, now);
                self.came(channel, spot);
            }
            Meaning::Left(channel) => self.left(&[channel], ctx),
            Meaning::Elsewhere => self.list(ctx),
        }
    }

    /// A post of the bot's own: it has left, and what it asks may be answered, before anything
    /// that came later is.
    fn echo(&self, echo: Echo) {
        let (row, at) = (echo.row.clone(), echo.at);
        self.outlets.asked.do_send(Asked { row, at });
        self.outlets.echo.do_send(echo);
    }

    fn observed(&mut self, event: Event) {
        let Some(channel) = event.channel else { return };
        let now = self.server_now();
        self.cursors.join(channel, now);
        if !self.cursors.add_later(channel, Arc::new(event)) {
            self.counts.dropped += 1;
        }
        self.hand_on(&channel);
    }

    /// Hands on what may go now.
    fn hand_on(&mut self, channel: &ChannelId) {
        if self.draining {
            return;
        }
        while let Some(event) = self.cursors.next(channel) {
            let reply = match &event.body {
                Body::Post(heard) => Reply::Post {
                    channel: *channel,
                    post: heard.post,
                    at: event.at,
                },
                _ => Reply::Nobody,
            };
            self.outlets.events.do_send(Deliver { event, reply });
        }
    }

    fn handled(&mut self, handled: &Handled, ctx: &mut Context<Self>) {
        if let Some(stamp) = self.cursors.handled(handled) {
            self.seqs.done(stamp);
        }
        if handled.how == Handling::Dropped {
            self.dropped(handled.channel, handled.at, ctx);
        }
        self.hand_on(&handled.channel);
        if self.cursors.under_way() == 0 {
            self.quiet.notify_waiters();
        }
    }

    /// A post is dropped; it is fetched again.
    fn dropped(&mut self, channel: ChannelId, at: Millis, ctx: &mut Context<Self>) {
        self.counts.dropped += 1;
        metrics::counter!(names::POSTS_DROPPED).increment(1);
        self.lost(channel, at, ctx);
    }

    fn came(&mut self, channel: ChannelId, spot: Spot) {
        let known = Known {
            direct: spot.direct,
        };
        self.sweep.changed(channel, Some(spot));
        self.presence.joined(channel, known);
        self.spots.insert(channel, spot);
    }

    /// The bot has left these channels: what an earlier process remembers of them goes too.
    fn left(&mut self, channels: &[ChannelId], ctx: &mut Context<Self>) {
        for channel in channels {
            self.sweep.changed(*channel, None);
            self.presence.left(channel);
            self.spots.remove(channel);
            self.cursors.leave(channel);
        }
        let (store, channels) = (self.store.clone(), channels.to_vec());
        let forget = async move { store.drop_cursors(&channels).await };
        ctx.spawn(forget.into_actor(self).map(|done, _, _| {
            if let Err(error) = done {
                tracing::warn!(%error, "cursors of left channels stay");
            }
        }));
    }

    /// Mattermost's time, as far as its posts tell; ours, a minute back, before the first of them.
    fn server_now(&self) -> Millis {
        match self.cursors.newest() {
            newest if newest.is_set() => newest,
            _ => self.time.now().minus(line::OVERLAP),
        }
    }

    /// Remembers what has moved; one write at a time.
    fn save(&mut self, ctx: &mut Context<Self>) {
        if !self.saving {
            let saving = self.saved();
            ctx.spawn(saving);
        }
    }

    fn saved(&mut self) -> ResponseActFuture<Self, ()> {
        let (moves, session) = (self.cursors.moves(), self.seqs.unsaved());
        if moves.is_empty() && session.is_none() {
            return Box::pin(actix::fut::ready(()));
        }
        self.saving = true;
        let store = self.store.clone();
        let write = async move {
            let done = store.move_cursors(&moves, session.as_ref()).await;
            (done, moves, session)
        };
        Box::pin(
            write
                .into_actor(self)
                .map(|(done, moves, session), this, _| {
                    this.saving = false;
                    match done {
                        Ok(()) => {
                            this.cursors.saved(&moves);
                            session
                                .into_iter()
                                .for_each(|session| this.seqs.saved(session));
                        }
                        Err(error) => {
                            tracing::warn!(%error, "cursors can't be saved");
                            this.cursors.unsaved(&moves);
                        }
                    }
                }),
        )
    }
}

impl Actor for Intake {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(SAVE, Self::save);
        ctx.run_interval(catch_up::ROUND, |this, ctx| this.list(ctx));
    }
}

impl Handler<FromSocket> for Intake {
    type Result = ();

    fn handle(&mut self, news: FromSocket, ctx: &mut Context<Self>) {
        match news {
            FromSocket::Identity { id, name } => self.me = Some(Me { id, name }),
            FromSocket::Connected {
                connection,
                next_seq,
                resumed,
                resumable,
            } => {
                let connection = Some(connection).filter(|_| resumable);
                self.seqs.connected(connection, next_seq, resumed);
                // Whatever an earlier process has dropped is fetched, also where nothing was missed.
                if !resumed || self.sweep.is_first() {
                    self.gap(ctx);
                }
            }
            FromSocket::Arrived { seq, text } => self.arrived(seq, &text, ctx),
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
        let (quiet, open) = (self.quiet.clone(), self.cursors.under_way() > 0);
        let ended = async move {
            if open {
                quiet.notified().await;
            }
        };
        let ended = ended.into_actor(self);
        Box::pin(ended.then(|(), this, _| this.saved()))
    }
}

impl Handler<Probe> for Intake {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let looks = Looks {
            channels: self.cursors.channels().len(),
            dirty: self.cursors.dirty(),
            held: self.cursors.waiting(),
            under_way: self.cursors.under_way(),
            reading: self.sweep.reading(),
            last_event_ms: self.last.map(|last| last.elapsed().as_millis()),
            draining: self.draining,
            counts: self.counts,
        };
        MessageResult(serde_json::to_value(looks).unwrap_or(Value::Null))
    }
}
