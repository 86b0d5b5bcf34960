use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use super::Intake;
use super::cursors::{Added, Way};
use super::fetch::{Found, ReadError, fetch};
use super::line::OVERLAP;
use super::meaning::own;
use super::post::{Me, Spot};
use crate::actors::Known;
use crate::client::error::{RestError, Retry};
use crate::client::retry::ceiling;
use crate::model::channel::ListedChannel;
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::model::post::Post;
use crate::telemetry::names;

/// How often all channels are compared with what was heard: Mattermost can lose an event without
/// a trace.
pub(super) const ROUND: Duration = Duration::from_secs(300);
/// When all are compared again after a gap: what Mattermost answers with may lag behind.
const AGAIN: Duration = Duration::from_secs(30);
/// How many channels are read at once.
const AT_ONCE: usize = 4;

impl Intake {
    /// Events may be missing anywhere: everything is held until it is known where.
    pub(super) fn gap(&mut self, ctx: &mut Context<Self>) {
        self.counts.gaps += 1;
        self.cursors.gap();
        self.sweep.later = true;
        self.list(ctx);
    }

    /// Compares all channels with what was heard.
    pub(super) fn list(&mut self, ctx: &mut Context<Self>) {
        if self.me.is_none() || self.draining {
            return;
        }
        self.sweep.started = true;
        if std::mem::replace(&mut self.sweep.listing, true) {
            self.sweep.again = true;
            return;
        }
        self.sweep.changes.clear();
        let (rest, before) = (self.rest.clone(), self.cursors.channels());
        let list = async move { rest.my_channels().await };
        ctx.spawn(list.into_actor(self).map(move |listed, this, ctx| {
            this.sweep.listing = false;
            this.listed(listed, &before, ctx);
        }));
    }

    fn listed(
        &mut self,
        listed: Result<Vec<ListedChannel>, RestError>,
        before: &HashSet<ChannelId>,
        ctx: &mut Context<Self>,
    ) {
        let again = std::mem::take(&mut self.sweep.again);
        match listed {
            Err(error) => {
                let wait = pause(self.sweep.tries);
                self.sweep.tries += 1;
                tracing::warn!(%error, "channels can't be listed");
                ctx.run_later(wait, |this, ctx| this.list(ctx));
            }
            // What was listed may be older than the gap.
            Ok(_) if again => self.list(ctx),
            Ok(channels) => {
                self.sweep.tries = 0;
                self.compare(&channels, before, ctx);
                if std::mem::take(&mut self.sweep.later) {
                    ctx.run_later(AGAIN, |this, ctx| this.list(ctx));
                }
            }
        }
    }

    fn compare(
        &mut self,
        channels: &[ListedChannel],
        before: &HashSet<ChannelId>,
        ctx: &mut Context<Self>,
    ) {
        let Some(me) = self.me.as_ref().map(|me| me.id) else {
            return;
        };
        let changes = &self.sweep.changes;
        let gone = |c: &ListedChannel| c.delete_at.is_set() || changes.get(&c.id) == Some(&None);
        let live: Vec<&ListedChannel> = channels.iter().filter(|c| !gone(c)).collect();
        live.iter().for_each(|c| self.cursors.seen(c.last_post_at));
        self.appear(&live, &me);
        let listed: HashSet<ChannelId> = live.iter().map(|c| c.id).collect();
        let stays = |id: &ChannelId| listed.contains(id) || self.sweep.changes.contains_key(id);
        let left: Vec<ChannelId> = before.iter().filter(|id| !stays(id)).copied().collect();
        if !left.is_empty() {
            self.left(&left, ctx);
        }
        for channel in live {
            let since = self.sweep.good.unwrap_or(channel.last_post_at);
            self.cursors.join(channel.id, since);
            let Some(line) = self.cursors.get(&channel.id) else {
                continue;
            };
            if line.wants(channel.last_post_at) {
                self.want(channel.id);
            } else if !line.is_reading() {
                line.clear();
                self.hand_on(&channel.id);
            }
        }
        self.sweep.good = Some(self.cursors.newest().minus(OVERLAP)).max(self.sweep.good);
        self.feed(ctx);
    }

