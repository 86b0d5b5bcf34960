//! Where author code runs.
//!
//! On threads of its own, under a limit: a skill that panics, blocks its thread or never ends
//! costs its own turn only. Another thread takes the place of one that is blocked.

mod task; // author code, polled by threads
pub(super) mod pool; // the threads, which may be blocked
mod watchdog; // who looks after them

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_task::Runnable;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::{Builder, Runtime};

use self::pool::{Piece, Pool, Relief};
use self::task::{NoResult, task};
use self::watchdog::look_after;
use crate::time::timeout;

/// Threads that drive timers and connections of author code, and what it spawns itself.
const DRIVERS: usize = 2;

/// Why author code gave no result.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// It panicked, with this message.
    #[error("it panicked: {0}")]
    Panicked(String),
    /// It took longer than this.
    #[error("it took longer than {0:?}")]
    TooLong(Duration),
}

/// Where author code runs. Cheap to clone.
#[derive(Clone)]
pub struct Workshop {
    place: Executor,
    limit: Duration,
}

#[derive(Clone)]
enum Executor {
    Threads(Arc<Threads>),
    /// In the caller's own task: simulation is one thread.
    Here,
}

struct Threads {
    turns: Arc<Pool>,
    /// Slow work has its own, which turns don't wait for.
    errands: Arc<Pool>,
    drivers: Mutex<Option<Runtime>>,
}

impl Workshop {
    /// `size` threads for turns, and as many for slow work; every call has at most `limit`.
    pub fn threads(size: usize, limit: Duration) -> std::io::Result<Self> {
        let drivers = Builder::new_multi_thread()
            .worker_threads(DRIVERS)
            .thread_name("skills-io")
            .enable_all()
            .build()?;
        let pool = |name| {
            let pool = Pool::new(name, size, drivers.handle().clone());
            look_after(&pool);
            pool
        };
        let threads = Threads {
            turns: pool("skills"),
            errands: pool("skills-work"),
            drivers: Mutex::new(Some(drivers)),
        };
        Ok(Self {
            place: Executor::Threads(Arc::new(threads)),
            limit,
        })
    }

    /// No threads of its own, for simulation: nothing may block.
    pub fn here(limit: Duration) -> Self {
        Self {
            place: Executor::Here,
            limit,
        }
    }

    /// How many threads author code blocks now.
    pub fn blocked(&self) -> usize {
        match &self.place {
            Executor::Threads(threads) => threads.turns.blocked() + threads.errands.blocked(),
            Executor::Here => 0,
        }
    }

    /// The threads for turns, where there are any.
    pub(super) fn pool(&self) -> Option<&Arc<Pool>> {
        match &self.place {
            Executor::Threads(threads) => Some(&threads.turns),
            Executor::Here => None,
        }
    }

    /// Begins `work` as [`run`](Self::run) does, but lets the caller say on which thread.
    pub(super) fn begin<T, F, W>(&self, work: W) -> (Option<Begin>, UnderWay<T>)
    where
        W: FnOnce() -> F + Send + 'static,
        F: Future<Output = T> + Send,
        T: Send + 'static,
    {
        let limit = self.limit;
        let Some(pool) = self.pool() else {
            let shop = self.clone();
            return (None, async move { shop.run(work).await }.boxed());
        };
        let guarded = AssertUnwindSafe(async move { work().await }).catch_unwind();
        let (code, awaited) = task(pool, limit, guarded);
        let begin = Begin {
            code: Some(code),
            pool: pool.clone(),
        };
        (
            Some(begin),
            async move { read(awaited.wait().await, limit) }.boxed(),
        )
    }

    /// Runs `work`, which makes its future where it runs, so that a panic in either is caught.
    pub async fn run<T, F, W>(&self, work: W) -> Result<T, WorkshopError>
    where
        W: FnOnce() -> F + Send + 'static,
        F: Future<Output = T> + Send,
        T: Send + 'static,
    {
        self.run_on(|threads| &threads.turns, work).await
    }

    /// The same for slow work, on threads of its own.
    pub async fn run_errand<T, F, W>(&self, work: W) -> Result<T, WorkshopError>
    where
        W: FnOnce() -> F + Send + 'static,
        F: Future<Output = T> + Send,
        T: Send + 'static,
    {
        self.run_on(|threads| &threads.errands, work).await
    }

    async fn run_on<T, F, W>(
        &self,
        pool: fn(&Threads) -> &Arc<Pool>,
        work: W,
    ) -> Result<T, WorkshopError>
    where
        W: FnOnce() -> F + Send + 'static,
        F: Future<Output = T> + Send,
        T: Send + 'static,
    {
        let guarded = AssertUnwindSafe(async move { work().await }).catch_unwind();
        let done = match &self.place {
            Executor::Here => timeout(self.limit, guarded)
                .await
                .map_err(|_| NoResult::TooLong),
            Executor::Threads(threads) => {
                let pool = pool(threads);
                let (code, awaited) = task(pool, self.limit, guarded);
                pool.push(Piece::Code(code));
                awaited.wait().await
            }
        };
        read(done, self.limit)
    }

    /// Ends the threads without waiting for what still runs.
    pub fn close(&self) {
        if let Executor::Threads(threads) = &self.place {
            threads.close();
        }
    }
}

