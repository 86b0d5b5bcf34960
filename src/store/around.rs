use async_trait::async_trait;

use super::{Commit, CommitError, Cursor, Session, Settled, Store, StoreError, WaitingRow};
use crate::event::{CardRow, Job, JobId, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};

/// What a call does with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    /// A write, too.
    Settle,
}

/// A store around another one: it says what is before and after each call, and is a [`Store`] by that.
#[async_trait]
pub(crate) trait Around: Send + Sync + 'static {
    /// The one within, or why a call doesn't come there.
    async fn enter(&self, access: Access) -> Result<&dyn Store, StoreError>;

    /// What became of a call that came there.
    async fn leave<T: Send>(
        &self,
        access: Access,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError>;

    async fn commits(&self, commit: Commit) -> Result<(), CommitError>;

    async fn probes(&self) -> Result<(), StoreError>;

    async fn closes(&self);

    async fn dies(&self);
}

/// The trait's methods that are handed on, with what each does.
macro_rules! handed_on {
    ($($access:ident $method:ident($($name:ident: $kind:ty),*) -> $out:ty;)*) => {
        #[async_trait]
        impl<A: Around> Store for A {
            $(async fn $method(&self, $($name: $kind),*) -> Result<$out, StoreError> {
                let done = self.enter(Access::$access).await?.$method($($name),*).await;
                self.leave(Access::$access, done).await
            })*

            async fn commit(&self, commit: Commit) -> Result<(), CommitError> {
                self.commits(commit).await
            }

            async fn probe(&self) -> Result<(), StoreError> {
                self.probes().await
            }

            async fn close(&self) {
                self.closes().await;
            }

            async fn died(&self) {
                self.dies().await;
            }
        }
    };
}

handed_on! {
    Read load(slots: &[Slot]) -> Vec<Option<SlotRow>>;
    Read seen(keys: &[Key]) -> Vec<bool>;
    Read listening() -> Vec<Question>;
    Read due(now: Millis, limit: usize) -> Vec<Job>;
    Read next_due(now: Millis) -> Option<Millis>;
    Write postpone(job: &JobId, due: Millis, attempts: u32) -> ();
    Read unsent(after: Option<&RowId>, limit: usize) -> Vec<Row>;
    Read card(slot: &Slot) -> Option<CardRow>;
    Read card_of_post(post: &PostId) -> Option<CardRow>;
    Read stale_cards(after: Option<&Slot>, limit: usize) -> Vec<CardRow>;
    Settle settle(settled: Vec<Settled>) -> ();
    Read waiting() -> Vec<WaitingRow>;
    Read set_aside(limit: usize) -> Vec<(Row, String)>;
    Read began() -> Option<Millis>;
    Write begin(at: Millis, cursors: Vec<Cursor>) -> ();
    Read cursors(after: Option<&ChannelId>, limit: usize) -> Vec<Cursor>;
    Write move_cursors(cursors: &[Cursor], session: Option<&Session>) -> ();
    Write drop_cursors(channels: &[ChannelId]) -> ();
    Read session() -> Option<Session>;
    Write secret(name: &str, fresh: Vec<u8>) -> Vec<u8>;
    Read list(skill: &str, after: Option<&Slot>, limit: usize) -> Vec<SlotRow>;
    Write prune(now: Millis) -> u64;
}
