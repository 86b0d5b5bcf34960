use std::time::Duration;

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::skill::{Failure, Millis, escape, shortened};

/// The longest way off that a time may be.
const LONGEST: Duration = Duration::from_secs(180 * 24 * 3600);

/// A time to come that a person gave.
#[derive(Debug, PartialEq)]
pub(super) struct Until {
    /// When.
    pub at: Millis,
    /// As the person would write it, with the time zone.
    pub shown: String,
}

impl Until {
    /// Reads `30m`, `2h`, `1d`, `17:30` or `2026-12-24T18:00`; times of day are in `zone`, an IANA
    /// name, or in UTC where that is unknown. What can't be read, is over, or is more than 180
    /// days off is told to the person.
    pub fn read(text: &str, now: Millis, zone: &str) -> Result<Self, Failure> {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let here = Timestamp::from_millisecond(now.0)?.to_zoned_datetime(zone.clone());
        let at = match duration(text) {
            Some(wait) => now.plus(wait),
            None => {
                let at = moment(text, &here).ok_or_else(|| unreadable(text))?;
                Millis(at.to_zoned_datetime(zone)?.timestamp().as_millisecond())
            }
        };
        if at <= now {
            let shown = escape(&shortened(text));
            return Err(Failure::refuse(format!(
                "{shown} is over already. Give a time to come."
            )));
        }
        if at.since(now) > LONGEST {
            return Err(Failure::refuse("That is more than 180 days away."));
        }
        Ok(Self {
            at,
            shown: shown(at, &here)?,
        })
    }
}

fn unreadable(text: &str) -> Failure {
    Failure::refuse(format!(
        "I can't read the time {}. Try `30m`, `2h`, `1d`, `17:30` or `2026-12-24T18:00`.",
        escape(&shortened(text))
    ))
}

fn duration(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let number: u32 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return None,
    };
    Some(Duration::from_secs(u64::from(number) * seconds))
}

/// A time of today, or of a given day.
fn moment(text: &str, here: &ZonedDateTime) -> Option<DateTime> {
    if let Ok(time) = Time::strptime("%H:%M", text) {
        return Some(here.date().to_datetime(time));
    }
    // Without a time of day it would be midnight, which nobody means.
    text.contains(':').then(|| text.parse().ok())?
}

fn shown(at: Millis, here: &ZonedDateTime) -> Result<String, Failure> {
    let zone = here.time_zone();
    let there = Timestamp::from_millisecond(at.0)?.to_zoned_datetime(zone.clone());
    let name = zone.iana_name().unwrap_or("UTC");
    let day = if there.date() == here.date() {
        "%H:%M"
    } else {
        "%a, %-d %b %Y, %H:%M"
    };
    Ok(format!("{} ({name})", there.strftime(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5 January 2026, 9:00 in UTC.
    const NOW: Millis = Millis(1_767_603_600_000);

    fn minutes(text: &str, zone: &str) -> u64 {
        Until::read(text, NOW, zone)
            .unwrap()
            .at
            .since(NOW)
            .as_secs()
            / 60
    }

    #[test]
    fn times_are_read_in_the_zone_of_the_person() {
        assert_eq!(minutes("30m", ""), 30);
        assert_eq!(minutes("2h", "Europe/Berlin"), 120);
        assert_eq!(minutes("1d", ""), 1440);
        assert_eq!(minutes("17:30", "UTC"), 510);
        assert_eq!(minutes("17:30", "Europe/Berlin"), 450);
        assert_eq!(minutes("17:30", "No/Where"), 510);
        assert_eq!(minutes("2026-01-06T09:00", "America/New_York"), 1440 + 300);
        // Summer time has begun in between.
        assert_eq!(minutes("2026-04-05T11:00", "Europe/Berlin"), 90 * 1440);
    }

    #[test]
    fn a_time_is_shown_with_its_zone_and_with_its_day_where_it_is_not_today() {
        let shown = |text| Until::read(text, NOW, "Europe/Berlin").unwrap().shown;
        assert_eq!(shown("30m"), "10:30 (Europe/Berlin)");
        assert_eq!(shown("1d"), "Tue, 6 Jan 2026, 10:00 (Europe/Berlin)");
    }

    #[test]
    fn what_is_no_time_to_come_is_refused_in_a_sentence() {
        for (text, part) in [
            ("soon", "can't read"),
            ("5", "can't read"),
            ("-5m", "can't read"),
            ("25:00", "can't read"),
            ("2026-12-24", "can't read"),
            ("ü", "can't read"),
            ("", "can't read"),
            ("0m", "over already"),
            ("08:59", "over already"),
            ("2025-12-24T18:00", "over already"),
            ("181d", "180 days"),
            ("4294967295d", "180 days"),
        ] {
            match Until::read(text, NOW, "") {
                Err(Failure::Refused(sentence)) => assert!(sentence.contains(part), "{sentence}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
