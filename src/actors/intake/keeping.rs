use actix::prelude::*;

use super::{Intake, line};
use crate::model::ids::{ChannelId, Millis};
use crate::turns::Spot;

impl Intake {
    pub(super) fn came(&mut self, channel: ChannelId, spot: Spot) {
        self.sweep.changed(channel, Some(spot));
        self.memberships.joined(channel, spot);
    }

    pub(super) fn spot(&self, channel: &ChannelId) -> Spot {
        self.memberships.look(|channels| channels.spot(channel))
    }

    /// The bot has left these channels.
    pub(super) fn left(&mut self, channels: &[ChannelId]) {
        for channel in channels {
            self.sweep.changed(*channel, None);
            self.memberships.left(channel);
            for stamp in self.cursors.leave(channel) {
                self.seqs.done(stamp);
            }
            self.troubles.left(channel);
        }
    }

    /// What was handled in channels that were left long ago is forgotten.
    pub(super) fn forget_departed(&mut self, ctx: &mut Context<Self>) {
        let channels = self.cursors.departed.take_older(self.oldest());
        if channels.is_empty() {
            return;
        }
        let store = self.store.clone();
        let forget = async move { store.drop_cursors(&channels).await };
        ctx.spawn(forget.into_actor(self).map(|done, _, _| {
            if let Err(error) = done {
                tracing::warn!(%error, "cursors of left channels stay");
            }
        }));
    }

    /// Mattermost's time, as far as its posts tell; ours, a minute back, before the first of them.
    pub(super) fn server_now(&self) -> Millis {
        match self.cursors.newest() {
            newest if newest.is_set() => newest,
            _ => self.time.now().minus(line::OVERLAP),
        }
    }

    /// Remembers what has moved; one write at a time.
    pub(super) fn save(&mut self, ctx: &mut Context<Self>) {
        if !self.saving {
            let saving = self.saved();
            ctx.spawn(saving);
        }
    }

    pub(super) fn saved(&mut self) -> ResponseActFuture<Self, ()> {
        let (moves, session) = (self.cursors.lines.moves(), self.seqs.unsaved());
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
                    let failed = done.as_ref().err();
                    this.troubles.saved(failed.map(ToString::to_string));
                    match done {
                        Ok(()) => {
                            this.cursors.lines.saved(&moves);
                            session
                                .into_iter()
                                .for_each(|session| this.seqs.saved(session));
                        }
                        Err(error) => {
                            tracing::warn!(%error, "cursors can't be saved");
                            this.cursors.lines.unsaved(&moves);
                        }
                    }
                }),
        )
    }
}
