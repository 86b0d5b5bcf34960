use std::collections::HashSet;
use std::time::Duration;

use actix::prelude::*;
use futures_util::TryStreamExt;

use super::Intake;
use super::line::OVERLAP;
use super::post::Spot;
use crate::client::error::RestError;
use crate::client::rest::MyChannels;
use crate::client::retry::ceiling;
use crate::model::channel::ListedChannel;
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::turns::Known;

/// How often all channels are compared with what was heard: Mattermost can lose an event without
/// a trace.
pub(super) const ROUND: Duration = Duration::from_secs(300);
/// After so many failures to list channels nobody waits for the list any more.
const PATIENCE: u32 = 3;
/// When all are compared again after a gap: what Mattermost answers with may lag behind.
const AGAIN: Duration = Duration::from_secs(30);

impl Intake {
    /// Events may be missing anywhere: what is new is held until it is known where.
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
        let list = async move {
            let lists = rest.my_channels();
            let all = lists.try_fold(MyChannels::default(), |mut all, some| async {
                all.channels.extend(some.channels);
                all.unread.extend(some.unread);
                Ok(all)
            });
            all.await
        };
        ctx.spawn(list.into_actor(self).map(move |listed, this, ctx| {
            this.sweep.listing = false;
            this.listed(listed, &before, ctx);
        }));
    }

    fn listed(
        &mut self,
        listed: Result<MyChannels, RestError>,
        before: &HashSet<ChannelId>,
        ctx: &mut Context<Self>,
    ) {
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
                    before.iter().for_each(|channel| self.want_more(*channel));
                    self.feed(ctx);
                }
                ctx.run_later(wait, |this, ctx| this.list(ctx));
            }
            // What was listed may be older than the gap.
            Ok(_) if again => self.list(ctx),
            Ok(listed) => {
                self.sweep.tries = 0;
                self.compare(&listed, before, ctx);
                if std::mem::take(&mut self.sweep.later) {
                    ctx.run_later(AGAIN, |this, ctx| this.list(ctx));
                }
            }
        }
    }

    fn compare(
        &mut self,
        listed: &MyChannels,
        before: &HashSet<ChannelId>,
        ctx: &mut Context<Self>,
    ) {
        let Some(me) = self.me.as_ref().map(|me| me.id) else {
            return;
        };
        let changes = &self.sweep.changes;
        let gone = |c: &ListedChannel| c.delete_at.is_set() || changes.get(&c.id) == Some(&None);
        let live: Vec<&ListedChannel> = listed.channels.iter().filter(|c| !gone(c)).collect();
        live.iter().for_each(|c| self.cursors.seen(c.last_post_at));
        self.appear(&live, &me, &listed.unread);
        let here: HashSet<ChannelId> = live.iter().map(|c| c.id).collect();
        let here: HashSet<ChannelId> = here.into_iter().chain(listed.unread.clone()).collect();
        let stays = |id: &ChannelId| here.contains(id) || self.sweep.changes.contains_key(id);
        let left: Vec<ChannelId> = before.iter().filter(|id| !stays(id)).copied().collect();
        if !left.is_empty() {
            self.left(&left);
        }
        for channel in live {
            self.compare_one(channel.id, channel.last_post_at);
        }
        let newest = self.cursors.newest();
        for channel in &listed.unread {
            // Perhaps something is new there.
            self.compare_one(*channel, newest);
        }
        self.sweep.good = newest.minus(OVERLAP).max(self.sweep.good);
        self.forget_departed(ctx);
        self.feed(ctx);
    }

    fn compare_one(&mut self, channel: ChannelId, last_post_at: Millis) {
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

    /// What was listed, and what has changed since, is where the bot is.
    fn appear(&mut self, channels: &[&ListedChannel], me: &UserId, unread: &[ChannelId]) {
        let changes = self.sweep.changes.iter();
        let came = changes.filter_map(|(id, change)| Some((*id, (*change)?)));
        let listed = channels.iter().map(|c| (c.id, Spot::of(c, me)));
        let unread = unread
            .iter()
            .map(|id| (*id, self.spots.get(id).copied().unwrap_or_default()));
        self.spots = unread.chain(listed).chain(came).collect();
        let known = |spot: &Spot| Known {
            direct: spot.direct,
        };
        let here = self.spots.iter().map(|(id, spot)| (*id, known(spot)));
        self.presence.list(here.collect());
    }
}

/// How long to wait before another try: half of it is chance.
pub(super) fn pause(tries: u32) -> Duration {
    ceiling(tries).mul_f64(0.5 + fastrand::f64() / 2.0)
}
