use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use super::zone::{called, name_of};
use crate::skill::Failure;

/// The last minute of a day, however its clocks are changed.
pub(super) fn end_of(day: Date, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let last = zone.to_ambiguous_timestamp(day.at(23, 59, 0, 0));
    let at = match last.offset() {
        AmbiguousOffset::Gap { .. } => {
            let next = day.tomorrow()?.to_zoned_datetime(zone.clone())?;
            next.timestamp().checked_sub(SignedDuration::from_mins(1))?
        }
        _ => last.later()?,
    };
    if zone.to_datetime(at).date() == day {
        return Ok(at);
    }
    Err(Failure::Refused(format!(
        "There is no {} in {}, as its calendar leaves that day out.",
        day.strftime("%-d %B %Y"),
        name_of(zone)
    )))
}

/// When the clocks of a place show a time, which it may do never or twice where summer time begins or ends.
pub(super) fn instant(
    wall: DateTime,
    ends_day: bool,
    offset: Option<Offset>,
    here: &ZonedDateTime,
) -> Result<Timestamp, Failure> {
    let zone = here.time_zone();
    let found = zone.to_ambiguous_timestamp(wall);
    if let Some(offset) = offset {
        return with_offset(wall, offset, zone);
    }
    let (day, time, name) = (
        wall.strftime("%-d %B %Y"),
        wall.strftime("%H:%M"),
        name_of(zone),
    );
    match found.offset() {
        // A day ends once.
        _ if ends_day => Ok(found.compatible()?),
        AmbiguousOffset::Gap { .. } => Err(Failure::Refused(format!(
            "On {day} there is no {time} in {name}, as the clocks are put forward."
        ))),
        AmbiguousOffset::Fold { before, after }
            if before.to_timestamp(wall)? > here.timestamp() =>
        {
            Err(Failure::Refused(format!(
                "On {day} it is {time} twice in {name}, as the clocks are put back. Write `{time}{}` or \
                 `{time}{}`.",
                called(before),
                called(after)
            )))
        }
        _ => Ok(found.later()?),
    }
}

