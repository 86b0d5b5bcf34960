use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_task::{FallibleTask, Runnable};

use super::pool::{LONG, Piece, Pool};
use crate::time::{Instant, instant, timeout};

/// Why a task gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoResult {
    /// Its time was up.
    TooLong,
    /// The pool has ended.
    Closed,
}

/// How far a task is.
#[derive(Default)]
struct TaskProgress {
    /// When it was first polled.
    began: OnceLock<Instant>,
    polled: AtomicBool,
}

/// A future that a pool is to poll, and what waits for it, for at most `limit` from when it begins. What is given up,
/// or no longer waited for, ends at its next `await`. Who has the code pushes it, or polls it.
pub(super) fn task<T: Send + 'static>(
    pool: &Arc<Pool>,
    limit: Duration,
    future: impl Future<Output = T> + Send + 'static,
) -> (Runnable, Awaited<T>) {
    let progress = Arc::new(TaskProgress::default());
    let seen = progress.clone();
    let watched = async move {
        let mut future = pin!(future);
        poll_fn(|cx| {
            seen.began.get_or_init(instant);
            seen.polled.store(true, Ordering::Relaxed);
            let polled = future.as_mut().poll(cx);
            seen.polled.store(false, Ordering::Relaxed);
            polled
        })
        .await
    };
    let schedules = pool.clone();
    let schedule = move |code| schedules.push(Piece::Code(code));
    let (code, done) = async_task::spawn(watched, schedule);
    let awaited = Awaited {
        pool: pool.clone(),
        progress,
        limit,
        done: done.fallible(),
    };
    (code, awaited)
}

/// What a task gives, for who waits. The task stops where nobody does any more.
pub(super) struct Awaited<T> {
    pool: Arc<Pool>,
    progress: Arc<TaskProgress>,
    limit: Duration,
    done: FallibleTask<T>,
}

impl<T> Awaited<T> {
    /// Waits for it.
    pub async fn wait(mut self) -> Result<T, NoResult> {
        let (asked, limit) = (instant(), self.limit);
        loop {
            if let Ok(result) = timeout(LONG.min(limit), &mut self.done).await {
                return result.ok_or(NoResult::Closed);
            }
            // One that hasn't begun is no slower than others have made it.
            let since = match self.progress.began.get() {
                Some(began) => *began,
                None if self.pool.is_exhausted() => asked,
                None => continue,
            };
            if since.elapsed() >= limit {
                if self.progress.polled.load(Ordering::Relaxed) {
                    tracing::error!(limit = ?limit, "author code blocks its thread");
                }
                return Err(NoResult::TooLong);
            }
        }
    }
}
