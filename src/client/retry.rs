//! When to try again: pure arithmetic, with the time and the dice passed in.
//!
//! Times are [`Instant`]s: a jump of the time of day causes no storm of retries.

use std::time::Duration;

use http::HeaderMap;

use crate::time::Instant;

/// The first pause is at most this long…
const FIRST: Duration = Duration::from_millis(500);
/// …and no pause is longer.
const LONGEST: Duration = Duration::from_secs(30);
/// How long a connection must have been healthy before a failure counts as the first one again.
const HEALTHY: Duration = Duration::from_secs(60);
/// No `Retry-After` is believed beyond this: Mattermost's own limiter asks for seconds, and who asks for an hour
/// may mean one call of one kind.
const LONGEST_WISH: Duration = Duration::from_secs(10);
/// The pause after a 429 that doesn't say how long (Mattermost's limiter says 1 s as a rule).
const UNKNOWN_WISH: Duration = Duration::from_secs(1);

/// The longest pause before try `attempt` (0 is the first retry): 0.5 s, doubled each time, at
/// most 30 s.
pub fn ceiling(attempt: u32) -> Duration {
    let factor = 1u32.checked_shl(attempt.min(16)).unwrap_or(u32::MAX);
    FIRST.saturating_mul(factor).min(LONGEST)
}

/// Full jitter: anything from nothing to the [`ceiling`], so that many clients that lost one
/// server at once don't come back at once.
pub fn full_jitter(attempt: u32, rng: &mut fastrand::Rng) -> Duration {
    ceiling(attempt).mul_f64(rng.f64())
}

/// The pause before a retry: what the server asked for, if it did, plus jitter.
pub fn pause(asked: Option<Duration>, attempt: u32, rng: &mut fastrand::Rng) -> Duration {
    match asked {
        Some(asked) => asked + full_jitter(0, rng),
        None => full_jitter(attempt, rng),
    }
}

/// Back-off that forgets its failures only after a minute of health, so that a connection which
/// opens and dies at once is not tried without pause.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
    healthy_since: Option<Instant>,
}

impl Backoff {
    /// Without any failure yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that all is well; the first call after a failure counts.
    pub fn healthy(&mut self, now: Instant) {
        self.healthy_since.get_or_insert(now);
    }

    /// Notes a failure and tells how long to wait before the next try.
    pub fn failed(
        &mut self,
        now: Instant,
        asked: Option<Duration>,
        rng: &mut fastrand::Rng,
    ) -> Duration {
        let since = self.healthy_since.take();
        if since.is_some_and(|since| now.saturating_duration_since(since) >= HEALTHY) {
            self.failures = 0;
        }
        let wait = pause(asked, self.failures, rng);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// How many failures in a row there were.
    #[cfg(test)]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

/// A token bucket that stays below the server's rate limit (Mattermost's default where it is
/// switched on: 10 a second, burst 100; GCRA, counted by remote address).
///
/// What the server's headers say only tightens it: others may share our address, and an admin who
/// wants more says so in the settings.
#[derive(Debug, Clone)]
pub struct RateBudget {
    per_second: f64,
    burst: f64,
    tokens: f64,
    counted_at: Instant,
    closed_until: Option<Instant>,
}

impl RateBudget {
    /// 10 requests a second, 100 at once.
    pub fn new(now: Instant) -> Self {
        Self::with(10.0, 100, now)
    }

    /// A full bucket of `burst` requests, filled at `per_second`; neither is taken below a
    /// minimum of one in 100 seconds and one at once.
    pub fn with(per_second: f64, burst: u32, now: Instant) -> Self {
        let burst = f64::from(burst.max(1));
        Self {
            per_second: per_second.max(0.01),
            burst,
            tokens: burst,
            counted_at: now,
            closed_until: None,
        }
    }

    /// A full bucket with this part of the rate and of the burst.
    pub fn share(&self, rate: f64, burst: f64, now: Instant) -> Self {
        // What was a u32 stays one.
        Self::with(self.per_second * rate, (self.burst * burst) as u32, now)
    }

    /// Takes leave for one request, or tells after which time to ask again.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Err(until - now);
        }
        self.closed_until = None;
        if self.tokens < 1.0 {
            // Rounded up, so that who waits exactly this long finds a token.
            let wait = Duration::from_secs_f64((1.0 - self.tokens) / self.per_second);
            return Err(wait + Duration::from_micros(1));
        }
        self.tokens -= 1.0;
        Ok(())
    }

