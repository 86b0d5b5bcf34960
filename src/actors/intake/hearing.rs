use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::Intake;
use super::catch_up::pause;
use super::cursors::{Added, CameBy};
use super::decode::EventReader;
use super::meaning::Meaning;
use super::seqs::Stamp;
use crate::actors::Reply;
use crate::actors::messages::{Deleted, Deliver, Echo, Edited, Handled, OwnEdit};
use crate::event::{Body, Event, Place};
use crate::model::ids::{ChannelId, Millis};
use crate::model::socket::Envelope;
use crate::telemetry::names;
use crate::time::instant;
use crate::turns::{Fate, Spot};

impl Intake {
    pub(super) fn arrived(&mut self, event: &Envelope<'_>, ctx: &mut Context<Self>) {
        self.backlog.take(event.data.get().len());
        let Some(me) = self.me.as_ref().filter(|_| !self.draining) else {
            return;
        };
        self.last = Some(instant());
        let reader = EventReader {
            me,
            observes: self.observes,
            memberships: &self.memberships,
            connection: self.seqs.connection(),
            now: self.time.now(),
        };
        let meaning = reader.read(event);
        let stamp = self.seqs.open(event.seq);
        match meaning {
            Ok(Meaning::Post(event)) => self.heard(*event, stamp, ctx),
            Ok(Meaning::Edited(edited)) => self.edited(edited, stamp, ctx),
            Ok(meaning) => {
                self.meant(meaning, ctx);
                self.seqs.done(stamp);
            }
            Err(error) => {
                tracing::warn!(seq = event.seq, %error, "an event can't be read");
                metrics::counter!(names::UNREADABLE, "kind" => "event").increment(1);
                self.counts.malformed += 1;
                self.seqs.done(stamp);
            }
        }
    }

    /// A person's post over the WebSocket.
    fn heard(&mut self, event: Event, stamp: Stamp, ctx: &mut Context<Self>) {
        let Some(channel) = event.channel else { return };
        let direct = match &event.place {
            Place::Direct(person) => Some(*person),
            _ => None,
        };
        let team = event.team;
        self.unexpected(channel, Spot { team, direct }, ctx);
        match self.cursors.add(Arc::new(event), CameBy::Live(stamp)) {
            Added::Yes => self.hand_on(&channel),
            Added::Known => self.seqs.done(stamp),
            // It is read once there is room.
            Added::Full => {
                self.seqs.done(stamp);
                self.dropped();
                self.want(channel);
                self.feed(ctx);
            }
        }
    }

    /// A post in a channel that nobody said the bot is in: there may be earlier ones.
    fn unexpected(&mut self, channel: ChannelId, spot: Spot, ctx: &mut Context<Self>) {
        if !self.cursors.join(channel, self.sweep.good) {
            return;
        }
        self.came(channel, spot);
        self.read_on(channel, ctx);
    }

    /// Posts may be missing in a channel, from its cursor on.
    fn read_on(&mut self, channel: ChannelId, ctx: &mut Context<Self>) {
        if let Some(line) = self.cursors.get(&channel) {
            line.lost_all();
        }
        self.want(channel);
        self.feed(ctx);
    }

    pub(super) fn meant(&mut self, meaning: Meaning, ctx: &mut Context<Self>) {
        match meaning {
            // The first two come by the WebSocket alone, and are done later than here.
            Meaning::Post(_) | Meaning::Edited(_) | Meaning::Nothing => {}
            Meaning::Passed(channel, at) => self.passed(channel, at, ctx),
            Meaning::Echo(channel, echo) => {
                self.passed(channel, echo.at, ctx);
                self.echo(echo);
            }
            Meaning::Deleted(post) => self.recipients.deleted.do_send(Deleted(post)),
            Meaning::Observed(event) => self.observed(*event),
            Meaning::Came(channel, spot) => {
                let (now, back) = (self.server_now(), self.cursors.departed.has(&channel));
                self.cursors.join(channel, now);
                self.came(channel, spot);
                if back {
                    self.read_on(channel, ctx);
                }
            }
            Meaning::Left(channel) => self.left(&[channel]),
            Meaning::Changed(person) => {
                self.authors.forget(&person);
                self.memberships.changed(&person);
            }
            Meaning::Elsewhere => self.list(ctx),
        }
    }

    /// A post that nobody has to be told of.
    fn passed(&mut self, channel: ChannelId, at: Millis, ctx: &mut Context<Self>) {
        let spot = self.spot(&channel);
        self.unexpected(channel, spot, ctx);
        self.cursors.passed(channel, at);
    }

    /// A post of the bot's own: it has left, and what it asks may be answered, before anything
    /// that came later is.
    fn echo(&self, echo: Echo) {
        self.recipients.asks.posted(&echo.row, echo.at);
        self.recipients.echo.do_send(echo);
    }

    /// An edit of a post of the bot's own: done once the Poster has it in the store, since nobody tells
    /// of it again.
    fn edited(&mut self, edited: Edited, stamp: Stamp, ctx: &mut Context<Self>) {
        let (kept, done) = oneshot::channel();
        self.recipients.edited.do_send(OwnEdit { edited, kept });
        let done = done.into_actor(self);
        ctx.spawn(done.map(move |_, this, _| this.seqs.done(stamp)));
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
    pub(super) fn hand_on(&mut self, channel: &ChannelId) {
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
            let (id, kind) = (event.id(), event.body.kind());
            tracing::debug!(event = %id, kind, place = %event.place, "an event comes");
            self.recipients.events.do_send(Deliver { event, reply });
        }
    }

    pub(super) fn handled(&mut self, handled: &Handled, ctx: &mut Context<Self>) {
        let channel = handled.channel;
        if let Some(stamp) = self.cursors.handled(handled) {
            self.seqs.done(stamp);
        }
        if handled.fate != Fate::Done {
            self.dropped();
            self.pause(channel, ctx);
        }
        self.hand_on(&channel);
        self.want_more(channel);
        self.feed(ctx);
        if self.cursors.under_way() == 0 {
            self.drains.done();
        }
    }

    /// Somebody had no room for a post; it is handed on again, later.
    fn pause(&mut self, channel: ChannelId, ctx: &mut Context<Self>) {
        let Some(line) = self.cursors.get(&channel) else {
            return;
        };
        if std::mem::replace(&mut line.pausing, true) {
            return;
        }
        let wait = pause(line.refusals);
        line.refusals += 1;
        ctx.run_later(wait, move |this, _| {
            if let Some(line) = this.cursors.get(&channel) {
                line.pausing = false;
                line.go_on();
                this.hand_on(&channel);
            }
        });
    }

    fn dropped(&mut self) {
        self.counts.dropped += 1;
        metrics::counter!(names::POSTS_DROPPED).increment(1);
    }
}
