use std::time::Duration;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::Poster;
use crate::actors::messages::JobsDue;
use crate::client::retry::ceiling;
use crate::event::RowId;
use crate::store::{Settled, StoreError};

/// The longest pause between two tries of the store: a stop waits for what isn't settled.
const LONGEST: Duration = Duration::from_secs(5);

/// Tries of the store that fail: the pauses grow, and the log has a line when it begins and when it is over.
#[derive(Debug, Default)]
pub(super) struct Failing {
    times: u32,
    why: String,
}

impl Failing {
    pub fn went_well(&mut self, what: &str) {
        if std::mem::take(&mut self.times) > 0 {
            tracing::info!("{what} again");
        }
    }

    /// How long to wait before the next try.
    pub fn failed(&mut self, what: &str, error: &StoreError) -> Duration {
        if self.times == 0 {
            tracing::error!(%error, "{what}; it is tried until it goes well");
        }
        self.why = error.to_string();
        self.times += 1;
        ceiling(self.times - 1).min(LONGEST)
    }

    /// Why the last try failed.
    pub fn why(&self) -> Option<&str> {
        (self.times > 0).then_some(&*self.why)
    }
}

/// How long a post that has left waits for more to be told with it: what is told together is written once, and what
/// people wait for doesn't wait for that. After a crash so much more of it is looked for. Of cards the store is told at
/// once, since the next turn says what becomes of them.
const GATHERS: Duration = Duration::from_millis(5);

/// What one try tells the store, and who waits for that.
#[derive(Debug)]
struct Batch {
    settled: Vec<Settled>,
    kept: Vec<oneshot::Sender<()>>,
}

/// What the store is to be told: one try at a time, with all that has come by then.
#[derive(Debug, Default)]
pub(super) struct Settling {
    due: Vec<Settled>,
    /// Who waits until that is settled.
    kept: Vec<oneshot::Sender<()>>,
    /// A try is under way, or the next one waits for its time.
    busy: bool,
    /// One is about to begin.
    gathers: bool,
    /// Something that is due doesn't wait for more.
    urgent: bool,
    failing: Failing,
}

impl Settling {
    pub fn is_done(&self) -> bool {
        !self.busy && self.due.is_empty()
    }

    /// The store is told at once, or right after what it is being told.
    pub fn add(&mut self, settled: Settled) {
        self.urgent = true;
        self.due.push(settled);
    }

    /// The store is told with what comes next.
    fn add_soon(&mut self, settled: Settled) {
        self.due.push(settled);
    }

    /// Drops this once what is due now is settled.
    pub fn keep(&mut self, kept: oneshot::Sender<()>) {
        self.kept.push(kept);
    }

    /// Whether somebody has to see to it that a try begins.
    fn gathers(&mut self) -> bool {
        !self.busy && !self.due.is_empty() && !std::mem::replace(&mut self.gathers, true)
    }

    /// Begins a try, unless there is one.
    fn begin(&mut self) -> Option<Batch> {
        (self.gathers, self.urgent) = (false, self.urgent && self.busy);
        if self.due.is_empty() || std::mem::replace(&mut self.busy, true) {
            return None;
        }
        Some(Batch {
            settled: std::mem::take(&mut self.due),
            kept: std::mem::take(&mut self.kept),
        })
    }

    fn went_well(&mut self) {
        self.busy = false;
        self.failing.went_well("what was sent is settled");
    }

    /// It is told again after this pause, before what came later.
    fn failed(&mut self, batch: Batch, error: &StoreError) -> Duration {
        self.due.splice(0..0, batch.settled);
        self.kept.extend(batch.kept);
        self.failing.failed("what was sent can't be settled", error)
    }

    fn rested(&mut self) {
        self.busy = false;
    }
}

/// Telling the store what became of rows.
impl Poster {
    /// Tells the store, all that came together in one transaction.
    pub(super) fn settle(&mut self, settled: Settled, ctx: &mut Context<Self>) {
        self.unsettled.add(&settled);
        self.settling.add(settled);
        self.flush(ctx);
    }

