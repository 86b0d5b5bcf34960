//! How far Mattermost's clock is from ours.

use std::sync::atomic::{AtomicI64, Ordering};

use http::HeaderMap;
use http::header::DATE;
use jiff::fmt::rfc2822;

use crate::model::ids::Millis;

/// From so many milliseconds on the admin should know: answers take their time, and people read minutes.
const MUCH: i64 = 60_000;

/// As the `Date` of the last answer told; it has seconds.
#[derive(Debug, Default)]
pub(super) struct Clocks(AtomicI64);

impl Clocks {
    /// An answer of Mattermost's own has come.
    pub fn learn(&self, headers: &HeaderMap, now: Millis) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| rfc2822::parse(date).ok()) else {
            return;
        };
        let ahead = date.timestamp().as_millisecond().saturating_sub(now.0);
        let before = self.0.swap(ahead, Ordering::Relaxed);
        match (told(before), told(ahead)) {
            (None, Some(sentence)) => tracing::warn!("{sentence}"),
            (Some(_), None) => {
                tracing::info!("this machine's clock agrees with Mattermost's again")
            }
            _ => {}
        }
    }

    /// How many milliseconds Mattermost's is ahead; 0 where nothing is known.
    pub fn ahead(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// A sentence where they differ by more than a minute.
    pub fn sentence(&self) -> Option<String> {
        told(self.ahead())
    }
}

fn told(ahead: i64) -> Option<String> {
    let (apart, how) = match ahead {
        0.. => (ahead, "behind"),
        _ => (-ahead, "ahead of"),
    };
    let told = match apart {
        ..7_200_000 => format!("{} s", apart / 1_000),
        _ => format!("{} hours", apart / 3_600_000),
    };
    (apart > MUCH).then(|| format!(
        "this machine's clock is {told} {how} Mattermost's: when polls end and whether a call is fresh is told by \
         it. Set the one that is wrong"
    ))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// When this was: Mon, 30 Nov 2026 02:15:17 GMT.
    const AT: i64 = 1_796_004_917_000;

    fn after(date: &str, now: i64) -> Clocks {
        let clocks = Clocks::default();
        let mut headers = HeaderMap::new();
        headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        clocks.learn(&headers, Millis(now));
        clocks
    }

    #[test]
    fn how_far_the_clocks_are_apart_is_told_from_a_minute_on() {
        let date = "Mon, 30 Nov 2026 02:15:17 GMT";
        for (ours, ahead, told) in [
            (AT, 0, None),
            (AT + 59_000, -59_000, None),
            (AT - 61_000, 61_000, Some("61 s behind Mattermost's")),
            (
                AT + 3_600_000,
                -3_600_000,
                Some("3600 s ahead of Mattermost's"),
            ),
            (
                AT - 90_000_000,
                90_000_000,
                Some("25 hours behind Mattermost's"),
            ),
        ] {
            let clocks = after(date, ours);
            assert_eq!(clocks.ahead(), ahead);
            let sentence = clocks.sentence();
            assert_eq!(sentence.is_some(), told.is_some(), "{sentence:?}");
            assert!(
                sentence
                    .unwrap_or_default()
                    .contains(told.unwrap_or_default())
            );
        }
        for date in ["", "yesterday", "2026-11-30T02:15:17Z"] {
            assert_eq!(after(date, AT - 61_000).ahead(), 0, "{date}");
        }
    }
}
