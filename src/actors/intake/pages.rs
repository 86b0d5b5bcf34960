use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use super::Intake;
use super::catch_up::pause;
use super::cursors::{Added, CameBy};
use super::fetch::{Fetched, ReadError, Wish};
use super::meaning::own;
use super::post::Me;
use super::reading::brings_nothing;
use super::stays::Stays;
use super::sweep::Urgency;
use crate::client::error::Retry;
use crate::client::rest::Position;
use crate::model::ids::{ChannelId, Millis};
use crate::model::post::Post;
use crate::telemetry::names;
use crate::time::instant;

/// How often at most all channels are looked through for room.
const ROOM: Duration = Duration::from_secs(1);
/// How many channels are read at once.
const AT_ONCE: usize = 4;
/// How many wait for it where each is asked for itself.
const SOME: usize = 256;

/// What is known of a channel whose posts are read.
struct Followed {
    /// Up to when an earlier process had done all.
    before: Millis,
    /// Up to when all is done, for certain.
    done: Millis,
    /// When the bot was a member.
    stays: Stays,
    /// Older posts are counted only.
    oldest: Millis,
}

/// Channels that wait to be read, and what they bring.
impl Intake {
    /// Reads a channel later, after a failure.
    fn retry(&mut self, channel: ChannelId, ctx: &mut Context<Self>) {
        let Some(line) = self.cursors.get(&channel) else {
            return;
        };
        if std::mem::replace(&mut line.planned, true) {
            return;
        }
        let wait = pause(line.tries);
        line.tries += 1;
        ctx.run_later(wait, move |this, ctx| {
            if let Some(line) = this.cursors.get(&channel) {
                line.planned = false;
                this.want(channel);
                this.feed(ctx);
            }
        });
    }

    /// A channel is to be read as soon as it is its turn, and there is room.
    pub(super) fn want(&mut self, channel: ChannelId) {
        let direct = self.spot(&channel).direct.is_some();
        let Some(line) = self.cursors.get(&channel) else {
            return;
        };
        if line.wanted || line.planned {
            return;
        }
        line.wanted = true;
        let urgency = match line.begins() {
            true if direct => Urgency::Direct,
            true => Urgency::First,
            false => Urgency::More,
        };
        self.sweep.wanted.push(channel, urgency);
    }

    /// Reads what is wanted, a few channels at a time, each as far as there is room.
    pub(super) fn feed(&mut self, ctx: &mut Context<Self>) {
        self.want_alone();
        if self.sweep.wanted.len() == 0 || self.draining {
            return;
        }
        let (mut waits, mut freed) = (Vec::new(), Vec::new());
        if self.cursors.is_full() && self.sweep.room.is_none_or(|at| at.elapsed() > ROOM) {
            self.sweep.room = Some(instant());
            freed = self.cursors.make_room();
        }
        while self.sweep.reading < AT_ONCE && !self.cursors.is_full() {
            let Some(channel) = self.sweep.wanted.pop() else {
                break;
            };
            if !self.cursors.has_room(&channel, &mut freed) {
                waits.push(channel);
                continue;
            }
            // One that is being read is read again afterwards, if posts are missing by then.
            if let (Some(line), Some(me)) = (self.cursors.get(&channel), self.me.clone()) {
                line.wanted = false;
                let is_new = line.is_new;
                let place = (!line.is_reading()).then(|| line.begin()).flatten();
                if let Some(place) = place {
                    self.read(channel, place, is_new, me, ctx);
                }
            }
        }
        freed.into_iter().for_each(|stamp| self.seqs.done(stamp));
        for channel in waits {
            self.sweep.wanted.push(channel, Urgency::More);
        }
    }

    /// Where no list says what is missing where, each channel is asked for itself, some at a time.
    fn want_alone(&mut self) {
        while let Some(alone) = self.sweep.alone.filter(|_| self.sweep.wanted.len() < SOME) {
            let some: Vec<ChannelId> = self.memberships.look(|channels| {
                let unsure = channels.unsure(alone.after.as_ref());
                let wanted = unsure.filter(|(_, spot)| spot.direct.is_some() || !alone.direct);
                wanted.take(SOME).map(|(channel, _)| channel).collect()
            });
            self.sweep.alone = alone.goes_on(&some, SOME);
            some.into_iter().for_each(|channel| self.want_more(channel));
        }
    }

