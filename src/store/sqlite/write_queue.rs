//! Who asks for writes, and who writes them.
//!
//! There is one [`Writer`], and whoever has it leads: it takes what waits in the line, as one group, and answers.
//! A thread that may wait for the disk ([`blocking`]) leads itself where the writer is free, so that nothing is handed
//! from thread to thread; else the store's own thread is woken. What comes while somebody leads waits for that one,
//! who goes on until its own write is done and leaves the rest to the store's thread.
//!
//! Whether somebody leads is known under the same lock as what waits. So nothing is left behind: who asks either
//! finds the writer free or is seen by who has it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot, watch};

use super::request::{Done, Request, Write};
use super::writer::Writer;
use crate::store::{CommitError, StoreError, blocking};

/// How many writes may wait; the next ones wait for a place.
const QUEUE: usize = 1024;
/// How many writes are one transaction at most.
const GROUP: usize = 256;

/// How long the end of a runtime waits for who leads.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the writer is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Runs,
    Ended,
    Died,
}

/// The line of those who ask, with the writer.
pub(super) struct WriteQueue {
    places: Semaphore,
    inner: Mutex<Inner>,
    /// For the store's thread, and who waits for the end.
    news: Condvar,
    life: watch::Sender<Life>,
}

struct Inner {
    requests: VecDeque<Request>,
    /// `None` while somebody leads, and after the end.
    writer: Option<Box<Writer>>,
    /// How many wait for a place.
    coming: usize,
    closed: bool,
    /// Nothing is written any more.
    dead: bool,
    /// Whose thread wrote each group, and of how many writes.
    #[cfg(test)]
    groups: Vec<(String, usize)>,
}

impl WriteQueue {
    /// A line, with the store's thread. It lives no longer than the runtime that this is called in.
    pub fn start(writer: Writer) -> Result<Arc<Self>, StoreError> {
        let inner = Inner {
            requests: VecDeque::new(),
            writer: Some(Box::new(writer)),
            coming: 0,
            closed: false,
            dead: false,
            #[cfg(test)]
            groups: Vec::new(),
        };
        let line = Arc::new(Self {
            places: Semaphore::new(QUEUE),
            inner: Mutex::new(inner),
            news: Condvar::new(),
            life: watch::Sender::new(Life::Runs),
        });
        let serving = line.clone();
        let thread = std::thread::Builder::new().name("store".to_owned());
        let started = thread.spawn(move || {
            if catch_unwind(AssertUnwindSafe(|| serving.serve())).is_err() {
                serving.stop();
                serving.end(Life::Died);
            }
        });
        started.map_err(|error| {
            StoreError::Unavailable(format!("it got no thread of its own: {error}"))
        })?;
        let (bound, mut life) = (Bound(line.clone()), line.life());
        tokio::spawn(async move {
            let _bound = bound;
            let _ = life.wait_for(|life| *life != Life::Runs).await;
        });
        Ok(line)
    }

    /// Asks for a write, and waits for the answer. Once it has a place in the line it is written, whether
    /// or not anybody waits.
    pub async fn ask(&self, write: Write) -> Result<Done, CommitError> {
        let coming = Entering::new(self)?;
        let place = self.places.acquire().await.map_err(|_| dead())?;
        place.forget();
        let (answer, outcome) = oneshot::channel();
        coming.stand(Request { write, answer });
        outcome.await.map_err(|_| dead())?
    }

    /// Takes nothing new. What waits is still written.
    pub fn close(&self) {
        self.lock().closed = true;
        self.news.notify_one();
    }

    /// Where the writer is in its life, and what becomes of it.
    pub fn life(&self) -> watch::Receiver<Life> {
        self.life.subscribe()
    }

