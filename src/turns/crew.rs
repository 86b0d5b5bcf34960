//! Threads that author code may block.
//!
//! A queue of tasks, and a few threads that poll them. Who waits for a task looks after the
//! threads: one that has been in a single poll for long counts as blocked, and another takes its
//! place for that time. So whatever a task does to its thread, the others go on.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::time::{Instant, instant, timeout};

/// A thread that is in one poll for longer counts as blocked.
const LONG: Duration = Duration::from_millis(50);
/// However many are blocked, there are no more threads than these beside the usual ones.
const EXTRA: usize = 256;

/// Why a task gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// Its time was up.
    TooLong,
    /// The crew has ended.
    Closed,
}

/// A few threads, and more while some are blocked.
pub(super) struct Crew {
    name: &'static str,
    size: usize,
    /// Drives what tasks wait for: timers, connections.
    runtime: Handle,
    work: Mutex<Work>,
    news: Condvar,
}

#[derive(Default)]
struct Work {
    queue: VecDeque<Arc<Task>>,
    /// The threads that are in a poll, and since when.
    polls: BTreeMap<u64, Instant>,
    threads: usize,
    idle: usize,
    hired: u64,
    closed: bool,
}

impl Crew {
    /// A crew of `size` threads, which begin when they are needed.
    pub fn new(name: &'static str, size: usize, runtime: Handle) -> Arc<Self> {
        Arc::new(Self {
            name,
            size,
            runtime,
            work: Mutex::default(),
            news: Condvar::new(),
        })
    }

    /// Runs a future to its end, for at most `limit` from when it begins. What is given up, or no
    /// longer waited for, ends at its next `await`.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        limit: Duration,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Lost> {
        let (told, mut done) = oneshot::channel();
        // Who waited may have given up.
        let future = async move { drop(told.send(future.await)) };
        let task = Stops(Task::new(self.clone(), future.boxed()));
        let asked = instant();
        self.push(task.0.clone());
        loop {
            match timeout(LONG.min(limit), &mut done).await {
                Ok(result) => return result.map_err(|_| Lost::Closed),
                Err(_) => self.relieve(),
            }
            // One that hasn't begun is no slower than others have made it.
            let since = match task.0.began.get() {
                Some(began) => *began,
                None if self.is_exhausted() => asked,
                None => continue,
            };
            if since.elapsed() >= limit {
                if task.0.state.load(Ordering::Acquire) >= POLLED {
                    tracing::error!(limit = ?limit, "author code blocks its thread");
                }
                return Err(Lost::TooLong);
            }
        }
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
        left.iter().for_each(|task| task.end());
    }

    fn push(self: &Arc<Self>, task: Arc<Task>) {
        let mut work = self.lock();
        if work.closed {
            drop(work);
            return task.end();
        }
        work.queue.push_back(task);
        if work.queue.len() > work.idle && work.threads < self.size {
            self.hire(&mut work);
        } else {
            self.news.notify_one();
        }
    }

    /// Puts others in the place of threads that are blocked.
    fn relieve(self: &Arc<Self>) {
        let mut work = self.lock();
        let waiting = work.queue.len().saturating_sub(work.idle);
        if waiting == 0 || work.closed {
            return;
        }
        let wanted = self.size + work.blocked().min(EXTRA);
        for _ in 0..wanted.saturating_sub(work.threads).min(waiting) {
            self.hire(&mut work);
        }
    }

    fn is_exhausted(&self) -> bool {
        self.lock().threads >= self.size + EXTRA
    }

    fn hire(self: &Arc<Self>, work: &mut Work) {
        work.hired += 1;
        let (crew, number) = (self.clone(), work.hired);
        let thread = std::thread::Builder::new().name(self.name.into());
        match thread.spawn(move || crew.poll_all(number)) {
            Ok(_) => work.threads += 1,
            Err(error) => tracing::error!(%error, "no new thread for author code"),
        }
    }

    fn poll_all(self: Arc<Self>, number: u64) {
        let _runtime = self.runtime.enter();
        while let Some(task) = self.next(number) {
            task.poll();
        }
    }

    /// The next task for a thread; none where it is one too many.
    fn next(&self, number: u64) -> Option<Arc<Task>> {
        let mut work = self.lock();
        work.polls.remove(&number);
        loop {
            if work.closed || work.threads > self.size + work.blocked() {
                work.threads -= 1;
                // It may have been called for a task, which is another's now.
                self.news.notify_one();
                return None;
            }
            if let Some(task) = work.queue.pop_front() {
                work.polls.insert(number, instant());
                return Some(task);
            }
            work.idle += 1;
            work = self.news.wait(work).unwrap_or_else(PoisonError::into_inner);
            work.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Work {
    fn blocked(&self) -> usize {
        let long = |since: &&Instant| since.elapsed() >= LONG;
        self.polls.values().filter(long).count()
    }
}

/// Nothing of it is queued or polled.
const RESTS: u8 = 0;
const QUEUED: u8 = 1;
const ENDED: u8 = 2;
const POLLED: u8 = 3;
/// Polled, and woken since.
const AGAIN: u8 = 4;

struct Task {
    crew: Arc<Crew>,
    state: AtomicU8,
    future: Mutex<Option<BoxFuture<'static, ()>>>,
    began: OnceLock<Instant>,
    stopped: AtomicBool,
}

impl Task {
    fn new(crew: Arc<Crew>, future: BoxFuture<'static, ()>) -> Arc<Self> {
        Arc::new(Self {
            crew,
            state: AtomicU8::new(QUEUED),
            future: Mutex::new(Some(future)),
            began: OnceLock::new(),
            stopped: AtomicBool::new(false),
        })
    }

    /// Only ever called by the thread that took it out of the queue.
    fn poll(self: Arc<Self>) {
        self.state.store(POLLED, Ordering::Release);
        if self.poll_once() {
            return self.state.store(ENDED, Ordering::Release);
        }
        let rests = self
            .state
            .compare_exchange(POLLED, RESTS, Ordering::AcqRel, Ordering::Acquire);
        if rests.is_err() {
            self.state.store(QUEUED, Ordering::Release);
            self.crew.push(self.clone());
        }
    }

    /// Whether it has ended. Neither a panic of the future nor one of its drop ends the thread.
    fn poll_once(self: &Arc<Self>) -> bool {
        let mut slot = self.future.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.stopped.load(Ordering::Acquire)
            && let Some(future) = slot.as_mut()
        {
            self.began.get_or_init(instant);
            let waker = Waker::from(self.clone());
            let poll = || future.as_mut().poll(&mut Context::from_waker(&waker));
            if catch_unwind(AssertUnwindSafe(poll)).is_ok_and(|poll| poll.is_pending()) {
                return false;
            }
        }
        let future = slot.take();
        drop(slot);
        end(future);
        true
    }

    fn end(&self) {
        let mut slot = self.future.lock().unwrap_or_else(PoisonError::into_inner);
        let future = slot.take();
        drop(slot);
        end(future);
    }
}

/// A future's drop is author code, too.
fn end(future: Option<BoxFuture<'static, ()>>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let woken = |state| match state {
            RESTS => Some(QUEUED),
            POLLED => Some(AGAIN),
            _ => None,
        };
        let before = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, woken);
        if before == Ok(RESTS) {
            self.crew.push(self.clone());
        }
    }
}

/// Stops its task when nobody waits for it any more.
struct Stops(Arc<Task>);

impl Drop for Stops {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Release);
        self.0.wake_by_ref();
    }
}
