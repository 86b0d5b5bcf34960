//! What leaves: posts in lanes, cards with one writer each, whispers, dialogs.

mod cards;
mod lanes;
mod outlet;
mod showing;
mod whisper;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;
use serde_json::Value;

pub use outlet::Outlet;

use self::cards::{Cards, Meaning};
use self::lanes::{Lanes, Queued};
use self::outlet::Ended;
use super::face;
use super::guard::Guard;
use super::messages::{Asked, Deleted, Echo, Edited, Leaves, Open, Probe, ShowInline, Shown};
use super::router::Router;
use crate::event::{Row, RowId, RowKind, Version};
use crate::model::ids::{Millis, PostId};
use crate::store::{Settled, StoreError};
use crate::telemetry::names;

/// How often cards are looked after.
const ROUND: Duration = Duration::from_millis(250);
/// How many PUTs are under way at once.
const PUTS: usize = 8;
/// How many rows are read from the store at a time.
const PAGE: usize = 500;

/// Sends what was committed; the truth is the store's outbox and cards.
pub struct Poster {
    outlet: Outlet,
    router: Addr<Router>,
    lanes: Lanes,
    cards: Cards,
    puts: usize,
    /// What the store is to be told.
    settled: Vec<Settled>,
    settling: bool,
    /// Rows that are not sent, for the Router.
    pressure: Arc<AtomicUsize>,
    sent: u64,
    set_aside: u64,
    _guard: Guard,
}

#[derive(Serialize)]
struct Looks {
    unsent: usize,
    cards_behind: usize,
    puts: usize,
    sent: u64,
    set_aside: u64,
}

impl Poster {
    /// A poster that begins with what the store says is unsent.
    pub fn new(outlet: Outlet, router: Addr<Router>, pressure: Arc<AtomicUsize>) -> Self {
        Self {
            outlet,
            router,
            lanes: Lanes::default(),
            cards: Cards::default(),
            puts: 0,
            settled: Vec::new(),
            settling: false,
            pressure,
            sent: 0,
            set_aside: 0,
            _guard: Guard::new("Poster"),
        }
    }

    fn now(&self) -> Millis {
        self.outlet.time.now()
    }

    /// Reads what an earlier process left: any of it may have been sent.
    fn recover(&mut self, after: Option<RowId>, ctx: &mut Context<Self>) {
        let store = self.outlet.store.clone();
        let read = async move {
            let rows = store.unsent(after.as_ref(), PAGE).await?;
            let cards = store.stale_cards(PAGE).await?;
            Ok::<_, StoreError>((rows, cards, after))
        };
        let done = read.into_actor(self).map(|read, this, ctx| match read {
            Ok((rows, cards, _)) => {
                cards.into_iter().for_each(|card| this.cards.loaded(card));
                let last = (rows.len() == PAGE)
                    .then(|| rows.last().map(|row| row.id.clone()))
                    .flatten();
                rows.into_iter().for_each(|row| this.lanes.add(row, true));
                if last.is_some() {
                    this.recover(last, ctx);
                }
                this.work(ctx);
            }
            Err(error) => {
                tracing::error!(%error, "the outbox can't be read");
                ctx.run_later(Duration::from_secs(1), |this, ctx| this.recover(None, ctx));
            }
        });
        ctx.spawn(done);
    }

    fn work(&mut self, ctx: &mut Context<Self>) {
        for queued in self.lanes.ready() {
            self.start(queued, ctx);
        }
        self.pressure.store(self.lanes.len(), Ordering::Relaxed);
        metrics::gauge!(names::UNSENT).set(self.lanes.len() as f64);
    }

    fn start(&mut self, queued: Queued, ctx: &mut Context<Self>) {
        let row = queued.row.id.clone();
        let known = match &queued.row.kind {
            RowKind::Card(slot) => {
                let current = self.cards.current(slot);
                current.map(|(card, version)| (slot.clone(), card.clone(), version))
            }
            _ => None,
        };
        let (outlet, id) = (self.outlet.clone(), row.clone());
        let send = async move {
            let card = match (&queued.row.kind, known) {
                (RowKind::Card(slot), None) => outlet.stored_card(slot).await,
                (_, known) => known,
            };
            outlet.send(queued, card).await
        };
        let done = send
            .into_actor(self)
            .map(move |ended, this, ctx| this.ended(&id, ended, ctx));
        let handle = ctx.spawn(done);
        self.lanes.started(&row, handle);
    }

    fn ended(&mut self, id: &RowId, ended: Ended, ctx: &mut Context<Self>) {
        let Some((row, _)) = self.lanes.ended(id) else {
            return;
        };
        match ended {
            Ended::Posted { post, at, shown } => self.posted(&row, post, at, shown, ctx),
            Ended::Left => self.sent += 1,
            Ended::SetAside(reason) => self.put_aside(row, reason, ctx),
        }
        self.work(ctx);
    }

