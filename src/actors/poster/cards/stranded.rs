use std::collections::BTreeMap;

use actix::prelude::*;

use super::Cards;
use crate::actors::poster::cached_card::CachedCard;
use crate::actors::poster::outlet::place::Standing;
use crate::actors::poster::waiting::{LIFE, LOOKS, TELLS};
use crate::actors::poster::{PUTS, Poster};
use crate::client::error::RestError;
use crate::event::{CardRow, Slot};
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::sentences::lost::{Lost, Why};
use crate::sentences::unposted::why;
use crate::store::Settled;
use crate::turns::Memberships;

/// Channels that the bot has lost, and which cards there show less than what is wanted. Not all of these are
/// in memory: the store has them.
#[derive(Debug, Default)]
pub(in crate::actors::poster) struct Stranded(BTreeMap<ChannelId, StrandedChannel>);

#[derive(Debug)]
struct StrandedChannel {
    lost: Lost,
    /// Since when it is lost for this reason.
    since: Millis,
    /// When it is looked into again without a reason.
    again: Millis,
    /// Its cards, each with the read of the store since which it is known to be there.
    slots: BTreeMap<Slot, u64>,
}

impl Stranded {
    /// Whether a card waits for the bot's return.
    pub fn holds(&self, card: &CardRow) -> bool {
        let channel = card.home.channel();
        channel.is_some_and(|channel| self.0.contains_key(channel))
    }

    /// Remembers a card that isn't shown, if its channel is lost; `true` then.
    pub fn takes(&mut self, card: &CardRow, read: u64) -> bool {
        let channel = card.home.channel();
        let Some(channel) = channel.and_then(|channel| self.0.get_mut(channel)) else {
            return false;
        };
        channel.slots.insert(card.slot.clone(), read);
        true
    }

    fn lose(&mut self, id: ChannelId, lost: Lost, now: Millis) {
        let again = now.plus(LOOKS);
        let channel = self.0.entry(id).or_insert_with(|| {
            tracing::warn!(channel = %id, why = ?lost.why, "a place is lost; its cards wait");
            StrandedChannel {
                lost: lost.clone(),
                since: now,
                again,
                slots: BTreeMap::new(),
            }
        });
        if channel.lost.why != lost.why {
            channel.since = now;
        }
        (channel.lost, channel.again) = (lost, again);
    }

    /// A card has no post any more.
    pub fn frees(&mut self, slot: &Slot) {
        for channel in self.0.values_mut() {
            channel.slots.remove(slot);
        }
    }

    /// A read of the store is over: what it didn't meet isn't there.
    fn was_read(&mut self, number: u64) {
        self.0.retain(|_, channel| {
            channel.slots.retain(|_, read| *read >= number);
            !channel.slots.is_empty()
        });
    }
}

/// Cards that are refused because the bot has lost their channel.
impl Cards {
    /// The bot has lost a channel: its cards wait for the return.
    pub fn lose(&mut self, channel: ChannelId, lost: Lost, now: Millis) {
        self.stranded.lose(channel, lost, now);
        for known in self.cards.values().filter(|known| known.is_unshown()) {
            self.stranded.takes(&known.row, self.reads);
        }
    }

    /// Whether cards wait for the bot's return to a channel.
    pub fn is_lost(&self, channel: &ChannelId) -> bool {
        self.stranded.0.contains_key(channel)
    }

    /// The channels whose cards wait, with how many these are.
    pub fn lost(&self) -> impl Iterator<Item = (&ChannelId, &Lost, usize)> {
        let channels = self.stranded.0.iter();
        channels.map(|(id, channel)| (id, &channel.lost, channel.slots.len()))
    }

    /// The bot is back in a channel: its cards begin anew. `true` where not all of them are in memory.
    pub fn back(&mut self, channel: &ChannelId) -> bool {
        let Some(was) = self.stranded.0.remove(channel) else {
            return false;
        };
        let own = |known: &&mut CachedCard| known.row.home.channel() == Some(channel);
        self.cards
            .values_mut()
            .filter(own)
            .for_each(CachedCard::begins_anew);
        was.slots.keys().any(|slot| !self.cards.contains_key(slot))
    }

    /// What was refused begins anew where the bot has come since. The lost channels in which it is known to be.
    pub fn came(&mut self, memberships: &Memberships) -> Vec<ChannelId> {
        for known in self
            .cards
            .values_mut()
            .filter(|known| known.refusals.is_for_good())
        {
            let coming = known.row.home.channel().map(|id| memberships.coming(id));
            if known.refusals.is_before(coming.flatten()) {
                known.begins_anew();
            }
        }
        let lost = self.stranded.0.keys();
        lost.filter(|id| memberships.is_known_in(id))
            .copied()
            .collect()
    }

    /// A card was refused when the bot was in its channel since this coming of all.
    pub fn refused_since(&mut self, slot: &Slot, coming: Option<u64>) {
        if let Some(known) = self.cards.get_mut(slot) {
            known.refusals.since(coming);
        }
    }