    /// The same of what is no card, once others have come, or soon.
    pub(super) fn settle_soon(&mut self, settled: Settled, ctx: &mut Context<Self>) {
        self.settling.add_soon(settled);
        self.gather(ctx);
    }

    fn gather(&mut self, ctx: &mut Context<Self>) {
        if self.settling.urgent {
            self.flush(ctx);
        } else if self.settling.gathers() {
            ctx.run_later(GATHERS, Self::flush);
        }
    }

    fn flush(&mut self, ctx: &mut Context<Self>) {
        let Some(batch) = self.settling.begin() else {
            return;
        };
        let store = self.outlet.store.clone();
        let write = async move { (store.settle(batch.settled.clone()).await, batch) };
        let done = write
            .into_actor(self)
            .map(|(done, batch), this, ctx| match done {
                Ok(()) => {
                    this.settling.went_well();
                    this.unsettled.written(&batch.settled);
                    // What a card had before it moved is to be taken away: the store knows what that is.
                    if this.settling.is_done() && std::mem::take(&mut this.moved) {
                        this.read_outbox(ctx);
                    }
                    this.written(batch.settled, ctx);
                    this.gather(ctx);
                }
                Err(error) => {
                    let pause = this.settling.failed(batch, &error);
                    ctx.run_later(pause, |this, ctx| {
                        this.settling.rested();
                        this.flush(ctx);
                    });
                }
            });
        ctx.spawn(done);
    }

    /// What was settled may have brought about more.
    fn written(&mut self, batch: Vec<Settled>, ctx: &mut Context<Self>) {
        self.is_settled(batch.iter().filter_map(over));
        for settled in batch {
            match settled {
                Settled::Told { notice, .. } => {
                    self.lanes.add(*notice, false);
                    self.work(ctx);
                }
                Settled::SetAside {
                    mail: Some(mail), ..
                } => self.alarm.do_send(JobsDue(mail.due)),
                _ => {}
            }
        }
    }
}

/// The row that has left or is set aside.
fn over(settled: &Settled) -> Option<RowId> {
    match settled {
        Settled::Posted { row, .. } | Settled::SetAside { row, .. } | Settled::Left(row) => {
            Some(row.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(id: &str) -> Settled {
        Settled::Left(RowId::read(id))
    }

    #[test]
    fn on_a_full_disk_one_try_waits_for_all_that_comes_and_longer_each_time() {
        let full = StoreError::Unavailable("the disk is full".into());
        let mut settling = Settling::default();
        let mut pauses = Vec::new();
        for id in ["a", "b", "c", "d", "e", "f"] {
            settling.due.push(left(id));
            let batch = settling.begin().unwrap();
            assert!(settling.begin().is_none(), "one is under way");
            pauses.push(settling.failed(batch, &full).as_millis());
            assert!(settling.begin().is_none(), "it rests");
            assert!(!settling.is_done());
            settling.rested();
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 5000, 5000]);
        let all = ["a", "b", "c", "d", "e", "f"].map(left);
        assert_eq!(settling.begin().unwrap().settled, all);
        settling.went_well();
        assert!(settling.is_done());
        settling.due.push(left("g"));
        let batch = settling.begin().unwrap();
        assert_eq!(settling.failed(batch, &full).as_millis(), 500);
    }

    #[test]
    fn what_has_left_waits_a_moment_for_more_and_is_told_together() {
        let mut settling = Settling::default();
        settling.add_soon(left("a"));
        assert!(settling.gathers(), "somebody sees to it");
        settling.add_soon(left("b"));
        assert!(!settling.gathers(), "the same one does");
        assert_eq!(settling.begin().unwrap().settled, ["a", "b"].map(left));
        settling.add_soon(left("c"));
        assert!(!settling.gathers() && !settling.urgent, "one try at a time");
        settling.add(left("d"));
        assert!(settling.begin().is_none() && settling.urgent);
        settling.went_well();
        assert!(settling.urgent && !settling.is_done());
        assert_eq!(settling.begin().unwrap().settled, ["c", "d"].map(left));
        assert!(!settling.urgent);
    }
}