    fn read(
        &mut self,
        channel: ChannelId,
        place: Position,
        is_new: bool,
        me: Me,
        ctx: &mut Context<Self>,
    ) {
        self.sweep.reading += 1;
        self.counts.catch_ups += 1;
        let (rest, store, to) = (self.rest.clone(), self.store.clone(), self.cursors.newest());
        let wish = Wish {
            channel,
            place,
            is_new,
            me,
            oldest: self.oldest(),
            known: self.authors.known(),
        };
        let read = async move { wish.read(&rest, &*store).await };
        ctx.spawn(read.into_actor(self).map(move |found, this, ctx| {
            this.sweep.reading -= 1;
            let failed = found.as_ref().err().map(ToString::to_string);
            let failed = failed.filter(|_| this.cursors.get(&channel).is_some());
            this.troubles.read(channel, failed);
            match found {
                Ok(found) => this.found(channel, found, to, ctx),
                Err(error) => this.unread(channel, &error, ctx),
            }
            this.feed(ctx);
        }));
    }

    /// Older posts are counted, not answered. How old they are is told by the clock that gave them their time.
    pub(super) fn oldest(&self) -> Millis {
        let now = self.rest.server_time(self.time.now());
        now.minus(self.max_age)
    }

    fn found(&mut self, channel: ChannelId, found: Fetched, to: Millis, ctx: &mut Context<Self>) {
        let (Some(me), Some(line)) = (self.me.clone(), self.cursors.get(&channel)) else {
            return;
        };
        let posts = &found.run.posts;
        let known = Followed {
            before: line.before(),
            done: line.cursor(),
            stays: Stays::of(&me, posts, !line.is_absent),
            oldest: self.oldest(),
        };
        self.authors.learn(found.authors);
        for (post, seen) in posts.iter().zip(found.seen) {
            if post.user_id == me.id && post.create_at > known.done {
                self.meant(own(post), ctx);
            } else if post.create_at > known.done {
                self.brought(post, seen, &me, &known);
            }
        }
        let horizon = self.cursors.horizon();
        let next = found.run.next.map(|(at, place)| (at.min(horizon), place));
        if let Some(line) = self.cursors.get(&channel) {
            line.read(found.run.since, next, to);
            line.is_absent = !known.stays.last();
            if brings_nothing(&found.run) {
                self.retry(channel, ctx);
            } else {
                line.tries = 0;
            }
        }
        self.hand_on(&channel);
        self.want_more(channel);
    }

    /// A read has brought a post of somebody else's.
    fn brought(&mut self, post: &Post, seen: bool, me: &Me, known: &Followed) {
        let (channel, at) = (post.channel_id, post.create_at);
        if seen || !me.hears(post) || !known.stays.has(at) || edited_since(post, known.before) {
            self.cursors.passed(channel, at);
            self.cursors.done_before(post.id);
        } else if at < known.oldest {
            self.too_old(channel, post);
        } else {
            let spot = self.spot(&channel);
            let event = Arc::new(me.event(post, spot, self.authors.name(&post.user_id)));
            if self.cursors.add(event, CameBy::Fetched) == Added::Yes {
                self.counts.fetched += 1;
                metrics::counter!(names::CATCH_UP_POSTS).increment(1);
            }
        }
    }

    /// A channel of which more is to be read waits for its turn again.
    pub(super) fn want_more(&mut self, channel: ChannelId) {
        let line = self.cursors.get(&channel);
        if line.is_some_and(|line| line.wants() && !line.is_reading()) {
            self.want(channel);
        }
    }

    fn too_old(&mut self, channel: ChannelId, post: &Post) {
        self.counts.too_old += 1;
        metrics::counter!(names::POSTS_TOO_OLD).increment(1);
        self.cursors.passed(channel, post.create_at);
        self.cursors.done_before(post.id);
    }

    /// A channel couldn't be read: later.
    fn unread(&mut self, channel: ChannelId, error: &ReadError, ctx: &mut Context<Self>) {
        tracing::warn!(%channel, %error, "a channel can't be read");
        let Some(line) = self.cursors.get(&channel) else {
            return;
        };
        line.unread();
        let never = matches!(error, ReadError::Rest(error) if error.retry() == Retry::Never);
        let first = line.tries == 0;
        self.retry(channel, ctx);
        if never && first {
            // Perhaps the bot isn't there any more, and nobody said so.
            self.list(ctx);
        }
    }
}

/// Whether a post was heard when it said something else: as nobody took it then, it has no key, and
/// what it was edited into is no news, as it isn't while the bot listens.
fn edited_since(post: &Post, done: Millis) -> bool {
    post.edit_at.is_set() && post.create_at <= done
}