    /// What was listed, and what has changed since, is where the bot is.
    fn appear(&mut self, channels: &[&ListedChannel], me: &UserId) {
        let changes = self.sweep.changes.iter();
        let came = changes.filter_map(|(id, change)| Some((*id, (*change)?)));
        let listed = channels.iter().map(|c| (c.id, Spot::of(c, me)));
        self.spots = listed.chain(came).collect();
        let known = |spot: &Spot| Known {
            direct: spot.direct,
        };
        let here = self.spots.iter().map(|(id, spot)| (*id, known(spot)));
        self.presence.list(here.collect());
    }

    /// Posts of a channel from this time on are to be fetched, soon.
    pub(super) fn lost(&mut self, channel: ChannelId, at: Millis, ctx: &mut Context<Self>) {
        let Some(line) = self.cursors.get(&channel) else {
            return;
        };
        line.lost(at);
        self.retry(channel, ctx);
    }

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

    fn want(&mut self, channel: ChannelId) {
        let line = self.cursors.get(&channel);
        if line.is_some_and(|line| !std::mem::replace(&mut line.wanted, true)) {
            self.sweep.wanted.push_back(channel);
        }
    }

    /// Reads what is wanted, a few channels at a time.
    fn feed(&mut self, ctx: &mut Context<Self>) {
        while self.sweep.reading < AT_ONCE && !self.draining {
            let Some(channel) = self.sweep.wanted.pop_front() else {
                return;
            };
            // One that is being read is read again afterwards, if posts are missing by then.
            if let (Some(line), Some(me)) = (self.cursors.get(&channel), self.me.clone()) {
                line.wanted = false;
                if line.is_reading() {
                    continue;
                }
                let since = line.begin();
                self.read(channel, since, me, ctx);
            }
        }
    }

    fn read(&mut self, channel: ChannelId, since: Millis, me: Me, ctx: &mut Context<Self>) {
        self.sweep.reading += 1;
        self.counts.catch_ups += 1;
        let (rest, store, to) = (self.rest.clone(), self.store.clone(), self.cursors.newest());
        let oldest = self.time.now().minus(self.max_age);
        let read = async move { fetch(&rest, &*store, &channel, since, &me, oldest).await };
        ctx.spawn(read.into_actor(self).map(move |found, this, ctx| {
            this.sweep.reading -= 1;
            match found {
                Ok(found) => this.found(channel, found, to, ctx),
                Err(error) => this.unread(channel, &error, ctx),
            }
            this.feed(ctx);
        }));
    }

    fn found(&mut self, channel: ChannelId, found: Found, to: Millis, ctx: &mut Context<Self>) {
        let (Some(me), Some(line)) = (self.me.clone(), self.cursors.get(&channel)) else {
            return;
        };
        let before = line.before();
        let spot = self.spots.get(&channel).copied().unwrap_or_default();
        let joined = me.joined(&found.posts).unwrap_or_default();
        let oldest = self.time.now().minus(self.max_age);
        for (post, seen) in found.posts.iter().zip(found.seen) {
            let at = post.create_at;
            if post.user_id == me.id {
                self.meant(own(post), ctx);
            } else if seen || !me.hears(post) || at < joined || edited_since(post, before) {
                self.cursors.passed(channel, at);
                self.cursors.done_before(post.id);
            } else if at < oldest {
                self.too_old(channel, post);
            } else {
                let name = found.names.get(&post.user_id).map_or("", String::as_str);
                let event = Arc::new(me.event(post, spot, name));
                if self.cursors.add(event, Way::Fetched) == Added::Yes {
                    self.counts.fetched += 1;
                    metrics::counter!(names::CATCH_UP_POSTS).increment(1);
                }
            }
        }
        if let Some(line) = self.cursors.get(&channel) {
            line.read(to);
            if line.is_dirty() {
                self.retry(channel, ctx);
            }
        }
        self.hand_on(&channel);
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

/// How long to wait before another try: half of it is chance.
fn pause(tries: u32) -> Duration {
    ceiling(tries).mul_f64(0.5 + fastrand::f64() / 2.0)
}
