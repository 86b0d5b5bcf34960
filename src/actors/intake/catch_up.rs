use std::time::Duration;

use actix::fut::ready;
use actix::prelude::*;

use super::Intake;
use super::line::OVERLAP;
use super::post::spot_of;
use super::sweep::SweptTo;
use crate::client::error::RestError;
use crate::client::rest::MyChannels;
use crate::client::retry::ceiling;
use crate::model::channel::ListedChannel;
use crate::model::ids::{ChannelId, Millis};
use crate::turns::Channels;

/// After so many failures to list channels nobody waits for the list any more.
const PATIENCE: u32 = 3;
/// When all are compared again after a gap: what Mattermost answers with may lag behind.
const AGAIN: Duration = Duration::from_secs(30);

impl Intake {
    /// Events may be missing anywhere: what is new is held until it is known where.
    pub(super) fn gap(&mut self, ctx: &mut Context<Self>) {
        self.counts.gaps += 1;
        self.cursors.lines.gap();
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
        self.sweep.unread.clear();
        self.memberships.change(Channels::begin_list);
        let lists = self.rest.my_channels().into_actor(self);
        let all = lists.fold(Ok(()), |so_far: Result<(), _>, some, this: &mut Self, _| {
            let some = some.map(|some| this.listed_some(some));
            ready(so_far.and(some))
        });
        ctx.spawn(all.map(|listed, this, ctx| {
            this.sweep.listing = false;
            this.listed(listed, ctx);
        }));
    }

    fn listed(&mut self, listed: Result<(), RestError>, ctx: &mut Context<Self>) {
        let again = std::mem::take(&mut self.sweep.again);
        let failed = listed.as_ref().err();
        self.troubles.listed(failed.map(ToString::to_string));
        match listed {
            Err(error) => {
                let wait = pause(self.sweep.tries);
                self.sweep.tries += 1;
                tracing::warn!(%error, "channels can't be listed");
                if self.sweep.tries == PATIENCE {
                    // Each that is known may be asked for itself; the others wait for the list.
                    self.all_alone();
                    self.feed(ctx);
                }
                ctx.run_later(wait, |this, ctx| this.list(ctx));
            }
            // What was listed may be older than the gap.
            Ok(()) if again => self.list(ctx),
            Ok(()) => {
                self.sweep.tries = 0;
                self.listed_all(ctx);
                if std::mem::take(&mut self.sweep.later) {
                    ctx.run_later(AGAIN, |this, ctx| this.list(ctx));
                }
            }
        }
    }

    fn all_alone(&mut self) {
        let lines: Vec<ChannelId> = self.cursors.lines.awake().map(|(id, _)| id).collect();
        lines
            .into_iter()
            .for_each(|channel| self.want_more(channel));
        self.sweep.alone = Some(SweptTo::begins());
    }

    /// Some of the list has come. What it says of a channel is true whether or not the rest of it comes, unless
    /// there was a gap meanwhile.
    fn listed_some(&mut self, some: MyChannels) {
        let Some(me) = self
            .me
            .as_ref()
            .map(|me| me.id)
            .filter(|_| !self.sweep.again)
        else {
            return;
        };
        let changes = &self.sweep.changes;
        let has_left = |id: &ChannelId| changes.get(id) == Some(&None);
        let gone = |c: &ListedChannel| c.delete_at.is_set() || has_left(&c.id);
        let live: Vec<&ListedChannel> = some.channels.iter().filter(|c| !gone(c)).collect();
        for channel in &live {
            let newer = changes.get(&channel.id).copied().flatten();
            let spot = newer.unwrap_or_else(|| spot_of(channel, &me));
            self.memberships.listed(channel.id, spot);
            self.cursors.seen(channel.last_post_at);
        }
        let unread = some.unread.into_iter().filter(|id| !has_left(id));
        let unread: Vec<ChannelId> = unread.collect();
        for channel in live {
            self.compare(channel.id, channel.last_post_at);
        }
        for channel in unread {
            self.memberships.listed(channel, self.spot(&channel));
            self.sweep.unread.push(channel);
        }
    }

    fn listed_all(&mut self, ctx: &mut Context<Self>) {
        let newest = self.cursors.newest();
        for channel in std::mem::take(&mut self.sweep.unread) {
            // Perhaps something is new there.
            self.compare(channel, newest);
        }
        let left = self.memberships.list_ended();
        self.left(&left);
        self.cursors.lines.are_sure();
        self.sweep.alone = None;
        self.sweep.good = newest.minus(OVERLAP).max(self.sweep.good);
        self.forget_departed(ctx);
        self.feed(ctx);
    }

    fn compare(&mut self, channel: ChannelId, last_post_at: Millis) {
        if self.cursors.lines.rests_on(&channel, last_post_at) {
            return;
        }
        let is_new = self.cursors.join(channel, self.sweep.good);
        let Some(line) = self.cursors.get(&channel) else {
            return;
        };
        if is_new {
            line.lost_all();
        }
        if line.compare(last_post_at) {
            self.want(channel);
        }
        self.hand_on(&channel);
    }
}

/// How long to wait before another try: half of it is chance.
pub(super) fn pause(tries: u32) -> Duration {
    ceiling(tries).mul_f64(0.5 + fastrand::f64() / 2.0)
}
