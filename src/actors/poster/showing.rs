use std::time::Duration;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::cached_card::{PutEnded, Unshown};
use super::cards::{EditMeaning, Grant, ShowInline};
use super::outlet::writes::Put;
use super::{PUTS, Poster};
use crate::actors::card_format;
use crate::actors::messages::{Edited, Shown};
use crate::event::{CardRow, Slot};
use crate::model::ids::{Millis, PostId};
use crate::store::Settled;
use crate::time::sleep;

/// How long to wait before the store is asked again for a card.
const AGAIN: Duration = Duration::from_secs(1);

/// Bringing cards to what is wanted.
impl Poster {
    pub(super) fn put_cards(&mut self, ctx: &mut Context<Self>) {
        let room = PUTS.saturating_sub(self.puts);
        for put in self.cards.puts(self.now(), room) {
            self.puts += 1;
            let outlet = self.outlet.clone();
            let coming = self.coming(&put);
            let send = async move { (outlet.put(&put).await, put) };
            let done = send
                .into_actor(self)
                .map(move |(done, put), this, ctx| this.put_ended(done, &put, coming, ctx));
            ctx.spawn(done);
        }
    }

    /// Which of all its comings has brought the bot where a card is.
    fn coming(&self, put: &Put) -> Option<u64> {
        self.outlet.memberships.coming(put.channel.as_ref()?)
    }

    fn put_ended(
        &mut self,
        mut ended: Result<Millis, Unshown>,
        put: &Put,
        coming: Option<u64>,
        ctx: &mut Context<Self>,
    ) {
        self.puts -= 1;
        // What was refused may be taken where the bot has come back meanwhile.
        let back = self.coming(put).is_some_and(|now| Some(now) != coming);
        if ended == Err(Unshown::Refused) && back {
            ended = Err(Unshown::Later);
        }
        if !self.cards.is_of(put) {
            return self.put_cards(ctx);
        }
        let now = self.now();
        let (slot, post, version) = (put.slot.clone(), put.post, put.version);
        match self.cards.put_ended(put, ended, now) {
            PutEnded::Shown => {
                let shown = Settled::Shown {
                    slot,
                    post,
                    version,
                };
                self.settle(shown, ctx);
            }
            PutEnded::Gone => self.settle(Settled::Gone { slot, post }, ctx),
            PutEnded::Refused => self.refused(put, coming, ctx),
            PutEnded::Again => {
                // Where the bot isn't known to be, nobody waits for the end of a race.
                let here = |channel: &_| self.outlet.memberships.can_post(channel);
                if ended == Err(Unshown::Refused) && !put.channel.as_ref().is_none_or(here) {
                    self.refused(put, coming, ctx);
                }
            }
        }
        self.put_cards(ctx);
    }

    /// Whether it is the card that is refused, or the bot in its channel, is found out.
    fn refused(&mut self, put: &Put, coming: Option<u64>, ctx: &mut Context<Self>) {
        self.cards.refused_since(&put.slot, coming);
        if let Some(channel) = put.channel
            && !self.cards.is_lost(&channel)
        {
            self.look_into(channel, ctx);
        }
    }

    /// A card's post was edited, by us or by a stranger.
    pub(super) fn edited(
        &mut self,
        edited: &Edited,
        kept: oneshot::Sender<()>,
        ctx: &mut Context<Self>,
    ) {
        let says = |card: &_| card_format::says(card, &edited.message, &edited.attachments);
        let (post, now) = (edited.post, self.now());
        let settled = match self.cards.edited(edited, now, says) {
            EditMeaning::Shows(slot, version) => Settled::Shown {
                slot,
                post,
                version,
            },
            EditMeaning::Altered(slot) => {
                self.settling.keep(kept);
                Settled::Altered(slot)
            }
            EditMeaning::Nothing => return,
        };
        self.settle(settled, ctx);
        self.put_cards(ctx);
    }

    /// A card's post was deleted.
    pub(super) fn deleted(&mut self, post: &PostId, ctx: &mut Context<Self>) {
        if let Some(slot) = self.cards.slot_of(post).cloned() {
            self.cards.gone(&slot);
            self.settle(Settled::Gone { slot, post: *post }, ctx);
        }
    }

    /// Goes on once the card of a post is in memory, where it is one. Cards that need nothing are
    /// not kept there.
    pub(super) fn with_card_of(
        &mut self,
        post: PostId,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, &mut Context<Self>) + 'static,
    ) {
        if self.cards.slot_of(&post).is_some() {
            return then(self, ctx);
        }
        let store = self.outlet.store.clone();
        let number = self.unsettled.read_begins();
        let load = async move { store.card_of_post(&post).await };
        ctx.spawn(load.into_actor(self).map(move |loaded, this, ctx| {
            match loaded {
                Ok(card) => {
                    this.loaded(card, number);
                    then(this, ctx);
                }
                // Nobody tells of it again.
                Err(error) => {
                    this.unsettled.read_ended(number);
                    tracing::warn!(%error, "a card can't be loaded; it is tried again");
                    ctx.run_later(AGAIN, move |this, ctx| this.with_card_of(post, ctx, then));
                }
            }
        }));
    }

    /// Shows a card in a click's answer, now or a little later, if nobody else is writing it.
    pub(super) fn show(&mut self, show: ShowInline) -> ResponseActFuture<Self, Option<Shown>> {
        let now = self.now();
        match self.cards.grant(&show, now) {
            Grant::Shows(shown) => Box::pin(actix::fut::ready(Some(shown))),
            Grant::Not => Box::pin(actix::fut::ready(None)),
            Grant::Waits(until) => {
                let wait = sleep(until.since(now)).into_actor(self);
                Box::pin(wait.then(|(), this, _| this.show(show)))
            }
        }
    }

    /// It is PUT in the next round at the earliest: a click's answer may be about to show it.
    pub(super) fn load_card(&mut self, slot: Slot, ctx: &mut Context<Self>) {
        let outlet = self.outlet.clone();
        let number = self.unsettled.read_begins();
        let load = async move { outlet.card(&slot).await };
        ctx.spawn(load.into_actor(self).map(move |card, this, _| {
            this.loaded(card, number);
        }));
    }

    /// Cards as this read of the store has them.
    pub(super) fn loaded(&mut self, cards: impl IntoIterator<Item = CardRow>, number: u64) {
        let now = self.now();
        for card in cards {
            if let Some(card) = self.unsettled.told(card) {
                self.cards.loaded(card, now);
            }
        }
        self.unsettled.read_ended(number);
    }
}
