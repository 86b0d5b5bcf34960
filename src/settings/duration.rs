//! Durations as people write them: `"2500ms"`, `"30s"`, `"1h 30m"`, `"7d"`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, de::Error};

use super::shown::shown;

/// Reads a duration with units from nanoseconds to weeks; a day is 24 hours.
///
/// # Errors
/// A sentence for people when the text is no duration, has no unit, is negative, or has months
/// or years, which are not always equally long.
///
/// ```
/// use std::time::Duration;
/// use matteractor::skill::duration;
/// assert_eq!(duration::parse("1h 30m"), Ok(Duration::from_secs(5400)));
/// assert!(duration::parse("90").is_err());
/// ```
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || r#"write a number with a unit, such as "250ms", "30s", "5m", "24h" or "7d""#;
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let length = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    Duration::try_from(length).map_err(|_| "a duration can't be negative".to_owned())
}

/// For `#[serde(deserialize_with = "duration::deserialize")]` in a skill's own table.
///
/// # Errors
/// Those of [`parse`], and anything that isn't a string.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).map_err(|fix| D::Error::custom(format!("{} is no duration: {fix}", shown(&text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_with_its_unit() {
        for (text, millis) in [
            ("2500ms", 2_500),
            ("30s", 30_000),
            ("1h", 3_600_000),
            ("1h 30m", 5_400_000),
            ("24h", 86_400_000),
            ("30d", 2_592_000_000),
            ("1w", 604_800_000),
            (" 0s ", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_fixed_length_of_time_is_refused() {
        for text in ["", "30", "s", "-5s", "1mo", "1y", "soon", "999999999999d"] {
            assert!(parse(text).is_err(), "{text:?} was read");
        }
    }
}
