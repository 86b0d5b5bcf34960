use actix::prelude::*;

use super::{ASIDE_SHOWN, Poster};
use crate::event::{CardRow, Row, RowId, Slot};
use crate::store::{Store, StoreError, WaitingRow};

/// How many rows, and how many cards, are read from the store at a time.
const PAGE: usize = 500;

/// How far a read of what is to leave has come.
#[derive(Clone, Debug)]
struct OutboxReading {
    rows: Next<RowId>,
    cards: Next<Slot>,
    /// Which read of the cards it is.
    number: u64,
    /// All that was settled before it began is in what it reads.
    settled: bool,
}

/// Which page is next.
#[derive(Clone, Debug)]
enum Next<K> {
    First,
    After(K),
    /// All is read.
    None,
}

impl<K> Next<K> {
    /// After what the next page begins; `None` where there is none.
    fn page(&self) -> Option<Option<&K>> {
        match self {
            Self::First => Some(None),
            Self::After(last) => Some(Some(last)),
            Self::None => None,
        }
    }

    /// What comes after a page of so many with this last one.
    fn after(len: usize, last: Option<K>) -> Self {
        let more = last.filter(|_| len >= PAGE);
        more.map_or(Self::None, Self::After)
    }
}

impl OutboxReading {
    async fn read(
        &self,
        store: &dyn Store,
    ) -> Result<(Vec<Row>, Vec<CardRow>, Vec<WaitingRow>), StoreError> {
        let rows = match self.rows.page() {
            Some(after) => store.unsent(after, PAGE).await?,
            None => Vec::new(),
        };
        let cards = match self.cards.page() {
            Some(after) => store.stale_cards(after, PAGE).await?,
            None => Vec::new(),
        };
        Ok((rows, cards, store.waiting().await?))
    }

    fn goes_on(&mut self, rows: &[Row], cards: &[CardRow]) {
        self.rows = Next::after(rows.len(), rows.last().map(|row| row.id.clone()));
        self.cards = Next::after(cards.len(), cards.last().map(|card| card.slot.clone()));
    }

    fn is_over(&self) -> bool {
        matches!((&self.rows, &self.cards), (Next::None, Next::None))
    }
}

/// Reading what is to leave.
impl Poster {
    /// Reads the outbox: what an earlier process left, and what was committed without a word. Any
    /// of it may have been sent. Until it is read nothing begins to leave, as older rows come first.
    pub(super) fn read_outbox(&mut self, ctx: &mut Context<Self>) {
        if self.reads_again {
            return;
        }
        self.reads += 1;
        self.read_from_the_first(ctx);
        self.read_aside(ctx);
    }

    /// For the admin. Where it can't be read now, the outbox can't either, which is told.
    fn read_aside(&mut self, ctx: &mut Context<Self>) {
        let store = self.outlet.store.clone();
        let read = async move { store.set_aside(ASIDE_SHOWN).await };
        let done = read.into_actor(self).map(|rows, this, _| {
            if let Ok(rows) = rows {
                this.set_aside = this.set_aside.read(&rows);
            }
        });
        ctx.spawn(done);
    }

    fn read_from_the_first(&mut self, ctx: &mut Context<Self>) {
        let reading = OutboxReading {
            rows: Next::First,
            cards: Next::First,
            number: self.cards.begins_to_read(),
            settled: self.settling.is_done(),
        };
        self.read_page(reading, ctx);
    }

    fn read_page(&mut self, reading: OutboxReading, ctx: &mut Context<Self>) {
        let store = self.outlet.store.clone();
        let number = self.unsettled.read_begins();
        let read = async move { (reading.read(&*store).await, reading) };
        let done = read
            .into_actor(self)
            .map(move |(read, mut reading), this, ctx| match read {
                Ok((rows, cards, waiting)) => {
                    reading.goes_on(&rows, &cards);
                    this.loaded(cards, number);
                    rows.into_iter().for_each(|row| this.lanes.add(row, true));
                    waiting.iter().for_each(|row| this.lanes.waits(row));
                    if reading.is_over() {
                        this.all_is_read(&reading, ctx);
                    } else {
                        this.read_page(reading, ctx);
                    }
                }
                Err(_) if this.reads_again => {
                    this.unsettled.read_ended(number);
                    this.read_ended();
                }
                Err(error) => {
                    this.unsettled.read_ended(number);
                    this.reads_again = true;
                    let pause = this.unread.failed("the outbox can't be read", &error);
                    ctx.run_later(pause, |this, ctx| {
                        this.reads_again = false;
                        this.read_from_the_first(ctx);
                    });
                }
            });
        ctx.spawn(done);
    }

    fn all_is_read(&mut self, reading: &OutboxReading, ctx: &mut Context<Self>) {
        if reading.settled {
            self.cards.was_read(reading.number);
        }
        self.read_ended();
        self.unread.went_well("the outbox can be read");
        self.work(ctx);
        self.put_cards(ctx);
    }

    fn read_ended(&mut self) {
        self.reads -= 1;
        if self.reads == 0 {
            self.lanes.reads_nothing();
        }
    }
}