    /// Lost channels that are to be looked into now without a reason.
    pub fn due(&mut self, now: Millis, most: usize) -> Vec<ChannelId> {
        let lost = self.stranded.0.iter_mut();
        let due = lost.filter(|(_, channel)| channel.again <= now).take(most);
        due.map(|(id, channel)| {
            channel.again = now.plus(LOOKS);
            *id
        })
        .collect()
    }

    /// How the bot is in a channel couldn't be found out: its cards are tried again before long.
    fn unknown(&mut self, channel: &ChannelId, now: Millis) {
        let known = self.cards.values_mut();
        known
            .filter(|known| known.row.home.channel() == Some(channel))
            .for_each(|known| known.refusals.rest_less(now));
    }

    /// Cards in channels that Mattermost hasn't known for a while, and old ones in lost channels that nobody can
    /// click: their slots have ended, so that nothing else ever takes them away. With the reason.
    pub fn given_up(&self, now: Millis) -> Vec<(Slot, PostId, &'static str)> {
        let channels = self.stranded.0.values();
        let slots =
            channels.flat_map(|channel| channel.slots.keys().map(move |slot| (channel, slot)));
        let given_up = slots.filter_map(|(channel, slot)| {
            let row = &self.cards.get(slot)?.row;
            let reason = if channel.lost.why == Why::Deleted && channel.since.plus(TELLS) <= now {
                why::CHANNEL_DELETED
            } else if row.is_over_since(now.minus(LIFE)) {
                why::OVER
            } else {
                return None;
            };
            Some((slot.clone(), row.post?, reason))
        });
        given_up.collect()
    }

    /// A read of the store's cards begins; gives its number.
    pub fn begins_to_read(&mut self) -> u64 {
        self.reads += 1;
        self.reads
    }

    /// A card is known to be in the store from now on.
    pub fn heard_of(&mut self, slot: &Slot) {
        if let Some(known) = self.cards.get_mut(slot) {
            known.heard = self.reads;
            if known.is_unshown() {
                self.stranded.takes(&known.row, self.reads);
            }
        }
    }

    /// All cards that are behind were read, and all that was settled before was in the store by then. What
    /// can't be shown and isn't among them is in the store no more: nobody wants it.
    pub fn was_read(&mut self, number: u64) {
        let waits = |known: &CachedCard| {
            known.writer.is_none() && known.is_unshown() && known.heard < number
        };
        let refused =
            |known: &CachedCard| known.refusals.is_for_good() || self.stranded.holds(&known.row);
        let cards = self.cards.iter();
        let gone = cards.filter(|(_, known)| waits(known) && refused(known));
        let gone: Vec<Slot> = gone.map(|(slot, _)| slot.clone()).collect();
        gone.iter().for_each(|slot| self.forget(slot));
        self.stranded.was_read(number);
    }
}

/// Looking into channels that refuse cards.
impl Poster {
    /// Asks how the bot is in a channel that has refused a card.
    pub(in crate::actors::poster) fn look_into(
        &mut self,
        channel: ChannelId,
        ctx: &mut Context<Self>,
    ) {
        let Some(me) = self.outlet.me else {
            return;
        };
        if !self.looks.insert(channel) {
            return;
        }
        let outlet = self.outlet.clone();
        let look = async move {
            outlet.rest.budget().wait().await;
            outlet.find_out(&me, &channel).await
        };
        ctx.spawn(look.into_actor(self).map(move |found, this, ctx| {
            this.looks.remove(&channel);
            this.found_out(channel, found, ctx);
        }));
    }

    fn found_out(
        &mut self,
        channel: ChannelId,
        found: Result<Standing, RestError>,
        ctx: &mut Context<Self>,
    ) {
        let now = self.now();
        match found {
            Ok(Standing::Lost(lost)) => self.cards.lose(channel, lost, now),
            Ok(Standing::Here) => self.cards_back(&[channel], ctx),
            Err(error) => {
                tracing::info!(%channel, %error, "a channel that refuses a card can't be looked at");
                self.cards.unknown(&channel, now);
            }
        }
    }

    fn cards_back(&mut self, channels: &[ChannelId], ctx: &mut Context<Self>) {
        let mut unread = false;
        for channel in channels {
            unread |= self.cards.back(channel);
        }
        if unread {
            self.read_outbox(ctx);
        }
    }

    /// Cards go on where the bot is back, and lost channels are looked into now and then.
    pub(in crate::actors::poster) fn watch_cards(&mut self, now: Millis, ctx: &mut Context<Self>) {
        let back = self.cards.came(&self.outlet.memberships);
        self.cards_back(&back, ctx);
        let room = PUTS.saturating_sub(self.looks.len());
        for channel in self.cards.due(now, room) {
            self.look_into(channel, ctx);
        }
        for (slot, post, reason) in self.cards.given_up(now) {
            tracing::warn!(%slot, reason, "a card is given up");
            self.cards.gone(&slot);
            self.settle(Settled::Gone { slot, post }, ctx);
        }
    }
}
