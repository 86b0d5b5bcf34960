//! Where author code runs.
//!
//! On a runtime of its own, under a limit: a skill that panics, blocks its thread or never ends
//! costs its own turn only. A runtime whose thread is still blocked after the limit is retired and
//! a fresh one takes over.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::time::timeout;

/// How long a stopped task may take to notice before its thread counts as blocked.
const GRACE: Duration = Duration::from_millis(100);

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
    place: Place,
    limit: Duration,
}

#[derive(Clone)]
enum Place {
    Threads(Arc<Threads>),
    /// In the caller's own task: simulation is one thread.
    Here,
}

struct Threads {
    current: Mutex<Option<Runtime>>,
    size: usize,
    retired: AtomicUsize,
}

impl Workshop {
    /// A runtime of `size` threads; every call has at most `limit`.
    pub fn threads(size: usize, limit: Duration) -> std::io::Result<Self> {
        let threads = Threads {
            current: Mutex::new(Some(runtime(size)?)),
            size,
            retired: AtomicUsize::new(0),
        };
        Ok(Self {
            place: Place::Threads(Arc::new(threads)),
            limit,
        })
    }

    /// No runtime of its own, for simulation: nothing may block.
    pub fn here(limit: Duration) -> Self {
        Self {
            place: Place::Here,
            limit,
        }
    }

    /// How many runtimes were retired because author code blocked their threads.
    pub fn retired(&self) -> usize {
        match &self.place {
            Place::Threads(threads) => threads.retired.load(Ordering::Relaxed),
            Place::Here => 0,
        }
    }

    /// Runs `work`, which makes its future where it runs, so that a panic in either is caught.
    pub async fn run<T, F, W>(&self, work: W) -> Result<T, WorkshopError>
    where
        W: FnOnce() -> F + Send + 'static,
        F: Future<Output = T> + Send,
        T: Send + 'static,
    {
        let guarded = AssertUnwindSafe(async move { work().await }).catch_unwind();
        let done = match &self.place {
            Place::Here => timeout(self.limit, guarded)
                .await
                .map_err(|_| self.too_long())?,
            Place::Threads(threads) => {
                let Some(handle) = threads.handle() else {
                    return Err(WorkshopError::Panicked("the program is stopping".into()));
                };
                let mut task = handle.spawn(guarded);
                match timeout(self.limit, &mut task).await {
                    Ok(joined) => joined.map_err(|e| WorkshopError::Panicked(e.to_string()))?,
                    Err(_) => {
                        task.abort();
                        if timeout(GRACE, &mut task).await.is_err() {
                            threads.retire();
                        }
                        return Err(self.too_long());
                    }
                }
            }
        };
        done.map_err(|panic| WorkshopError::Panicked(message(&*panic)))
    }

    /// Ends the runtime without waiting for what still runs.
    pub fn close(&self) {
        if let Place::Threads(threads) = &self.place {
            let last = threads.lock().take();
            last.into_iter().for_each(Runtime::shutdown_background);
        }
    }

    fn too_long(&self) -> WorkshopError {
        WorkshopError::TooLong(self.limit)
    }
}

/// Without waiting: one that still has work may be dropped where nothing may block.
impl Drop for Threads {
    fn drop(&mut self) {
        let last = self.lock().take();
        last.into_iter().for_each(Runtime::shutdown_background);
    }
}

impl Threads {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Runtime>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self) -> Option<Handle> {
        self.lock().as_ref().map(|runtime| runtime.handle().clone())
    }

    fn retire(&self) {
        tracing::error!("author code blocks its thread; its runtime is replaced");
        match runtime(self.size) {
            Ok(fresh) => {
                let old = self.lock().replace(fresh);
                self.retired.fetch_add(1, Ordering::Relaxed);
                old.into_iter().for_each(Runtime::shutdown_background);
            }
            Err(error) => tracing::error!(%error, "no new runtime"),
        }
    }
}

fn runtime(size: usize) -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(size)
        .thread_name("skills")
        .enable_all()
        .build()
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

    #[tokio::test]
    async fn work_that_blocks_its_thread_costs_its_own_turn_only() {
        let shop = Workshop::threads(1, Duration::from_millis(50)).unwrap();
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let stuck = shop
            .run(move || async move { blocked.recv().is_ok() })
            .await;
        assert!(matches!(stuck, Err(WorkshopError::TooLong(_))));
        assert_eq!(shop.retired(), 1);
        let slow = Workshop {
            limit: Duration::from_secs(5),
            ..shop.clone()
        };
        assert_eq!(slow.run(|| async { 7 }).await.unwrap(), 7);
        drop(release);
        shop.close();
    }
}
