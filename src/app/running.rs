use std::future::Future;
use std::sync::atomic::Ordering;

use super::start::App;
use crate::actors::guard::Died;

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
        let hooks = self.hooks.serve();
        let housekeeping = actix_web::rt::spawn(self.housekeeping.run());
        let store = self.core.store();
        let ending = tokio::select! {
            ending = ending => Some(ending),
            () = store.died() => None,
        };
        tracing::info!("stopping");
        self.draining.store(true, Ordering::Relaxed);
        housekeeping.abort();
        match ending {
            Some(Ending::InOrder) => {
                self.core.drain().await;
                hooks.stop().await?;
                self.admin.stop().await?;
            }
            Some(Ending::AtOnce) => {
                hooks.close().await?;
                self.admin.close().await?;
            }
            None => return Err(Died("the store's writer").into()),
        }
        Ok(())
    }
}
