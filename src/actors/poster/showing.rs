use actix::prelude::*;

use super::cards::Put;
use super::{PUTS, Poster};
use crate::actors::messages::{ShowInline, Shown};
use crate::client::error::Retry;
use crate::event::Slot;
use crate::store::Settled;

/// Bringing cards to what is wanted.
impl Poster {
    pub(super) fn put_cards(&mut self, ctx: &mut Context<Self>) {
        let room = PUTS.saturating_sub(self.puts);
        for put in self.cards.puts(self.now(), room) {
            self.puts += 1;
            let outlet = self.outlet.clone();
            let send = async move { (outlet.put(&put).await, put) };
            let done = send
                .into_actor(self)
                .map(|(done, put), this, ctx| this.put_ended(done, &put, ctx));
            ctx.spawn(done);
        }
    }

    fn put_ended(&mut self, done: Result<(), Retry>, put: &Put, ctx: &mut Context<Self>) {
        self.puts -= 1;
        let now = self.now();
        match done {
            Ok(()) => {
                self.cards.put_ended(put, true, now);
                let (slot, post, version) = (put.slot.clone(), put.post, put.version);
                self.settle(
                    Settled::Shown {
                        slot,
                        post,
                        version,
                    },
                    ctx,
                );
            }
            Err(Retry::Never) => {
                tracing::warn!(slot = %put.slot, "a card can't be shown any more");
                self.cards.gone(&put.slot);
                self.settle(Settled::Gone(put.slot.clone()), ctx);
            }
            Err(_) => self.cards.put_ended(put, false, now),
        }
        self.put_cards(ctx);
    }

    /// Shows a card in a click's answer, if nobody else is writing it.
    pub(super) fn show(&mut self, show: ShowInline) -> Option<Shown> {
        let now = self.now();
        let (card, version, row) = self.cards.grant(&show.slot, show.version, now)?;
        Some(Shown {
            slot: show.slot,
            version,
            card,
            row,
        })
    }

    /// It is PUT in the next round at the earliest: a click's answer may be about to show it.
    pub(super) fn load_card(&mut self, slot: Slot, ctx: &mut Context<Self>) {
        let outlet = self.outlet.clone();
        let load = async move { outlet.card(&slot).await };
        ctx.spawn(load.into_actor(self).map(|card, this, _| {
            card.into_iter().for_each(|card| this.cards.loaded(card));
        }));
    }
}
