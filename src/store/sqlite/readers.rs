//! Connections that read, on whichever thread may wait for the disk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::connect;
use super::fault::Fault;
use crate::store::{StoreError, blocking};
use crate::time::timeout;

/// How many reads run at once.
const READERS: u32 = 2;
/// How long a read waits for others to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A few connections, opened when they are needed.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    /// A permit for each read that runs.
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn new(path: &Path) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_owned(),
            turns: Arc::new(Semaphore::new(READERS as usize)),
            idle: Mutex::default(),
        })
    }

    /// Reads: here, if this thread may wait for the disk, else on one of the runtime's that may.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.turn().await?;
        let found = if blocking::is_allowed() {
            self.run(read)
        } else {
            let readers = self.clone();
            // The turn ends with the read, also where nobody waits for it any more.
            let elsewhere = spawn_blocking(move || (readers.run(read), turn).0);
            let found = elsewhere.await;
            found.unwrap_or_else(|error| Err(Fault(unavailable(&error.to_string()))))
        };
        found.map_err(|fault| fault.at(&self.path).into())
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| unavailable("others have been reading for too long"))?;
        turn.map_err(|_| StoreError::closed())
    }

    fn run<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect::to_read(&self.path)?,
        };
        let found = read(&connection)?;
        // What has failed is opened anew.
        self.idle().push(connection);
        Ok(found)
    }

    /// Begins no more reads, and closes the connections once those that run have ended.
    pub async fn close(&self) {
        if let Ok(all) = self.turns.acquire_many(READERS).await {
            self.turns.close();
            drop(all);
        }
        self.drop_idle();
    }

    /// Closes what isn't in use.
    pub fn drop_idle(&self) {
        let idle = std::mem::take(&mut *self.idle());
        drop(idle);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        // Nothing panics half way through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable(text: &str) -> StoreError {
    StoreError::Unavailable(text.to_owned())
}
