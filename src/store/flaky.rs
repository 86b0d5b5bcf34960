mod faults;

use async_trait::async_trait;

use self::faults::Fate;
pub use self::faults::Faults;
use super::{Commit, CommitError, Cursor, Session, Settled, Store, StoreError, Waiting};
use crate::event::{CardRow, Job, JobId, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};

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
impl<S: Store> Store for Flaky<S> {
    async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        self.faults.gate().await;
        match self.faults.fate(&commit) {
            Fate::Written => self.inner.commit(commit).await,
            Fate::Unavailable => Err(CommitError::Unavailable("it was told to fail".to_owned())),
            Fate::Conflict(slot) => Err(CommitError::Conflict(slot)),
            Fate::Lost => {
                self.inner.commit(commit).await?;
                Err(CommitError::Unavailable("the answer was lost".to_owned()))
            }
        }
    }

    async fn settle(&self, settled: Vec<Settled>) -> Result<(), StoreError> {
        self.faults.gate().await;
        self.faults.room()?;
        self.inner.settle(settled).await
    }

    async fn load(&self, slots: &[Slot]) -> Result<Vec<Option<SlotRow>>, StoreError> {
        self.faults.up()?;
        self.inner.load(slots).await
    }

    async fn seen(&self, keys: &[Key]) -> Result<Vec<bool>, StoreError> {
        self.faults.up()?;
        self.inner.seen(keys).await
    }

    async fn listening(&self) -> Result<Vec<Question>, StoreError> {
        self.faults.up()?;
        self.inner.listening().await
    }

    async fn due(&self, now: Millis, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.faults.up()?;
        self.inner.due(now, limit).await
    }

    async fn next_due(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        self.faults.up()?;
        self.inner.next_due(now).await
    }

    async fn postpone(&self, job: &JobId, due: Millis, attempts: u32) -> Result<(), StoreError> {
        self.faults.room()?;
        self.inner.postpone(job, due, attempts).await
    }

    async fn unsent(&self, after: Option<&RowId>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.faults.up()?;
        self.inner.unsent(after, limit).await
    }

    async fn card(&self, slot: &Slot) -> Result<Option<CardRow>, StoreError> {
        self.faults.up()?;
        self.inner.card(slot).await
    }

    async fn card_of_post(&self, post: &PostId) -> Result<Option<CardRow>, StoreError> {
        self.faults.up()?;
        self.inner.card_of_post(post).await
    }

    async fn stale_cards(&self, limit: usize) -> Result<Vec<CardRow>, StoreError> {
        self.faults.up()?;
        self.inner.stale_cards(limit).await
    }

    async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        self.faults.up()?;
        self.inner.waiting().await
    }

    async fn set_aside(&self, limit: usize) -> Result<Vec<(Row, String)>, StoreError> {
        self.faults.up()?;
        self.inner.set_aside(limit).await
    }

    async fn began(&self) -> Result<Option<Millis>, StoreError> {
        self.faults.up()?;
        self.inner.began().await
    }

    async fn begin(&self, at: Millis, cursors: &[Cursor]) -> Result<(), StoreError> {
        self.faults.up()?;
        self.inner.begin(at, cursors).await
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.faults.up()?;
        self.inner.cursors().await
    }

    async fn move_cursors(
        &self,
        cursors: &[Cursor],
        session: Option<&Session>,
    ) -> Result<(), StoreError> {
        self.faults.room()?;
        self.inner.move_cursors(cursors, session).await
    }

    async fn drop_cursors(&self, channels: &[ChannelId]) -> Result<(), StoreError> {
        self.faults.room()?;
        self.inner.drop_cursors(channels).await
    }

    async fn session(&self) -> Result<Option<Session>, StoreError> {
        self.faults.up()?;
        self.inner.session().await
    }

    async fn secret(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.faults.room()?;
        self.inner.secret(name, fresh).await
    }

    async fn list(
        &self,
        skill: &str,
        after: Option<&Slot>,
        limit: usize,
    ) -> Result<Vec<SlotRow>, StoreError> {
        self.faults.up()?;
        self.inner.list(skill, after, limit).await
    }

    async fn prune(&self, now: Millis) -> Result<u64, StoreError> {
        self.faults.room()?;
        self.inner.prune(now).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.faults.up()?;
        self.inner.probe().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }

    async fn died(&self) {
        self.inner.died().await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::suite::{place, turn};
    use super::super::{CommitError, Memory, Store};
    use super::Flaky;

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