    fn posted(
        &mut self,
        row: &Row,
        post: PostId,
        at: Millis,
        shown: Option<Version>,
        ctx: &mut Context<Self>,
    ) {
        self.sent += 1;
        metrics::counter!(names::POSTS_SENT).increment(1);
        self.router.do_send(Asked {
            row: row.id.clone(),
            at,
        });
        if let RowKind::Card(slot) = &row.kind {
            self.cards.posted(slot, post, shown.unwrap_or(0));
        }
        self.settle(
            Settled::Posted {
                row: row.id.clone(),
                post,
                at,
                shown,
            },
            ctx,
        );
        self.put_cards(ctx);
    }

    fn put_aside(&mut self, row: Row, reason: String, ctx: &mut Context<Self>) {
        tracing::error!(row = %row.id, lane = ?row.lane, reason, "a post can never leave and is set aside");
        metrics::counter!(names::POSTS_DEAD).increment(1);
        self.set_aside += 1;
        self.settle(
            Settled::SetAside {
                row: row.id,
                reason: reason.clone(),
            },
            ctx,
        );
        if let Some(blame) = row.blame {
            let outlet = self.outlet.clone();
            let tell = async move { outlet.tell(blame, &row.lane, &reason).await };
            ctx.spawn(tell.into_actor(self));
        }
    }

    /// Tells the store, all that came together in one transaction.
    fn settle(&mut self, settled: Settled, ctx: &mut Context<Self>) {
        self.settled.push(settled);
        self.flush(ctx);
    }

    fn flush(&mut self, ctx: &mut Context<Self>) {
        if self.settled.is_empty() || std::mem::replace(&mut self.settling, true) {
            return;
        }
        let (store, batch) = (self.outlet.store.clone(), std::mem::take(&mut self.settled));
        let write = async move { (store.settle(batch.clone()).await, batch) };
        let done = write.into_actor(self).map(|(done, batch), this, ctx| {
            this.settling = false;
            match done {
                Ok(()) => this.flush(ctx),
                Err(error) => {
                    tracing::warn!(%error, "what was sent can't be settled");
                    this.settled.splice(0..0, batch);
                    ctx.run_later(Duration::from_secs(1), Self::flush);
                }
            }
        });
        ctx.spawn(done);
    }
}

impl Actor for Poster {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.recover(None, ctx);
        ctx.run_interval(ROUND, |this, ctx| {
            this.cards.expire(this.now());
            this.put_cards(ctx);
        });
    }
}

impl Handler<Leaves> for Poster {
    type Result = ();

    fn handle(&mut self, leaves: Leaves, ctx: &mut Context<Self>) {
        for write in leaves.cards {
            let slot = write.slot.clone();
            if self.cards.wanted(write) {
                self.load_card(slot, ctx);
            }
        }
        leaves
            .rows
            .into_iter()
            .for_each(|row| self.lanes.add(row, false));
        self.work(ctx);
    }
}

impl Handler<ShowInline> for Poster {
    type Result = Option<Shown>;

    fn handle(&mut self, show: ShowInline, _: &mut Context<Self>) -> Self::Result {
        let now = self.now();
        let (card, version, row) = self.cards.grant(&show.slot, show.version, now)?;
        Some(Shown {
            slot: show.slot,
            version,
            card,
            row,
        })
    }
}

impl Handler<Open> for Poster {
    type Result = ResponseFuture<Result<(), String>>;

    fn handle(&mut self, Open(opening): Open, _: &mut Context<Self>) -> Self::Result {
        let outlet = self.outlet.clone();
        Box::pin(async move { outlet.open(&opening).await })
    }
}

impl Handler<Echo> for Poster {
    type Result = ();

    fn handle(&mut self, echo: Echo, ctx: &mut Context<Self>) {
        let Some((row, under_way)) = self.lanes.ended(&echo.row) else {
            return;
        };
        under_way.map(|handle| ctx.cancel_future(handle));
        self.posted(&row, echo.post, echo.at, echo.version, ctx);
        self.work(ctx);
    }
}

impl Handler<Edited> for Poster {
    type Result = ();

    fn handle(&mut self, edited: Edited, ctx: &mut Context<Self>) {
        let says = |card: &_| face::says(card, &edited.message, &edited.attachments);
        match self.cards.edited(&edited.post, edited.version, says) {
            Meaning::Shows(slot, version) => {
                self.settle(
                    Settled::Shown {
                        slot,
                        post: edited.post,
                        version,
                    },
                    ctx,
                );
            }
            Meaning::Altered(slot) => self.settle(Settled::Altered(slot), ctx),
            Meaning::Nothing => {}
        }
        self.put_cards(ctx);
    }
}

impl Handler<Deleted> for Poster {
    type Result = ();

    fn handle(&mut self, Deleted(post): Deleted, ctx: &mut Context<Self>) {
        if let Some(slot) = self.cards.slot_of(&post).cloned() {
            self.cards.gone(&slot);
            self.settle(Settled::Gone(slot), ctx);
        }
    }
}

impl Handler<Probe> for Poster {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        let looks = Looks {
            unsent: self.lanes.len(),
            cards_behind: self.cards.behind(),
            puts: self.puts,
            sent: self.sent,
            set_aside: self.set_aside,
        };
        MessageResult(serde_json::to_value(looks).unwrap_or(Value::Null))
    }
}
