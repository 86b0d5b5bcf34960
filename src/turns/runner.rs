use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::workshop::Begin;
use super::workshop::pool::{Piece, Pool, Relief, TakesTurns};
use super::{Engine, Queue, Told, Turns, Waiter, Waiting};

/// Who hears what turns tell, on whichever thread they are taken.
pub trait Hears<W>: Send + Sync + 'static {
    /// What others are to hear, in this order.
    fn hear(&self, told: Vec<Told<W>>);

    /// Taking turns has fallen over, and nothing of the place is taken any more. All that waited is settled.
    fn fell(&self);
}

/// Takes a place's turns on threads that author code may block: it is begun right where its turn is taken, and
/// where it blocks its thread, the other turns go on elsewhere.
pub struct Runner<W> {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
    queue: Queue<W>,
    hears: Arc<dyn Hears<W>>,
    seat: Mutex<Seat<W>>,
}

/// Where the turns are.
struct Seat<W> {
    state: RunState,
    /// How often another thread has gone on.
    taken_over: u64,
    /// At rest, or while author code is begun.
    turns: Option<Box<Turns<W>>>,
    /// On their way, waiting for something.
    way: Option<Journey<W>>,
}

/// Turns on their way: until nothing waits, or author code is to be begun.
type Journey<W> = BoxFuture<'static, (Box<Turns<W>>, Option<Begin>)>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum RunState {
    /// Nobody polls it, nor is about to.
    Rests,
    Queued,
    Polled,
    /// Polled, and woken since.
    Again,
    /// It has fallen over, or the pool has ended.
    Over,
}

impl<W: Waiter> Runner<W> {
    /// For turns of one place, whose events come by [`push`](Self::push). `None` where author code has no threads of
    /// its own; the turns are given back then.
    pub fn new(
        engine: Arc<Engine>,
        turns: Box<Turns<W>>,
        queue: Queue<W>,
        hears: Arc<dyn Hears<W>>,
    ) -> Result<Arc<Self>, Box<Turns<W>>> {
        let Some(pool) = engine.workshop.pool().cloned() else {
            return Err(turns);
        };
        let seat = Mutex::new(Seat {
            state: RunState::Rests,
            taken_over: 0,
            turns: Some(turns),
            way: None,
        });
        Ok(Arc::new(Self {
            engine,
            pool,
            queue,
            hears,
            seat,
        }))
    }

    /// Something comes.
    pub fn push(self: &Arc<Self>, waiting: Waiting<W>) {
        self.queue.push(waiting);
        self.wake_by_ref();
    }

    /// The turns' way from where they are, unless another thread has gone on with them.
    fn way(&self, taken_over: u64) -> Option<Journey<W>> {
        let mut seat = self.lock();
        if seat.taken_over != taken_over {
            return None;
        }
        if let Some(way) = seat.way.take() {
            return Some(way);
        }
        let mut turns = seat.turns.take()?;
        let (engine, hears) = (self.engine.clone(), self.hears.clone());
        let way = async move {
            let mut all = Vec::new();
            loop {
                match turns.step(&engine).await {
                    None => return (turns, None),
                    Some(Told::Begins(begin)) => return (turns, Some(begin)),
                    Some(told) => all.push(told),
                }
                // Each word may wake a thread, so that what belongs together is one.
                if !turns.has_more_to_tell() {
                    hears.hear(std::mem::take(&mut all));
                }
            }
        };
        Some(way.boxed())
    }

    /// Goes as far as it goes without waiting, or until another thread goes on.
    fn go(self: &Arc<Self>, waker: &Waker, taken_over: u64) {
        while let Some(mut way) = self.way(taken_over) {
            let poll = || way.as_mut().poll(&mut Context::from_waker(waker));
            let Ok(polled) = catch_unwind(AssertUnwindSafe(poll)) else {
                drop(way);
                self.over();
                return self.hears.fell();
            };
            match polled {
                Poll::Pending => {
                    self.lock().way = Some(way);
                    return;
                }
                Poll::Ready((turns, None)) => {
                    self.lock().turns = Some(turns);
                    if self.queue.is_empty() {
                        return;
                    }
                }
                Poll::Ready((turns, Some(begin))) => {
                    self.lock().turns = Some(turns);
                    // Another thread's, where this one isn't to be blocked.
                    if Pool::is_here() {
                        begin.here(self.clone());
                    }
                }
            }
        }
    }

    /// Nothing is taken any more; all that waits is settled.
    fn over(&self) {
        let mut seat = self.lock();
        seat.state = RunState::Over;
        let left = (seat.turns.take(), seat.way.take());
        drop(seat);
        drop(left);
        self.queue.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Seat<W>> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wake_by_ref(self: &Arc<Self>) {
        let mut seat = self.lock();
        seat.state = match seat.state {
            RunState::Rests => RunState::Queued,
            RunState::Polled => RunState::Again,
            RunState::Over => {
                drop(seat);
                return self.queue.clear();
            }
            state => return seat.state = state,
        };
        let queued = seat.state == RunState::Queued;
        drop(seat);
        if queued {
            self.pool.push(Piece::Turns(self.clone()));
        }
    }
}

impl<W: Waiter> TakesTurns for Runner<W> {
    fn poll(self: Arc<Self>) {
        let mut seat = self.lock();
        if seat.state == RunState::Over {
            return;
        }
        seat.state = RunState::Polled;
        let taken_over = seat.taken_over;
        drop(seat);
        let waker = Waker::from(self.clone());
        self.go(&waker, taken_over);
        let mut seat = self.lock();
        if seat.taken_over != taken_over || seat.state == RunState::Over {
            return;
        }
        let again = seat.state == RunState::Again;
        seat.state = match again {
            true => RunState::Queued,
            false => RunState::Rests,
        };
        drop(seat);
        if again {
            self.pool.push(Piece::Turns(self.clone()));
        }
    }

    fn end(&self) {
        self.over();
    }
}

impl<W: Waiter> Relief for Runner<W> {
    fn relieve(self: Arc<Self>) {
        let mut seat = self.lock();
        let begins = matches!(seat.state, RunState::Polled | RunState::Again);
        // It may have come back meanwhile.
        if !begins || seat.turns.is_none() {
            return;
        }
        seat.taken_over += 1;
        seat.state = RunState::Queued;
        drop(seat);
        self.pool.push(Piece::Turns(self.clone()));
    }
}

impl<W: Waiter> Wake for Runner<W> {
    fn wake(self: Arc<Self>) {
        Self::wake_by_ref(&self);
    }
}