/// What came of author code.
fn read<T>(
    done: Result<Result<T, Box<dyn Any + Send>>, NoResult>,
    limit: Duration,
) -> Result<T, WorkshopError> {
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => Err(WorkshopError::Panicked(message(&*panic))),
        Err(NoResult::TooLong) => Err(WorkshopError::TooLong(limit)),
        Err(NoResult::Closed) => Err(WorkshopError::Panicked("the program is stopping".into())),
    }
}

/// Author code under way.
pub(super) type UnderWay<T> = BoxFuture<'static, Result<T, WorkshopError>>;

/// Author code that is about to begin. Where nobody begins it, a thread of the workshop does.
pub struct Begin {
    code: Option<Runnable>,
    pool: Arc<Pool>,
}

impl Begin {
    /// Begins it on this thread, which is one of the workshop's: it may be blocked, and `relief` goes on elsewhere
    /// then.
    pub(super) fn here(mut self, relief: Arc<dyn Relief>) {
        if let Some(code) = self.code.take() {
            self.pool.begins(relief);
            Piece::Code(code).poll();
            self.pool.came_back();
        }
    }
}

impl Drop for Begin {
    fn drop(&mut self) {
        if let Some(code) = self.code.take() {
            self.pool.push(Piece::Code(code));
        }
    }
}

impl Threads {
    fn close(&self) {
        self.turns.close();
        self.errands.close();
        let mut drivers = self.drivers.lock().unwrap_or_else(PoisonError::into_inner);
        drivers
            .take()
            .into_iter()
            .for_each(Runtime::shutdown_background);
    }
}

/// Without waiting: one that still has work may be dropped where nothing may block.
impl Drop for Threads {
    fn drop(&mut self) {
        self.close();
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_and_the_next_work_is_done() {
        let shop = Workshop::threads(1, Duration::from_secs(5)).unwrap();
        let error = shop
            .run(|| async { panic!("on purpose") as () })
            .await
            .unwrap_err();
        assert!(error.to_string().contains("on purpose"));
        let error = shop
            .run(|| -> std::future::Ready<()> { panic!("before") })
            .await
            .unwrap_err();
        assert!(error.to_string().contains("before"));
        assert_eq!(shop.run(|| async { 7 }).await.unwrap(), 7);
        shop.close();
    }

    fn patient(shop: &Workshop) -> Workshop {
        Workshop {
            limit: Duration::from_secs(60),
            ..shop.clone()
        }
    }

    #[tokio::test]
    async fn work_that_blocks_its_thread_costs_its_own_turn_only() {
        let shop = Workshop::threads(2, Duration::from_millis(200)).unwrap();
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        // Innocents that wait for something before the threads are blocked …
        let innocents: Vec<_> = (0..4)
            .map(|n| {
                let (shop, begun) = (patient(&shop), begun.clone());
                let wait = move || async move {
                    begun.send(()).unwrap();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    n
                };
                tokio::spawn(async move { shop.run(wait).await.unwrap() })
            })
            .collect();
        for _ in 0..4 {
            begins.recv().await;
        }
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let blocked = Arc::new(Mutex::new(blocked));
        let stuck: Vec<_> = (0..7)
            .map(|_| {
                let (shop, blocked) = (shop.clone(), blocked.clone());
                let block = move || async move { blocked.lock().map(|b| b.recv().is_ok()).ok() };
                tokio::spawn(async move { shop.run(block).await })
            })
            .collect();
        // … and those that come only then.
        assert_eq!(patient(&shop).run(|| async { 7 }).await.unwrap(), 7);
        for (n, innocent) in innocents.into_iter().enumerate() {
            assert_eq!(innocent.await.unwrap(), n);
        }
        for stuck in stuck {
            let lost = stuck.await.unwrap();
            assert!(matches!(lost, Err(WorkshopError::TooLong(_))), "{lost:?}");
        }
        assert_eq!(shop.blocked(), 7);
        drop(release);
        while shop.blocked() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(shop.run(|| async { 8 }).await.unwrap(), 8);
        shop.close();
        assert!(shop.run(|| async { 9 }).await.is_err());
    }

    #[tokio::test]
    async fn work_that_is_given_up_while_it_waits_is_dropped() {
        let shop = Workshop::threads(1, Duration::from_millis(50)).unwrap();
        let (alive, mut dropped) = tokio::sync::oneshot::channel::<()>();
        let waits = move || async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        };
        assert!(matches!(
            shop.run(waits).await,
            Err(WorkshopError::TooLong(_))
        ));
        assert!((&mut dropped).await.is_err());
        assert_eq!(shop.blocked(), 0);
    }

    #[tokio::test]
    async fn slow_work_takes_no_thread_from_turns() {
        let shop = Workshop::threads(1, Duration::from_secs(60)).unwrap();
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let block = move || async move { blocked.recv().is_ok() };
        let (works, working) = (shop.clone(), shop.clone());
        let work = tokio::spawn(async move { works.run_errand(block).await.unwrap() });
        for n in 0..100 {
            assert_eq!(working.run(move || async move { n }).await.unwrap(), n);
        }
        release.send(()).unwrap();
        assert!(work.await.unwrap());
    }
}
