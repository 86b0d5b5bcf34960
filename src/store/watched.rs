use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::around::{Access, Around};
use super::{Commit, CommitError, CommitId, Store, StoreError};
use crate::event::Key;
use crate::telemetry::names;
use crate::time::{Instant, Time, instant};

/// How many keys a trial commit has: it needs as much room as one of a busy place. A full disk may
/// still have some for less.
const TRIAL: usize = 1_024;
/// A trial isn't made more often.
const PAUSE: Duration = Duration::from_secs(2);

/// A store that remembers what failed last, until the like has gone well.
pub struct Watched {
    inner: Arc<dyn Store>,
    writing: Direction,
    reading: Direction,
    tried: Mutex<Option<Instant>>,
}

/// Reading or writing, and how it failed, until it went well again.
#[derive(Debug)]
struct Direction {
    name: &'static str,
    failure: Mutex<Option<LastFailure>>,
}

#[derive(Debug, Clone)]
struct LastFailure {
    why: String,
    since: Instant,
}

impl Watched {
    /// Watches over a store.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            writing: Direction::new("write"),
            reading: Direction::new("read"),
            tried: Mutex::default(),
        }
    }

    /// What is wrong with it now, a sentence each. What failed is tried again in earnest, so that
    /// it is over when it is over although nobody else comes.
    pub async fn troubles(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Err(error) = self.inner.probe().await {
            found.push(format!("the store can't be written: {error}"));
        }
        if self.writing.failure().is_some() && self.may_try() {
            let _ = self.commit(trial()).await;
        }
        if let Some(failure) = self.writing.failure().filter(|_| found.is_empty()) {
            found.push(failure.told("what people do can't be stored, so that it isn't done"));
        }
        if self.reading.failure().is_some() {
            let _ = self.unsent(None, 1).await;
        }
        if let Some(failure) = self.reading.failure() {
            found.push(failure.told("the store can't be read"));
        }
        found
    }

    fn may_try(&self) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let may = tried.is_none_or(|tried| tried.elapsed() >= PAUSE);
        if may {
            *tried = Some(instant());
        }
        may
    }
}

impl LastFailure {
    fn told(&self, what: &str) -> String {
        let since = self.since.elapsed().as_secs();
        format!("{what}, for {since} s: {}", self.why)
    }
}

impl Direction {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            failure: Mutex::default(),
        }
    }

    fn failure(&self) -> Option<LastFailure> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone()
    }

    fn went_well(&self) {
        self.set(|_| None);
    }

    fn failed(&self, error: &impl ToString) {
        let why = error.to_string();
        self.set(|first| {
            let since = first.map_or_else(instant, |first| first.since);
            Some(LastFailure { why, since })
        });
    }

    fn set(&self, to: impl FnOnce(Option<LastFailure>) -> Option<LastFailure>) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failure.is_some();
        *failure = to(failure.take());
        if failed != failure.is_some() {
            let failing = if failed { 0.0 } else { 1.0 };
            metrics::gauge!(names::STORE_FAILING, "what" => self.name).set(failing);
        }
    }
}

/// A commit that means nothing, and is forgotten with the next prune.
fn trial() -> Commit {
    let now = Time::wall().now();
    let key = |_| (Key::from_bytes(fastrand::u128(..).to_be_bytes()), now);
    Commit {
        id: CommitId::default(),
        now,
        keys: (0..TRIAL).map(key).collect(),
        ..Commit::default()
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched")
            .field("writing", &self.writing)
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Around for Watched {
    async fn enter(&self, _: Access) -> Result<&dyn Store, StoreError> {
        Ok(&*self.inner)
    }

    async fn leave<T: Send>(
        &self,
        access: Access,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match (access, &done) {
            (Access::Read, Ok(_)) => self.reading.went_well(),
            (Access::Read, Err(error)) => self.reading.failed(error),
            (_, Err(error)) => self.writing.failed(error),
            // Smaller writes than commits may go well on a disk that is full, and say nothing of these.
            (_, Ok(_)) => {}
        }
        done
    }

    async fn commits(&self, commit: Commit) -> Result<(), CommitError> {
        let result = self.inner.commit(commit).await;
        match &result {
            Ok(()) => self.writing.went_well(),
            Err(error @ CommitError::Unavailable(_)) => self.writing.failed(error),
            // It works, and says no.
            Err(_) => {}
        }
        result
    }

    async fn probes(&self) -> Result<(), StoreError> {
        self.inner.probe().await
    }

    async fn closes(&self) {
        self.inner.close().await;
    }

    async fn dies(&self) {
        self.inner.died().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::suite::{place, turn};
    use crate::store::{Flaky, Memory};
    use crate::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn a_commit_that_fails_is_told_although_the_probe_passes_until_one_goes_well() {
        let (store, faults) = Flaky::new(Memory::new());
        let store = Watched::new(Arc::new(store));
        faults.refuse(usize::MAX);
        store.commit(turn(&place(1), 0)).await.unwrap_err();
        for _ in 0..3 {
            sleep(PAUSE).await;
            let said = store.troubles().await;
            assert!(
                said.len() == 1 && said[0].contains("can't be stored"),
                "{said:?}"
            );
            // What is written besides says nothing of commits.
            store.settle(Vec::new()).await.unwrap();
        }
        faults.refuse(0);
        store.commit(turn(&place(1), 0)).await.unwrap();
        assert!(store.troubles().await.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_has_room_again_is_found_without_anybody_coming() {
        let (store, faults) = Flaky::new(Memory::new());
        let store = Watched::new(Arc::new(store));
        faults.down(true);
        store.commit(turn(&place(1), 0)).await.unwrap_err();
        store.load(&[]).await.unwrap_err();
        let said = store.troubles().await;
        assert_eq!(said.len(), 2, "{said:?}");
        faults.down(false);
        sleep(PAUSE).await;
        assert!(store.troubles().await.is_empty());
    }
}
