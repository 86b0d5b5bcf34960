//! Threads that author code may block.
//!
//! async-executor has none: what waits in the queue of a thread that is blocked would wait with it, and nobody could tell
//! which one is. Its tasks, those of async-task, are taken.
//!
//! async-executor has no such threads: what waits in the queue of a thread that is blocked would wait with it, and
//! nobody could tell which thread that is. Its tasks, those of async-task, are ours.
//!
//! A queue of what is to be polled, and a few threads that do. A [watchdog](super::watchdog) looks after them: one
//! that has been in a single poll for long counts as blocked, and another takes its place for that time. So
//! whatever author code does to its thread, the others go on.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use async_task::Runnable;
use tokio::runtime::Handle;

use crate::store::may_block;
use crate::time::{Instant, instant};

/// A thread that is in one poll for longer counts as blocked.
pub(in crate::turns) const LONG: Duration = Duration::from_millis(50);
/// However many are blocked, there are no more threads than these beside the usual ones.
const EXTRA: usize = 256;

thread_local! {
    /// This thread's number in its pool; 0 on threads of others.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// What a thread of a pool polls.
pub(in crate::turns) enum Piece {
    /// Author code.
    Code(Runnable),
    /// A place's turns, without author code: polled elsewhere where no thread is left that may be blocked.
    Turns(Arc<dyn TakesTurns>),
}

impl Piece {
    /// Polls it. Whatever author code does, the thread goes on; a future's drop is author code, too.
    pub fn poll(self) {
        match self {
            Self::Code(code) => drop(catch_unwind(AssertUnwindSafe(|| code.run()))),
            Self::Turns(turns) => turns.poll(),
        }
    }

    /// The pool ends: it is polled no more.
    fn end(self) {
        match self {
            Self::Code(code) => drop(catch_unwind(AssertUnwindSafe(|| drop(code)))),
            Self::Turns(turns) => turns.end(),
        }
    }
}

/// A place's turns.
pub(in crate::turns) trait TakesTurns: Send + Sync {
    /// Takes them as far as they go. Called by the thread that took them out of the queue, alone.
    fn poll(self: Arc<Self>);

    /// They are taken no further.
    fn end(&self);
}

/// What goes on elsewhere where author code blocks its thread.
pub(in crate::turns) trait Relief: Send + Sync {
    /// The thread has been in author code for long.
    fn relieve(self: Arc<Self>);
}

/// A few threads, and more while some are blocked.
pub(in crate::turns) struct Pool {
    name: &'static str,
    size: usize,
    /// So many are awake at once, unless some of them are blocked: as many as run at once.
    awake: usize,
    /// Drives what tasks wait for: timers, connections.
    runtime: Handle,
    work: Mutex<PoolState>,
    news: Condvar,
    /// Wakes the watchdog.
    pub(super) busy: Condvar,
}

#[derive(Default)]
pub(super) struct PoolState {
    queue: VecDeque<Piece>,
    /// The threads that are in a poll.
    polls: BTreeMap<u64, Polling>,
    threads: usize,
    idle: usize,
    /// Of the idle ones, how many were called and aren't awake yet.
    called: usize,
    hired: u64,
    /// How many polls there were.
    pub(super) polled: u64,
    /// The watchdog sleeps until somebody wakes it.
    pub(super) asleep: bool,
    pub(super) closed: bool,
}

struct Polling {
    since: Instant,
    relief: Option<Arc<dyn Relief>>,
}

impl Pool {
    /// A pool of `size` threads, which begin when they are needed. A [watchdog](super::watchdog) is to look after it.
    pub fn new(name: &'static str, size: usize, runtime: Handle) -> Arc<Self> {
        Arc::new(Self {
            name,
            size,
            awake: size.min(available_parallelism().map_or(1, usize::from)),
            runtime,
            work: Mutex::default(),
            news: Condvar::new(),
            busy: Condvar::new(),
        })
    }

    /// Whether there can't be more threads.
    pub(super) fn is_exhausted(&self) -> bool {
        self.lock().is_exhausted(self.size)
    }

    /// How many threads are blocked now.
    pub fn blocked(&self) -> usize {
        self.lock().blocked()
    }

    /// Polls nothing any more. Blocked threads end when they can.
    pub fn close(&self) {
        let mut work = self.lock();
        work.closed = true;
        let left = std::mem::take(&mut work.queue);
        drop(work);
        self.news.notify_all();
        self.busy.notify_all();
        left.into_iter().for_each(Piece::end);
    }

    pub(in crate::turns) fn push(self: &Arc<Self>, piece: Piece) {
        let mut work = self.lock();
        if work.closed {
            drop(work);
            return piece.end();
        }
        work.queue.push_back(piece);
        self.wake_watchdog(&mut work);
        // Those that are awake take it next: to wake another costs more than what is mostly to be polled. Where they
        // don't come to it, the watchdog wakes more.
        if work.threads - work.idle + work.called >= self.awake {
            return;
        }
        if work.idle > work.called {
            work.called += 1;
            self.news.notify_one();
        } else if work.threads < self.size {
            self.hire(&mut work);
        }
    }

    /// This thread is about to poll author code, which may block it; `relief` goes on elsewhere then.
    pub(super) fn begins(&self, relief: Arc<dyn Relief>) {
        self.polls(Some(relief));
    }

    /// The author code has come back.
    pub(super) fn came_back(&self) {
        self.polls(None);
    }

    fn polls(&self, relief: Option<Arc<dyn Relief>>) {
        let poll = Polling {
            since: instant(),
            relief,
        };
        // Dropped once the lock is given back: it may be the last of what it holds.
        let before = self.lock().polls.insert(NUMBER.get(), poll);
        drop(before);
    }

    fn wake_watchdog(&self, work: &mut PoolState) {
        work.polled += 1;
        if std::mem::take(&mut work.asleep) {
            self.busy.notify_one();
        }
    }

    /// Puts others in the place of threads that are blocked; gives back what is to go on elsewhere.
    pub(super) fn relieve(self: &Arc<Self>) -> Vec<Arc<dyn Relief>> {
        let mut work = self.lock();
        let long = |poll: &&mut Polling| poll.since.elapsed() >= LONG;
        let blocked = work.polls.values_mut().filter(long);
        let reliefs: Vec<_> = blocked.filter_map(|poll| poll.relief.take()).collect();
        work.queue.iter().for_each(|_| self.news.notify_one());
        let waiting = (work.queue.len() + reliefs.len()).saturating_sub(work.idle);
        if waiting > 0 && !work.closed {
            let wanted = self.size + work.blocked().min(EXTRA);
            for _ in 0..wanted.saturating_sub(work.threads).min(waiting) {
                self.hire(&mut work);
            }
        }
        reliefs
    }

    /// What can go on without author code, where no thread is left.
    pub(super) fn stranded(&self) -> Option<Piece> {
        let mut work = self.lock();
        if work.closed || !work.is_exhausted(self.size) {
            return None;
        }
        let at = work
            .queue
            .iter()
            .position(|piece| matches!(piece, Piece::Turns(_)))?;
        work.queue.remove(at)
    }

    fn hire(self: &Arc<Self>, work: &mut PoolState) {
        work.hired += 1;
        let (pool, number) = (self.clone(), work.hired);
        let thread = std::thread::Builder::new().name(self.name.into());
        match thread.spawn(move || pool.poll_all(number)) {
            Ok(_) => work.threads += 1,
            Err(error) => tracing::error!(%error, "no new thread for author code"),
        }
    }

    fn poll_all(self: Arc<Self>, number: u64) {
        NUMBER.set(number);
        let _runtime = self.runtime.enter();
        // Who waits for one of these threads has another.
        let _may = may_block();
        while let Some(piece) = self.next(number) {
            piece.poll();
        }
    }

    /// The next piece for a thread; none where it is one too many.
    fn next(&self, number: u64) -> Option<Piece> {
        let mut work = self.lock();
        work.polls.remove(&number);
        loop {
            if work.closed || work.threads > self.size + work.blocked() {
                work.threads -= 1;
                // It may have been called for a piece, which is another's now.
                self.news.notify_one();
                return None;
            }
            if let Some(piece) = work.queue.pop_front() {
                let poll = Polling {
                    since: instant(),
                    relief: None,
                };
                work.polls.insert(number, poll);
                return Some(piece);
            }
            work.idle += 1;
            work = self.news.wait(work).unwrap_or_else(PoisonError::into_inner);
            work.idle -= 1;
            work.called = work.called.saturating_sub(1);
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this thread may be blocked by author code: it is one of a pool's.
    pub(in crate::turns) fn is_here() -> bool {
        NUMBER.get() > 0
    }
}

impl PoolState {
    fn blocked(&self) -> usize {
        let long = |poll: &&Polling| poll.since.elapsed() >= LONG;
        self.polls.values().filter(long).count()
    }

    fn is_exhausted(&self, size: usize) -> bool {
        self.threads >= size + EXTRA
    }

    /// Whether somebody waits or is in a poll.
    pub(super) fn is_busy(&self) -> bool {
        !self.queue.is_empty() || !self.polls.is_empty()
    }
}
