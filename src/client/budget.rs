//! The rate budget that all calls share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tokio::sync::Mutex as Turnstile;

use super::retry::{RateBudget, RateHeaders, retry_after};
use crate::time::{instant, sleep};

/// A [`RateBudget`] for many. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<RateBudget>,
    /// Lets one wait at a time, in the order of coming, so that nobody is overtaken for ever.
    turnstile: Turnstile<()>,
}

impl Budget {
    /// Shares `budget`.
    pub fn new(budget: RateBudget) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(budget),
            turnstile: Turnstile::new(()),
        }))
    }

    /// Takes leave for one request now, or tells after which time to ask again.
    pub fn take(&self) -> Result<(), Duration> {
        self.state().take(instant())
    }

    /// Waits for leave for one request.
    pub async fn wait(&self) {
        let _turn = self.0.turnstile.lock().await;
        while let Err(wait) = self.take() {
            sleep(wait).await;
        }
    }

    /// How many requests could be sent at once.
    #[cfg(test)]
    pub fn left(&self) -> u32 {
        self.state().left(instant())
    }

    /// A bucket of its own that has this part of the rate, and of what may come at once.
    pub(super) fn share(&self, rate: f64, burst: f64) -> RateBudget {
        self.state().share(rate, burst, instant())
    }

    /// Learns from an answer. Proxies send `Retry-After` with a 503, too.
    pub(super) fn learn(&self, status: StatusCode, headers: &HeaderMap) {
        let (now, mut state) = (instant(), self.state());
        state.learn(RateHeaders::read(headers), now);
        let asked = retry_after(headers);
        let busy = status == StatusCode::SERVICE_UNAVAILABLE && asked.is_some();
        if status == StatusCode::TOO_MANY_REQUESTS || busy {
            state.refused(asked, now);
        }
    }

    fn state(&self) -> MutexGuard<'_, RateBudget> {
        // A count that a panic left behind is still a count.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Budget {
    /// 10 requests a second, 100 at once.
    fn default() -> Self {
        Self::new(RateBudget::new(instant()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[tokio::test(start_paused = true)]
    async fn who_waits_gets_leave_in_time_and_in_order() {
        let budget = Budget::new(RateBudget::with(10.0, 1, instant()));
        let start = instant();
        let waits = (0..5).map(|i| {
            let budget = budget.clone();
            async move {
                budget.wait().await;
                (i, start.elapsed().as_millis() / 90)
            }
        });
        let order = futures_util::future::join_all(waits).await;
        assert_eq!(order, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_late_does_not_overtake() {
        let budget = Budget::new(RateBudget::with(10.0, 1, instant()));
        budget.wait().await;
        let start = instant();
        let late = async {
            sleep(Duration::from_millis(101)).await;
            budget.wait().await;
            start.elapsed()
        };
        let early = async {
            budget.wait().await;
            start.elapsed()
        };
        let (late, early) = futures_util::future::join(late, early).await;
        assert!(early < late, "{early:?} {late:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_and_a_503_that_says_how_long_make_everybody_wait() {
        let headers =
            HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static("7"))]);
        for (status, headers, seconds) in [
            (StatusCode::TOO_MANY_REQUESTS, &headers, 7),
            (StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), 1),
            (StatusCode::SERVICE_UNAVAILABLE, &headers, 7),
            (StatusCode::SERVICE_UNAVAILABLE, &HeaderMap::new(), 0),
            (StatusCode::OK, &headers, 0),
        ] {
            let (budget, start) = (Budget::default(), instant());
            budget.learn(status, headers);
            budget.wait().await;
            assert_eq!(start.elapsed().as_secs(), seconds, "{status} {headers:?}");
        }
    }
}