fn with_offset(wall: DateTime, offset: Offset, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let at = offset.to_timestamp(wall)?;
    if zone.to_offset(at) == offset {
        return Ok(at);
    }
    Err(Failure::Refused(format!(
        "On {} the offset in {} isn't {}. Leave one of them out.",
        wall.strftime("%-d %B %Y"),
        name_of(zone),
        called(offset)
    )))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZoneDatabase;

    use crate::skill::{Failure, Millis};
    use crate::skills::poll::until::Until;

    /// What a person reads who types this in a place when it is that time in UTC.
    fn read(text: &str, zone: &str, now: &str) -> String {
        // What a machine knows of zones may be old.
        let home = TimeZoneDatabase::bundled().get(zone);
        let home = home.map_err(|error| error.to_string());
        let now: Timestamp = now.parse().unwrap();
        match Until::read(text, Millis(now.as_millisecond()), &home) {
            Ok(until) => {
                let at = Timestamp::from_millisecond(until.at.0).unwrap();
                format!("{at} {}", until.shown)
            }
            Err(Failure::Refused(sentence)) => sentence,
            Err(other) => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_day_lasts_to_its_last_minute_where_clocks_are_changed_at_midnight() {
        for (text, zone, now, ends) in [
            // 23:59 comes twice.
            (
                "2023-10-26",
                "Africa/Cairo",
                "2023-10-01T00:00Z",
                "2023-10-26T21:59:00Z Thu, 26 Oct 2023, 23:59",
            ),
            (
                "29 Oct",
                "Asia/Beirut",
                "2022-10-01T00:00Z",
                "2022-10-29T21:59:00Z Sat, 29 Oct 2022, 23:59",
            ),
            (
                "2018-02-17",
                "America/Sao_Paulo",
                "2018-02-01T00:00Z",
                "2018-02-18T02:59:00Z Sat, 17 Feb 2018, 23:59",
            ),
            // The next day begins at 1:00, or its first hour comes twice.
            (
                "2018-11-03",
                "America/Sao_Paulo",
                "2018-11-01T00:00Z",
                "2018-11-04T02:59:00Z Sat, 3 Nov 2018, 23:59",
            ),
            (
                "2023-11-04",
                "America/Havana",
                "2023-10-01T00:00Z",
                "2023-11-05T03:59:00Z Sat, 4 Nov 2023, 23:59",
            ),
            (
                "2023-11-05",
                "America/Havana",
                "2023-10-01T00:00Z",
                "2023-11-06T04:59:00Z Sun, 5 Nov 2023, 23:59",
            ),
            // There is no 23:59.
            (
                "2024-03-30",
                "America/Nuuk",
                "2024-03-01T00:00Z",
                "2024-03-31T00:59:00Z Sat, 30 Mar 2024, 22:59",
            ),
            (
                "saturday",
                "America/Nuuk",
                "2024-03-30T12:00Z",
                "2024-03-31T00:59:00Z 22:59",
            ),
        ] {
            let read = read(text, zone, now);
            assert_eq!(read, format!("{ends} ({zone})"), "{text}");
        }
        assert_eq!(
            read("2011-12-30", "Pacific/Apia", "2011-12-01T00:00Z"),
            "There is no 30 December 2011 in Pacific/Apia, as its calendar leaves that day out."
        );
    }

    #[test]
    fn a_day_is_not_over_before_its_last_minute() {
        // It is 23:30 for the first time, or for the second.
        for now in ["2023-10-26T20:30Z", "2023-10-26T21:30Z"] {
            for text in ["today", "thursday", "26 Oct", "2023-10-26"] {
                let read = read(text, "Africa/Cairo", now);
                assert_eq!(read, "2023-10-26T21:59:00Z 23:59 (Africa/Cairo)", "{text}");
            }
        }
        let over = read("2023-10-26", "Africa/Cairo", "2023-10-26T22:00Z");
        assert_eq!(
            over,
            "2023-10-26 is over already: it is Fri, 27 Oct 2023, 00:00 (Africa/Cairo). Give a time to come."
        );
    }

    #[test]
    fn of_a_time_that_comes_twice_the_second_is_meant_once_the_first_is_over() {
        let twice = "On 26 October 2023 it is 23:15 twice in Africa/Cairo, as the clocks are put back. Write \
            `23:15+03:00` or `23:15+02:00`.";
        let second = "2023-10-26T21:15:00Z 23:15 (Africa/Cairo)";
        for (now, told) in [
            ("2023-10-26T20:00Z", twice),
            ("2023-10-26T20:30Z", second),
            ("2023-10-26T21:10Z", second),
        ] {
            for text in ["23:15", "thursday 23:15", "26 Oct 23:15"] {
                assert_eq!(read(text, "Africa/Cairo", now), told, "{text} {now}");
            }
        }
        assert!(read("23:15", "Africa/Cairo", "2023-10-26T21:15Z").contains("is over already"));
    }

    #[test]
    fn a_day_ends_once_at_24_hours() {
        for (text, zone, now, at) in [
            (
                "2018-11-03 24:00",
                "America/Sao_Paulo",
                "2018-11-01T00:00Z",
                "2018-11-04T03:00:00Z",
            ),
            (
                "2023-11-04 24:00",
                "America/Havana",
                "2023-10-01T00:00Z",
                "2023-11-05T04:00:00Z",
            ),
            (
                "2023-10-26 24:00",
                "Africa/Cairo",
                "2023-10-01T00:00Z",
                "2023-10-26T22:00:00Z",
            ),
        ] {
            assert!(read(text, zone, now).starts_with(at), "{text}");
        }
        let gap = read("2018-11-04 0:00", "America/Sao_Paulo", "2018-11-01T00:00Z");
        assert!(
            gap.starts_with("On 4 November 2018 there is no 00:00"),
            "{gap}"
        );
    }
}
