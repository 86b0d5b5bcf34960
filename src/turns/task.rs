use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::crew::{Crew, LONG, Piece};
use crate::time::{Instant, instant, timeout};

/// Why a task gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// Its time was up.
    TooLong,
    /// The crew has ended.
    Closed,
}

/// Nothing of it is queued or polled.
const RESTS: u8 = 0;
const QUEUED: u8 = 1;
const ENDED: u8 = 2;
const POLLED: u8 = 3;
/// Polled, and woken since.
const AGAIN: u8 = 4;

/// Author code as a future, polled by threads of a crew.
pub(super) struct Task {
    crew: Arc<Crew>,
    state: AtomicU8,
    future: Mutex<Option<BoxFuture<'static, ()>>>,
    /// When it was first polled.
    began: OnceLock<Instant>,
    stopped: AtomicBool,
}

impl Task {
    /// A future that a crew is to poll, and what waits for it, for at most `limit` from when it begins. What is given up,
    /// or no longer waited for, ends at its next `await`. It counts as queued: who has it pushes it, or polls it.
    pub fn new<T: Send + 'static>(
        crew: &Arc<Crew>,
        limit: Duration,
        future: impl Future<Output = T> + Send + 'static,
    ) -> (Arc<Self>, Awaited<T>) {
        let (told, done) = oneshot::channel();
        // Who waited may have given up.
        let future = async move { drop(told.send(future.await)) };
        let task = Arc::new(Self {
            crew: crew.clone(),
            state: AtomicU8::new(QUEUED),
            future: Mutex::new(Some(future.boxed())),
            began: OnceLock::new(),
            stopped: AtomicBool::new(false),
        });
        let awaited = Awaited {
            task: Stops(task.clone()),
            limit,
            done,
        };
        (task, awaited)
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
}

impl Piece for Task {
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

    fn end(&self) {
        let mut slot = self.future.lock().unwrap_or_else(PoisonError::into_inner);
        let future = slot.take();
        drop(slot);
        end(future);
    }

    fn goes_alone(&self) -> bool {
        false
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

/// What a task gives, for who waits. The task stops where nobody does any more.
pub(super) struct Awaited<T> {
    task: Stops,
    limit: Duration,
    done: oneshot::Receiver<T>,
}

impl<T> Awaited<T> {
    /// Waits for it.
    pub async fn wait(mut self) -> Result<T, Lost> {
        let (asked, limit, task) = (instant(), self.limit, &self.task.0);
        loop {
            if let Ok(result) = timeout(LONG.min(limit), &mut self.done).await {
                return result.map_err(|_| Lost::Closed);
            }
            // One that hasn't begun is no slower than others have made it.
            let since = match task.began.get() {
                Some(began) => *began,
                None if task.crew.is_exhausted() => asked,
                None => continue,
            };
            if since.elapsed() >= limit {
                if task.state.load(Ordering::Acquire) >= POLLED {
                    tracing::error!(limit = ?limit, "author code blocks its thread");
                }
                return Err(Lost::TooLong);
            }
        }
    }
}
