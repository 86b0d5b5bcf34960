use actix::prelude::*;
use tracing::Instrument;

use super::Poster;
use super::ended::Ended;
use super::lanes::Queued;
use crate::actors::apart::Apart;
use crate::event::{Row, RowId, RowKind, Version};
use crate::model::ids::{Millis, PostId};
use crate::store::Settled;
use crate::telemetry::names;

/// Sending rows, and telling the store.
impl Poster {
    /// The store knows what became of these rows.
    pub(super) fn is_settled(&mut self, rows: impl IntoIterator<Item = RowId>) {
        self.lanes.settled(rows);
        if self.reads == 0 {
            self.lanes.reads_nothing();
        }
    }

    pub(super) fn work(&mut self, ctx: &mut Context<Self>) {
        if self.reads == 0 {
            for queued in self.lanes.ready() {
                if !self.looks_through(&queued, ctx) {
                    self.start(queued, ctx);
                }
            }
        }
        // What waits for a lost place must not keep others from being heard.
        self.pressure.holds(self.lanes.loads());
        metrics::gauge!(names::UNSENT).set(self.lanes.len() as f64);
    }

    pub(super) fn start(&mut self, queued: Queued, ctx: &mut Context<Self>) {
        let row = queued.row.id.clone();
        let known = match &queued.row.kind {
            RowKind::Card(slot) => self
                .cards
                .current(slot)
                .filter(|card| card.is_posted_by(&row)),
            _ => None,
        };
        if queued.maybe_sent && matches!(queued.row.kind, RowKind::Card(_)) {
            self.moving.insert(row.clone());
        }
        if matches!(queued.row.kind, RowKind::Post(_) | RowKind::Card(_)) {
            self.is_posting(&row, true);
        }
        let (outlet, id) = (self.outlet.clone(), row.clone());
        let leaves = tracing::debug_span!("row", %row, event = queued.row.event.map(display));
        leaves.in_scope(|| tracing::debug!(kind = queued.row.kind.name(), "a row leaves"));
        let send = async move {
            let card = match (&queued.row.kind, known) {
                (RowKind::Card(slot), None) => outlet.stored_card(slot).await,
                (_, known) => known,
            };
            outlet.send(queued, card).await
        };
        let send = send.instrument(leaves);
        let sends = Apart::run("Poster", ctx, send, move |ended, this: &mut Self, ctx| {
            // Its echo may have come first.
            if this.lanes.lane_of(&id).is_some() {
                this.ended(&id, ended, ctx);
            }
        });
        self.lanes.started(&row, sends);
    }

    /// The Router holds back what may answer a question that is being posted.
    pub(super) fn is_posting(&self, row: &RowId, under_way: bool) {
        self.asks.posting(row, under_way);
    }

    fn ended(&mut self, id: &RowId, ended: Ended, ctx: &mut Context<Self>) {
        if !matches!(ended, Ended::Posted { .. }) {
            self.is_posting(id, false);
        }
        if let Ended::Waits { lost, maybe_sent } = ended {
            self.lose(id, lost, maybe_sent);
            return self.work(ctx);
        }
        let Some((row, _)) = self.lanes.ended(id) else {
            return;
        };
        match ended {
            Ended::Posted { post, at, shown } => self.posted(&row, post, at, shown, ctx),
            Ended::Left => {
                self.count(&row);
                tracing::debug!(row = %row.id, event = row.event.map(display), "a row has left");
                self.is_settled([row.id]);
            }
            Ended::SetAside(_) if self.is_overtaken(&row) => {
                self.settle(Settled::Left(row.id), ctx);
            }
            Ended::SetAside(aside) => self.put_aside(row, &aside, false, ctx),
            Ended::Waits { .. } | Ended::Later => self.lanes.comes_again(id),
        }
        self.moving.remove(id);
        self.work(ctx);
    }

    /// Whether a row's card is posted by another one by now: it is none the worse for this one.
    fn is_overtaken(&self, row: &Row) -> bool {
        let RowKind::Card(slot) = &row.kind else {
            return false;
        };
        let card = self.cards.current(slot);
        card.is_some_and(|card| !card.is_posted_by(&row.id))
    }

    pub(super) fn posted(
        &mut self,
        row: &Row,
        post: PostId,
        at: Millis,
        shown: Option<Version>,
        ctx: &mut Context<Self>,
    ) {
        self.count(row);
        tracing::debug!(row = %row.id, event = row.event.map(display), %post, "a row is posted");
        self.lately.posted(&row.id, post);
        self.asks.posted(&row.id, at);
        if let RowKind::Card(slot) = &row.kind {
            self.cards.posted(slot, &row.id, post, shown.unwrap_or(0));
            self.moved |= self.moving.remove(&row.id);
        }
        let settled = Settled::Posted {
            row: row.id.clone(),
            post,
            at,
            shown,
        };
        match row.kind {
            RowKind::Post(_) => self.settle_soon(settled, ctx),
            _ => self.settle(settled, ctx),
        }
        self.put_cards(ctx);
    }

    fn count(&mut self, row: &Row) {
        self.sent += 1;
        metrics::counter!(names::POSTS_SENT, "kind" => row.kind.name()).increment(1);
    }
}
