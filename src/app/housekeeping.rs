//! What is done now and then, beside the actors.

use std::sync::Arc;
use std::time::Duration;

use super::handshake::read_key;
use super::reach::Reach;
use crate::client::rest::Rest;
use crate::http::{Keys, Refusals};
use crate::store::Store;
use crate::telemetry::PrometheusHandle;
use crate::time::{Time, sleep};

/// How often the server's key is read again, for an admin may have changed it, and the store pruned.
const ROUND: Duration = Duration::from_secs(300);
/// How often counters are tidied up: histograms grow until that is done, whoever reads them or not.
const TIDY: Duration = Duration::from_secs(5);

/// Everything that they need.
pub(super) struct Housekeeping {
    pub rest: Rest,
    pub keys: Keys,
    pub store: Arc<dyn Store>,
    pub metrics: PrometheusHandle,
    pub refusals: Refusals,
    /// Where an address was set that Mattermost shall call.
    pub reach: Option<Reach>,
}

impl Housekeeping {
    /// Does them for ever.
    pub async fn run(self) {
        let tidies = tidy(|| {
            self.metrics.run_upkeep();
            self.refusals.sum_up();
        });
        let reach = self.reach.as_ref();
        tokio::join!(tidies, rounds(&self.rest, &self.keys, &*self.store, reach));
    }
}

async fn tidy(all: impl Fn()) {
    loop {
        sleep(TIDY).await;
        all();
    }
}

async fn rounds(rest: &Rest, keys: &Keys, store: &dyn Store, reach: Option<&Reach>) {
    loop {
        if let Some(reach) = reach {
            reach.look().await;
        }
        match store.prune(Time::wall().now()).await {
            Ok(gone) => tracing::debug!(gone, "the store has forgotten what is past its time"),
            Err(error) => tracing::warn!(%error, "the store can't forget what is past its time"),
        }
        sleep(ROUND).await;
        read_key(rest, keys).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::time::timeout;

    #[tokio::test(start_paused = true)]
    async fn counters_are_tidied_up_although_nobody_reads_them() {
        let times = Cell::new(0);
        let minute = timeout(Duration::from_secs(61), tidy(|| times.set(times.get() + 1)));
        assert!(minute.await.is_err());
        assert_eq!(times.get(), 12);
    }
}
