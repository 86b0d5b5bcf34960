use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::ended::Aside;
use crate::client::error::RestError;
use crate::sentences::unposted::why;
use crate::time::{Instant, instant};

/// For how long a row alone isn't taken before it is given up.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// How much of that one post that was taken meanwhile speaks for: the edges of an outage, where some get through
/// and others don't, are shorter than all of it.
const STRIDE: Duration = Duration::from_secs(150);

/// How many posts of this process Mattermost has taken, whatever their rows.
#[derive(Clone, Debug, Default)]
pub struct TakenPosts(Arc<AtomicU64>);

impl TakenPosts {
    pub(super) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a row's tries meet, beside those of others. Answers that aren't final mean "later"; but where others get
/// through and this one doesn't, it is about the row: a proxy that refuses its text, a server that fails over it.
/// It would silence its channel for ever.
#[derive(Debug)]
pub(super) struct Alone {
    taken: TakenPosts,
    met: Option<RefusalsMet>,
}

#[derive(Debug)]
struct RefusalsMet {
    /// How many posts were taken by the last try.
    taken: u64,
    /// When another post had been taken between two tries last.
    spoken: Option<Instant>,
    /// For how long others were taken and this one wasn't.
    alone: Duration,
    /// The last answer.
    answer: String,
}

impl Alone {
    pub fn among(taken: &TakenPosts) -> Self {
        Self {
            taken: taken.clone(),
            met: None,
        }
    }

    /// A try has failed.
    pub fn met(&mut self, error: &RestError) {
        match error {
            // Too many calls, or the same one twice: that says nothing.
            RestError::RateLimited { .. }
            | RestError::DedupPending
            | RestError::Foreign { status: 429, .. } => {}
            // A connection that fails, or a token: that is about everything.
            RestError::NotSent(_)
            | RestError::Ambiguous(_)
            | RestError::Unauthorized
            | RestError::NotOurs
            | RestError::Foreign { status: 401, .. } => self.met = None,
            RestError::Server { .. }
            | RestError::Foreign { .. }
            | RestError::Refused { .. }
            | RestError::Malformed(_) => self.answered(error.to_string()),
        }
    }

    fn answered(&mut self, answer: String) {
        let (now, taken) = (instant(), self.taken.count());
        let met = self.met.get_or_insert_with(|| RefusalsMet {
            taken,
            spoken: None,
            alone: Duration::ZERO,
            answer: String::new(),
        });
        met.answer = answer;
        if std::mem::replace(&mut met.taken, taken) == taken {
            return;
        }
        if let Some(last) = met.spoken.replace(now) {
            met.alone += now.saturating_duration_since(last).min(STRIDE);
        }
    }

    /// Why the row can never leave, once that is plain.
    pub fn aside(&self) -> Option<Aside> {
        let met = self.met.as_ref().filter(|met| met.alone >= LIFE)?;
        Some(Aside::because(why::alone_refused(
            LIFE.as_secs() / 60,
            &met.answer,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::sleep;

    const TRIES: Duration = Duration::from_secs(20);

    fn page(status: u16) -> RestError {
        RestError::Foreign {
            status,
            address: "http://chat.example/api/v4/posts".into(),
            line: "blocked".into(),
        }
    }

    fn failure() -> RestError {
        RestError::Server {
            status: 500,
            id: "app.post.save.app_error".into(),
        }
    }

    struct Row {
        taken: TakenPosts,
        alone: Alone,
    }

    impl Row {
        fn new() -> Self {
            let taken = TakenPosts::default();
            let alone = Alone::among(&taken);
            Self { taken, alone }
        }

        /// So many tries; whether another post is taken before each.
        async fn tries(&mut self, times: u32, error: &RestError, others: bool) {
            for _ in 0..times {
                sleep(TRIES).await;
                if others {
                    self.taken.note();
                }
                self.alone.met(error);
            }
        }

        fn why(&self) -> String {
            self.alone.aside().map_or(String::new(), |it| it.reason)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_that_alone_is_not_taken_for_ten_minutes_is_given_up_with_the_last_answer() {
        for error in [page(403), failure()] {
            let mut row = Row::new();
            row.tries(31, &error, true).await;
            assert_eq!(row.why(), "");
            row.tries(1, &error, true).await;
            let expected = "other posts were taken for 10 minutes, and this one wasn't: ";
            assert_eq!(row.why(), format!("{expected}{error}"));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn in_an_outage_no_row_is_given_up() {
        let mut row = Row::new();
        row.tries(3, &failure(), true).await;
        row.tries(300, &failure(), false).await;
        row.tries(6, &failure(), true).await;
        row.tries(300, &page(502), false).await;
        assert_eq!(row.why(), "", "some got through at its edges");
    }

    #[tokio::test(start_paused = true)]
    async fn where_little_else_is_posted_a_few_posts_are_enough() {
        let mut row = Row::new();
        for _ in 0..5 {
            assert_eq!(row.why(), "");
            row.tries(100, &failure(), false).await;
            row.tries(1, &failure(), true).await;
        }
        assert!(row.why().contains("app.post.save"), "{}", row.why());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_fails_begins_it_anew_and_a_limit_does_not() {
        let (limit, cut) = (
            RestError::RateLimited { retry_after: None },
            RestError::Ambiguous("reset".into()),
        );
        for (between, given_up) in [
            (limit, true),
            (page(429), true),
            (cut, false),
            (page(401), false),
            (RestError::Unauthorized, false),
        ] {
            let mut row = Row::new();
            row.tries(20, &failure(), true).await;
            row.tries(1, &between, true).await;
            row.tries(20, &failure(), true).await;
            assert_eq!(row.why() != "", given_up, "{between}");
        }
    }
}
