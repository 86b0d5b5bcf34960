mod faults;

use async_trait::async_trait;

use self::faults::CommitFate;
pub use self::faults::Faults;
use super::around::{Access, Around};
use super::{Commit, CommitError, Store, StoreError};

/// A store that fails when it is told to: for simulation and tests, of this crate and of others.
///
/// Without an order from its [`Faults`] it is the store behind it. It spawns nothing and knows no
/// time, so it is as fit for paused time as that store is.
#[derive(Debug)]
pub struct Flaky<S> {
    inner: S,
    faults: Faults,
}

impl<S> Flaky<S> {
    /// Wraps a store, and gives the board that its faults are ordered at.
    pub fn new(inner: S) -> (Self, Faults) {
        let faults = Faults::default();
        let flaky = Self {
            inner,
            faults: faults.clone(),
        };
        (flaky, faults)
    }
}

#[async_trait]
impl<S: Store> Around for Flaky<S> {
    async fn enter(&self, access: Access) -> Result<&dyn Store, StoreError> {
        match access {
            Access::Read => self.faults.up()?,
            Access::Write => self.faults.room()?,
            Access::Settle => {
                self.faults.gate().await;
                self.faults.room()?;
            }
        }
        Ok(&self.inner)
    }

    async fn leave<T: Send>(
        &self,
        _: Access,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        done
    }

    async fn commits(&self, commit: Commit) -> Result<(), CommitError> {
        self.faults.gate().await;
        match self.faults.fate(&commit) {
            CommitFate::Written => self.inner.commit(commit).await,
            CommitFate::Unavailable => {
                Err(CommitError::Unavailable("it was told to fail".to_owned()))
            }
            CommitFate::Conflict(slot) => Err(CommitError::Conflict(slot)),
            CommitFate::Lost => {
                self.inner.commit(commit).await?;
                Err(CommitError::Unavailable("the answer was lost".to_owned()))
            }
        }
    }

    async fn probes(&self) -> Result<(), StoreError> {
        self.faults.up()?;
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
    use super::Flaky;
    use crate::model::ids::Millis;
    use crate::store::suite::{place, turn};
    use crate::store::{CommitError, Memory, Store};

    #[tokio::test]
    async fn a_refused_commit_is_not_written() {
        let (store, faults) = Flaky::new(Memory::new());
        faults.refuse(1);
        let commit = turn(&place(1), 0);
        let error = store.commit(commit.clone()).await.unwrap_err();
        assert!(matches!(error, CommitError::Unavailable(_)), "{error}");
        let slot = commit.slots[0].slot.clone();
        assert_eq!(store.load(&[slot]).await.unwrap(), [None]);
        store.commit(commit).await.unwrap();
    }

    #[tokio::test]
    async fn a_lost_commit_is_written_and_can_be_repeated() {
        let (store, faults) = Flaky::new(Memory::new());
        faults.lose(1);
        let commit = turn(&place(1), 0);
        let error = store.commit(commit.clone()).await.unwrap_err();
        assert!(matches!(error, CommitError::Unavailable(_)), "{error}");
        let slot = commit.slots[0].slot.clone();
        assert!(store.load(&[slot]).await.unwrap()[0].is_some());
        store.commit(commit).await.unwrap();
        assert_eq!(faults.commits(), 2);
    }

    #[tokio::test]
    async fn a_conflict_names_the_slot_and_comes_as_often_as_ordered() {
        let (store, faults) = Flaky::new(Memory::new());
        faults.conflict(1);
        let commit = turn(&place(1), 0);
        let error = store.commit(commit.clone()).await.unwrap_err();
        assert!(matches!(error, CommitError::Conflict(slot) if slot == commit.slots[0].slot));
        store.commit(commit).await.unwrap();
    }

    #[tokio::test]
    async fn a_held_commit_is_written_once_the_gate_opens() {
        let (store, faults) = Flaky::new(Memory::new());
        faults.hold();
        let commit = turn(&place(1), 0);
        let slot = commit.slots[0].slot.clone();
        let mut held = store.commit(commit);
        tokio::select! {
            biased;
            written = &mut held => panic!("passed the gate: {written:?}"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(store.load(&[slot]).await.unwrap(), [None]);
        faults.release();
        held.await.unwrap();
    }

    #[tokio::test]
    async fn on_a_full_disk_all_that_writes_fails_and_all_that_reads_works() {
        let (store, faults) = Flaky::new(Memory::new());
        faults.full(true);
        let now = Millis(1);
        assert!(store.begin(now, Vec::new()).await.is_err());
        assert!(store.settle(Vec::new()).await.is_err());
        assert!(store.secret("s", vec![1]).await.is_err());
        assert!(store.prune(now).await.is_err());
        assert_eq!(store.began().await.unwrap(), None);
        assert_eq!(store.load(&[]).await.unwrap(), []);
        faults.full(false);
        store.begin(now, Vec::new()).await.unwrap();
        assert_eq!(store.began().await.unwrap(), Some(now));
    }

    #[tokio::test]
    async fn a_store_that_is_down_comes_up_again() {
        let (store, faults) = Flaky::new(Memory::new());
        faults.down(true);
        assert!(store.probe().await.is_err());
        assert!(store.load(&[]).await.is_err());
        assert!(store.commit(turn(&place(1), 0)).await.is_err());
        faults.down(false);
        store.commit(turn(&place(1), 0)).await.unwrap();
        store.probe().await.unwrap();
    }
}
