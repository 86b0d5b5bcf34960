//! What leaves: posts in lanes, cards with one writer each, whispers, dialogs.

mod alone;
mod cards;
mod ended;
mod homes;
mod cached_card;
mod lanes;
mod status;
mod opening;
mod outlet;
mod overdue;
mod preparing;
mod reading;
mod refusals;
mod sending;
mod settling;
mod showing;
mod strays;
mod undeliverable;
mod unsettled;
mod waiting;
mod whisper;
mod withdrawing;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde::Serialize;

pub use alone::TakenPosts;
pub use outlet::{Boxes, Looking, Outlet, Unsaid};
pub use overdue::LastTrouble;

use self::cards::Cards;
use self::lanes::Lanes;
use self::overdue::Times;
use self::settling::{Failing, Settling};
use self::strays::{Lately, Suspects};
use self::unsettled::Unsettled;
use super::asks::Asks;
use super::drains::Drains;
use super::guard::Guard;
use super::messages::{Alert, Back, Deleted, Drain, Echo, JobsDue, Leaves, OwnEdit, Unsure};
use super::pressure::Pressure;
use crate::event::{Home, Lane, RowId};
use crate::model::ids::{ChannelId, Millis};
use crate::skill::{Catalog, RowIds};

/// How often cards are looked after.
const ROUND: Duration = Duration::from_millis(250);
/// How often the outbox is read again: a hint may be lost.
const REREAD: Duration = Duration::from_secs(60);
/// How many rows that can never leave are counted for the admin.
const ASIDE_SHOWN: usize = 100;
/// How many PUTs are under way at once.
const PUTS: usize = 8;

/// Sends what was committed; the truth is the store's outbox and cards.
pub struct Poster {
    outlet: Outlet,
    asks: Asks,
    lanes: Lanes,
    lately: Lately,
    suspects: Suspects,
    cards: Cards,
    puts: usize,
    /// Reads of the outbox under way.
    reads: usize,
    /// One that failed is tried again before long, from the first row on.
    reads_again: bool,
    unread: Failing,
    settling: Settling,
    unsettled: Unsettled,
    /// Rows after which a card's former post may be one too many.
    moving: HashSet<RowId>,
    /// One of them has left; it isn't settled yet.
    moved: bool,
    /// Rows that are not sent, for the Router.
    pressure: Pressure,
    sent: u64,
    set_aside: SetAside,
    catalog: Arc<Catalog>,
    /// The Clock: mail.
    alarm: Recipient<JobsDue>,
    ids: RowIds,
    /// Channels that refuse cards and are being looked into.
    looks: HashSet<ChannelId>,
    drains: Drains,
    _guard: Guard,
}

/// What the store keeps of posts that could never leave, as it was last read.
#[derive(Clone, Debug, Default, Serialize)]
struct SetAside {
    /// Counted up to [`ASIDE_SHOWN`] when it is read.
    #[serde(rename = "set_aside")]
    count: usize,
    #[serde(rename = "last_set_aside")]
    last: Option<LastAside>,
    #[serde(skip)]
    times: Times,
}

/// A post that could never leave, without its text.
#[derive(Clone, Debug, Serialize)]
struct LastAside {
    row: RowId,
    lane: Lane,
    created: Millis,
    reason: String,
}

impl Poster {
    /// A poster that begins with what the store says is unsent.
    pub fn new(
        outlet: Outlet,
        asks: Asks,
        alarm: Recipient<JobsDue>,
        catalog: Arc<Catalog>,
        pressure: Pressure,
    ) -> Self {
        Self {
            outlet,
            asks,
            lanes: Lanes::default(),
            lately: Lately::default(),
            suspects: Suspects::default(),
            cards: Cards::default(),
            puts: 0,
            reads: 0,
            reads_again: false,
            unread: Failing::default(),
            settling: Settling::default(),
            unsettled: Unsettled::default(),
            moving: HashSet::new(),
            moved: false,
            pressure,
            sent: 0,
            set_aside: SetAside::default(),
            catalog,
            alarm,
            ids: RowIds::default(),
            looks: HashSet::new(),
            drains: Drains::default(),
            _guard: Guard::new("Poster"),
        }
    }

    fn now(&self) -> Millis {
        self.outlet.time.now()
    }

    /// Whether all that was committed is where it should be, and the store knows. What waits for a lost
    /// place doesn't count.
    fn is_done(&self) -> bool {
        let sent = self.reads == 0 && self.lanes.owed() == 0;
        let shown = self.puts == 0 && !self.cards.is_any_owed();
        sent && shown && self.settling.is_done()
    }
}

impl Actor for Poster {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.read_outbox(ctx);
        ctx.run_interval(REREAD, |this, ctx| {
            if this.reads == 0 {
                this.read_outbox(ctx);
            }
        });
        ctx.run_interval(ROUND, |this, ctx| {
            this.cards.expire(this.now());
            this.cards.look(this.now());
            this.put_cards(ctx);
            this.watch_places(ctx);
            if this.is_done() {
                this.drains.done();
            }
        });
    }
}

impl Handler<Leaves> for Poster {
    type Result = ();

    fn handle(&mut self, leaves: Leaves, ctx: &mut Context<Self>) {
        let now = self.now();
        for write in leaves.cards {
            let slot = write.slot.clone();
            if write.moves {
                let before = self.cards.current(&slot).and_then(|card| card.row);
                let after = write.home.as_ref().and_then(Home::row).cloned();
                self.moving.extend(before.into_iter().chain(after));
            }
            if self.cards.wanted(write, now) {
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

impl Handler<Back<Self>> for Poster {
    type Result = ();

    fn handle(&mut self, Back(go_on): Back<Self>, ctx: &mut Context<Self>) {
        go_on(self, ctx);
    }
}

impl Handler<Unsure> for Poster {
    type Result = ();

    fn handle(&mut self, _: Unsure, ctx: &mut Context<Self>) {
        self.read_outbox(ctx);
    }
}

impl Handler<Alert> for Poster {
    type Result = ResponseFuture<bool>;

    fn handle(&mut self, alert: Alert, _: &mut Context<Self>) -> Self::Result {
        let outlet = self.outlet.clone();
        Box::pin(async move { outlet.alert(&alert).await })
    }
}

impl Handler<Echo> for Poster {
    type Result = ();

    fn handle(&mut self, echo: Echo, ctx: &mut Context<Self>) {
        let Some((row, under_way)) = self.lanes.ended(&echo.row) else {
            return self.heard_again(&echo, ctx);
        };
        if let Some(sends) = under_way {
            self.outlet.taken.note();
            sends.cancel();
        }
        self.posted(&row, echo.post, echo.at, echo.version, ctx);
        self.work(ctx);
    }
}

impl Handler<OwnEdit> for Poster {
    type Result = ();

    fn handle(&mut self, OwnEdit { edited, kept }: OwnEdit, ctx: &mut Context<Self>) {
        self.with_card_of(edited.post, ctx, move |this, ctx| {
            this.edited(&edited, kept, ctx);
        });
    }
}

impl Handler<Deleted> for Poster {
    type Result = ();

    fn handle(&mut self, Deleted(post): Deleted, ctx: &mut Context<Self>) {
        self.with_card_of(post, ctx, move |this, ctx| this.deleted(&post, ctx));
    }
}

impl Handler<Drain> for Poster {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Drain, _: &mut Context<Self>) -> Self::Result {
        Box::pin(self.drains.wait(self.is_done()))
    }
}
