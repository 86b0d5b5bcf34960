use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;

use super::start::{App, read_key};
use crate::client::rest::Rest;
use crate::http::Keys;
use crate::store::Store;
use crate::time::{Time, sleep};

/// How often the server's key is read again, for an admin may have changed it, and the store pruned.
const ROUND: Duration = Duration::from_secs(300);

/// How an [`App`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Doors, turns, posts: what was begun is finished, within `limits.drain`.
    InOrder,
    /// Its listeners close, and nothing is finished. The actors and the store end with the actix
    /// system that they run in, which the caller must end next: the two together are to a bot
    /// within a test what kill -9 is to a process.
    AtOnce,
}

impl App {
    /// Serves until `shutdown` is ready, then ends in order: doors, turns, posts.
    ///
    /// # Errors
    /// Where a listener fails, or the store's writer dies.
    pub async fn run_until_stopped(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let ending = async {
            shutdown.await;
            Ending::InOrder
        };
        self.run_until(ending).await
    }

    /// Serves until `ending` is ready, then ends as that says.
    ///
    /// # Errors
    /// Where a listener fails, or the store's writer dies.
    pub async fn run_until(self, ending: impl Future<Output = Ending>) -> anyhow::Result<()> {
        let (hooks, admin) = (self.hooks.handle(), self.admin.handle());
        let serving = actix_web::rt::spawn(self.hooks.server);
        let watched = actix_web::rt::spawn(self.admin.server);
        let rounds = actix_web::rt::spawn(rounds(self.rest, self.keys, self.core.store()));
        let store = self.core.store();
        let ending = tokio::select! {
            ending = ending => Some(ending),
            () = store.died() => None,
        };
        rounds.abort();
        match ending {
            Some(Ending::InOrder) => {
                tracing::info!("stopping");
                self.core.drain().await;
            }
            Some(Ending::AtOnce) => {}
            None => bail!("the store's writer died; start again"),
        }
        let in_order = ending == Some(Ending::InOrder);
        hooks.stop(in_order).await;
        admin.stop(in_order).await;
        serving.await??;
        watched.await??;
        Ok(())
    }
}

/// What is done now and then: the server's key is read again, the store forgets what is past.
async fn rounds(rest: Rest, keys: Keys, store: Arc<dyn Store>) {
    loop {
        match store.prune(Time::wall().now()).await {
            Ok(gone) => tracing::debug!(gone, "the store has forgotten what is past its time"),
            Err(error) => tracing::warn!(%error, "the store can't forget what is past its time"),
        }
        sleep(ROUND).await;
        read_key(&rest, &keys).await;
    }
}