    /// How many requests could be sent at once.
    #[cfg(test)]
    pub fn left(&mut self, now: Instant) -> u32 {
        self.refill(now);
        // Between 0 and `burst`, which was a u32.
        if self.closed_until.is_some_and(|until| until > now) {
            0
        } else {
            self.tokens as u32
        }
    }

    /// Learns from the headers of any answer.
    pub fn learn(&mut self, seen: RateHeaders, now: Instant) {
        self.refill(now);
        if let Some(limit) = seen.limit {
            // The header shows burst + 1.
            self.burst = self.burst.min(f64::from(limit.saturating_sub(1).max(1)));
        }
        let left = seen.remaining.map_or(self.burst, f64::from);
        self.tokens = self.tokens.min(left).min(self.burst);
    }

    /// Learns of a 429: nothing is sent for as long as the server asked.
    pub fn refused(&mut self, retry_after: Option<Duration>, now: Instant) {
        self.refill(now);
        self.tokens = 0.0;
        let until = now + retry_after.unwrap_or(UNKNOWN_WISH);
        self.closed_until = self.closed_until.max(Some(until));
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.counted_at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.per_second).min(self.burst);
        self.counted_at = self.counted_at.max(now);
    }
}

/// What an answer says about the rate limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// `X-RateLimit-Limit`: burst + 1.
    pub limit: Option<u32>,
    /// `X-RateLimit-Remaining`: requests that could still be sent at once.
    pub remaining: Option<u32>,
}

impl RateHeaders {
    /// Reads the headers. With `VaryByUser` a server sends each of them twice, or as one of the
    /// form `21, 21`: the smaller one counts. Garbage counts as absent.
    pub fn read(headers: &HeaderMap) -> Self {
        let smallest = |name: &str| {
            let values = headers
                .get_all(name)
                .into_iter()
                .filter_map(|value| value.to_str().ok());
            values
                .flat_map(|value| value.split(','))
                .filter_map(|n| n.trim().parse().ok())
                .min()
        };
        Self {
            limit: smallest("x-ratelimit-limit"),
            remaining: smallest("x-ratelimit-remaining"),
        }
    }
}