    /// The store's own thread: leads where nobody else does, and ends all after the close.
    fn serve(&self) {
        let mut inner = self.lock();
        while !inner.dead {
            let over = inner.closed && inner.coming == 0;
            let writer = match over || !inner.requests.is_empty() {
                true => inner.writer.take(),
                false => None,
            };
            match writer {
                Some(writer) if inner.requests.is_empty() => {
                    drop(inner);
                    writer.close();
                    return self.end(Life::Ended);
                }
                Some(writer) => {
                    drop(inner);
                    self.lead(writer, usize::MAX);
                    inner = self.lock();
                }
                None => {
                    let news = self.news.wait(inner);
                    inner = news.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Writes the first `wanted` of what waits, group by group, and sets the writer free.
    fn lead(&self, mut writer: Box<Writer>, mut wanted: usize) {
        loop {
            let mut inner = self.lock();
            if inner.dead {
                drop(inner);
                return self.die(writer);
            }
            if wanted == 0 || inner.requests.is_empty() {
                inner.writer = Some(writer);
                if !inner.requests.is_empty() || inner.closed {
                    self.news.notify_one();
                }
                return;
            }
            let size = inner.requests.len().min(GROUP);
            let group: Vec<Request> = inner.requests.drain(..size).collect();
            #[cfg(test)]
            inner.groups.push((held::thread(), size));
            drop(inner);
            self.places.add_permits(size);
            wanted = wanted.saturating_sub(size);
            // Whoever leads may be anybody's thread: it is the writer that dies of this.
            if catch_unwind(AssertUnwindSafe(|| writer.group(group))).is_err() {
                return self.die(writer);
            }
            // Those who were answered may ask again now, and be in the next group together.
            if wanted > 0 {
                std::thread::yield_now();
            }
        }
    }

    fn die(&self, writer: Box<Writer>) {
        // First, so that the file is free by when it is told.
        drop(writer);
        self.stop();
        self.end(Life::Died);
    }

    /// Writes nothing any more; the writer, if nobody leads.
    fn stop(&self) -> Option<Box<Writer>> {
        let mut inner = self.lock();
        inner.dead = true;
        let left = std::mem::take(&mut inner.requests);
        let writer = inner.writer.take();
        drop(inner);
        self.places.close();
        drop(left);
        writer
    }

    fn end(&self, life: Life) {
        let inner = self.lock();
        self.life.send_replace(life);
        drop(inner);
        self.news.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics half way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the line with the runtime, as all else of the program ends with it: at once.
struct Bound(Arc<WriteQueue>);

impl Drop for Bound {
    fn drop(&mut self) {
        let line = &self.0;
        if *line.life.borrow() != Life::Runs {
            return;
        }
        if let Some(writer) = line.stop() {
            return line.die(writer);
        }
        // Whoever leads ends the group first.
        let runs = |_: &mut Inner| *line.life.borrow() == Life::Runs;
        let ended = line.news.wait_timeout_while(line.lock(), PATIENCE, runs);
        drop(ended);
    }
}

fn dead() -> CommitError {
    CommitError::Unavailable("its writer has died".to_owned())
}

/// One who asks and has no place yet; the end waits for it.
struct Entering<'a>(&'a WriteQueue);

impl<'a> Entering<'a> {
    fn new(line: &'a WriteQueue) -> Result<Self, CommitError> {
        let mut inner = line.lock();
        match (inner.dead, inner.closed) {
            (true, _) => Err(dead()),
            (_, true) => Err(StoreError::closed().into()),
            _ => {
                inner.coming += 1;
                Ok(Self(line))
            }
        }
    }

    /// Takes a place, and sees to it that somebody leads.
    fn stand(self, request: Request) {
        let line = self.0;
        let mut inner = line.lock();
        if inner.dead {
            return;
        }
        inner.requests.push_back(request);
        let wanted = inner.requests.len();
        // Who leads looks at the line before setting the writer free.
        if inner.writer.is_none() {
            return;
        }
        if !blocking::is_allowed() {
            return line.news.notify_one();
        }
        let writer = inner.writer.take();
        drop(inner);
        if let Some(writer) = writer {
            line.lead(writer, wanted);
        }
    }
}

impl Drop for Entering<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.lock();
        inner.coming -= 1;
        if inner.closed {
            self.0.news.notify_one();
        }
    }
}

impl std::fmt::Debug for WriteQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteQueue")
            .field("life", &*self.life.borrow())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod held;