/// Reads `Retry-After` in seconds; of several the longest. A date or garbage counts as absent, and
/// more than ten minutes as ten minutes.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let values = headers
        .get_all(http::header::RETRY_AFTER)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let seconds = values
        .flat_map(|value| value.split(','))
        .filter_map(|n| n.trim().parse::<u64>().ok());
    seconds
        .max()
        .map(|n| Duration::from_secs(n).min(LONGEST_WISH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |&(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        list.iter().map(pair).collect()
    }

    #[test]
    fn the_ceiling_doubles_from_half_a_second_to_thirty() {
        let table = [
            (0, 500),
            (1, 1_000),
            (2, 2_000),
            (3, 4_000),
            (4, 8_000),
            (5, 16_000),
            (6, 30_000),
            (7, 30_000),
        ];
        for (attempt, expected) in table {
            assert_eq!(ceiling(attempt), ms(expected), "attempt {attempt}");
        }
        assert_eq!(ceiling(u32::MAX), LONGEST);
    }

    #[test]
    fn jitter_uses_the_whole_range_below_the_ceiling() {
        let mut rng = fastrand::Rng::with_seed(1);
        let pauses: Vec<_> = (0..1000).map(|_| full_jitter(3, &mut rng)).collect();
        assert!(pauses.iter().all(|p| *p <= ms(4_000)));
        assert!(pauses.iter().any(|p| *p < ms(400)) && pauses.iter().any(|p| *p > ms(3_600)));
    }

    #[test]
    fn what_the_server_asked_for_is_never_cut_short() {
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..100 {
            let wait = pause(Some(ms(7_000)), 9, &mut rng);
            assert!(wait >= ms(7_000) && wait <= ms(7_500), "{wait:?}");
        }
    }

    #[test]
    fn failures_are_forgotten_only_after_a_minute_of_health() {
        let t0 = Instant::now();
        for (healthy_for, expected) in [(0, 4), (59_999, 4), (60_000, 1), (600_000, 1)] {
            let (mut backoff, mut rng) = (Backoff::new(), fastrand::Rng::with_seed(1));
            for _ in 0..3 {
                backoff.failed(t0, None, &mut rng);
            }
            backoff.healthy(t0);
            backoff.healthy(t0 + ms(healthy_for));
            let wait = backoff.failed(t0 + ms(healthy_for), None, &mut rng);
            assert_eq!(backoff.failures(), expected, "healthy for {healthy_for} ms");
            assert!(wait <= ceiling(expected - 1));
        }
    }

    #[test]
    fn the_budget_gives_its_burst_and_then_one_at_a_time() {
        let t0 = Instant::now();
        let mut budget = RateBudget::new(t0);
        for i in 0..100 {
            assert_eq!(budget.take(t0), Ok(()), "request {i}");
        }
        let wait = budget.take(t0).unwrap_err();
        assert!(wait > ms(99) && wait < ms(101), "{wait:?}");
        assert_eq!(budget.take(t0 + wait), Ok(()));
        assert!(budget.take(t0 + wait).is_err());
        assert_eq!(budget.left(t0 + ms(5_100)), 50);
        assert_eq!(budget.left(t0 + ms(3_600_000)), 100);
    }

    #[test]
    fn what_the_server_says_tightens_the_budget_and_never_widens_it() {
        let t0 = Instant::now();
        let table = [
            (headers(&[]), 100),
            (
                headers(&[("x-ratelimit-limit", "21"), ("x-ratelimit-remaining", "19")]),
                19,
            ),
            (
                headers(&[
                    ("x-ratelimit-limit", "21, 21"),
                    ("x-ratelimit-remaining", "20, 7"),
                ]),
                7,
            ),
            (
                headers(&[
                    ("x-ratelimit-remaining", "20"),
                    ("x-ratelimit-remaining", "3"),
                ]),
                3,
            ),
            (headers(&[("x-ratelimit-limit", "21")]), 20),
            (
                headers(&[
                    ("x-ratelimit-limit", "1001"),
                    ("x-ratelimit-remaining", "900"),
                ]),
                100,
            ),
            (
                headers(&[
                    ("x-ratelimit-limit", "soon"),
                    ("x-ratelimit-remaining", "-4"),
                ]),
                100,
            ),
            (
                headers(&[("x-ratelimit-limit", "0"), ("x-ratelimit-remaining", "0")]),
                0,
            ),
        ];
        for (seen, left) in table {
            let mut budget = RateBudget::new(t0);
            budget.learn(RateHeaders::read(&seen), t0);
            assert_eq!(budget.left(t0), left, "{seen:?}");
        }
    }

    #[test]
    fn a_429_closes_the_budget_for_as_long_as_it_says() {
        let t0 = Instant::now();
        for (asked, wait) in [(Some(ms(3_000)), 3_000), (Some(ms(0)), 100), (None, 1_000)] {
            let mut budget = RateBudget::new(t0);
            budget.refused(asked, t0);
            assert_eq!(budget.left(t0), 0);
            let told = budget.take(t0).unwrap_err();
            assert!(
                told >= ms(wait) && told <= ms(wait + 1),
                "{asked:?}: {told:?}"
            );
            assert_eq!(budget.take(t0 + told), Ok(()));
        }
    }

    #[test]
    fn a_later_refusal_does_not_shorten_an_earlier_one() {
        let t0 = Instant::now();
        let mut budget = RateBudget::new(t0);
        budget.refused(Some(ms(30_000)), t0);
        budget.refused(Some(ms(1_000)), t0);
        assert_eq!(budget.take(t0), Err(ms(30_000)));
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_garbage_is_absent() {
        let table = [
            ("0", Some(0)),
            ("1", Some(1)),
            ("1, 9", Some(9)),
            (" 7 ", Some(7)),
            ("86400", Some(10)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ];
        for (value, expected) in table {
            let seen = headers(&[("retry-after", value)]);
            assert_eq!(
                retry_after(&seen),
                expected.map(Duration::from_secs),
                "{value:?}"
            );
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
