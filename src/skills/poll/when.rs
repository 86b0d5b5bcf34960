use std::sync::LazyLock;

use jiff::Span;
use jiff::civil::Weekday;
use jiff::tz::Offset;
use regex::{Captures, Regex};

use super::calendar::{ClockTime, Day, date, read_clock, read_day};
use super::option::pattern;
use super::zone::{self, Written};
use crate::skill::narrow;

/// What a person wrote of a time to come.
#[derive(Debug)]
pub(super) enum When {
    /// So long from now.
    In(Span),
    /// A day, a time of it, or both, and perhaps the zone that they are meant in.
    At {
        day: Option<Day>,
        /// Beside another day.
        weekday: Option<Weekday>,
        time: Option<ClockTime>,
        zone: Option<Written>,
        /// Beside the zone's name.
        offset: Option<Offset>,
    },
    /// Further away than any time can be.
    TooFar,
    /// `17h30`: a time of day for some, and for others how long it is yet.
    Unclear { hours: u16, minutes: u8 },
}

impl When {
    /// Reads all of a text: `2h 30m`, `17:30`, `5 pm`, `tomorrow 9:00`, `friday`, `24 Dec 18:00`,
    /// `2026-12-24T18:00+09:00`, `Thu, 24 Dec 2026, 18:00 (Europe/Berlin)`, …; `None` where any of it is something else.
    pub fn read(text: &str) -> Option<Self> {
        if let Some(unclear) = half_a_day(text) {
            return Some(unclear);
        }
        let text = plain(text);
        let words: Vec<_> = text.split_whitespace().collect();
        let found = moment(&words).or_else(|| duration(&words));
        found.or_else(|| with_hours(&words))
    }
}

/// `17 Uhr`, `17.30 Uhr`, `17 Uhr 30`
static UHR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?<h>\d{1,2})(?:[:.](?<m>\d{2}) ?uhr\b| ?uhr\b(?: (?<n>\d{2})\b)?)")
});
/// `17:30 h`
static CLOCK_H: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{1,2}:\d{2}) ?h\b"));
/// `17h`, `17h30`, `17 h 30`
static HOURS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{1,3}) ?h(?: ?(\d{2}))?(?:\b|$)"));
/// `1:30h`, which is a time of day for some, and an hour and a half for others; `17:30 h` isn't.
static SHORT_H: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:in\s+)?(0?\d|1[0-2]):(\d{2})\s?h\s*$"));
/// Words before a time of day.
const AT: [&str; 4] = ["at", "on", "um", "à"];

/// Small letters of one width, with spaces where the parts of a time may touch.
fn plain(text: &str) -> String {
    let letters = text.chars().map(|c| match c {
        ',' | '，' | '、' => ' ',
        c if super::flags::is_dash(c) => '-',
        c => narrow(c),
    });
    let text = letters.collect::<String>().to_lowercase();
    let text = text.replace("p.m.", "pm").replace("a.m.", "am");
    let text = UHR.replace_all(&text, |found: &Captures<'_>| {
        let minutes = found.name("m").or(found.name("n"));
        format!(
            "{}:{}",
            &found["h"],
            minutes.map_or("00", |part| part.as_str())
        )
    });
    let text = CLOCK_H.replace_all(&text, "$1");
    text.replace('[', " [").replace('(', " (")
}

fn half_a_day(text: &str) -> Option<When> {
    let text: String = text.chars().map(narrow).collect();
    let text = text.to_lowercase();
    let found = SHORT_H.captures(&text)?;
    Some(When::Unclear {
        hours: found[1].parse().ok()?,
        minutes: found[2].parse().ok()?,
    })
}

/// A day, a time and a zone, in any order.
fn moment(words: &[&str]) -> Option<When> {
    let (mut day, mut weekday, mut time) = (None, None, None);
    let (mut zone, mut offset) = (None, None);
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        let (mut found_day, mut found_time, mut found_zone) = (None, None, None);
        rest = after;
        if AT.contains(word) && !after.is_empty() {
            continue;
        } else if let Some((found, after)) = read_day(word, after) {
            (found_day, rest) = (Some(found), after);
        } else if let Some((found, after)) = read_clock(word, after) {
            (found_time, rest) = (Some(found), after);
        } else if let Some(found) = day.and_then(|day| with_dot(word, day)) {
            found_time = Some(found);
        } else if let Some((date, clock, zone)) = joined(word) {
            (found_day, found_time, found_zone) = (date, Some(clock), zone);
        } else {
            found_zone = Some(zone::written(word)?);
        }
        put_day(&mut day, &mut weekday, found_day)?;
        put(&mut time, found_time)?;
        match (&zone, &found_zone) {
            (Some(Written::Fixed(written, _)), Some(Written::Named(_))) if offset.is_none() => {
                offset = Some(*written);
                zone = found_zone;
            }
            _ => put(&mut zone, found_zone)?,
        }
    }
    let of_day = zone.is_none() || offset.is_none() && zone.as_ref().is_some_and(has_name);
    (time.is_some() || day.is_some() && of_day).then_some(When::At {
        day,
        weekday,
        time,
        zone,
        offset,
    })
}

/// Whether a zone can stand behind a day alone: an offset there, such as `+2`, may be a span of time as well.
fn has_name(zone: &Written) -> bool {
    match zone {
        Written::Fixed(_, name) => name.starts_with(|c: char| c.is_ascii_alphabetic()),
        Written::Named(_) | Written::Ambiguous(_) => true,
    }
}

/// `18.00` behind a day; behind one of the week `10.12` may be a day as well.
fn with_dot(word: &str, day: Day) -> Option<ClockTime> {
    let (hours, minutes) = word.split_once('.')?;
    let is_month = minutes
        .parse()
        .is_ok_and(|month: u8| (1..=12).contains(&month));
    let clear = minutes.len() == 2 && !(is_month && matches!(day, Day::Weekday(_)));
    let (clock, _) = read_clock(&format!("{hours}:{minutes}"), &[]).filter(|_| clear)?;
    Some(clock)
}

/// Notes a day, once; a day of the week may stand beside another one.
fn put_day(
    known: &mut Option<Day>,
    weekday: &mut Option<Weekday>,
    found: Option<Day>,
) -> Option<()> {
    let beside = match (*known, found) {
        (Some(Day::Weekday(_)), Some(Day::Weekday(_))) => None,
        (Some(Day::Weekday(name)), Some(day)) | (Some(day), Some(Day::Weekday(name))) => {
            Some((day, name))
        }
        _ => None,
    };
    let Some((day, name)) = beside else {
        return put(known, found);
    };
    *known = Some(day);
    put(weekday, Some(name))
}

/// Notes what was found, once.
fn put<T>(known: &mut Option<T>, found: Option<T>) -> Option<()> {
    match (&known, found) {
        (_, None) => Some(()),
        (None, found) => {
            *known = found;
            Some(())
        }
        (Some(_), Some(_)) => None,
    }
}

/// What is written as one word: `2026-12-24t18:00`, `18:00+09:00`, `18:00z`.
fn joined(word: &str) -> Option<(Option<Day>, ClockTime, Option<Written>)> {
    let (day, word) = match word.split_once('t') {
        Some((day, clock)) if date(day).is_some() => (date(day).map(Day::Date), clock),
        _ => (None, word),
    };
    let end = word.find(['+', '-', 'z']).unwrap_or(word.len());
    let (clock, zone) = word.split_at(end);
    let zone = match zone {
        "" => None,
        zone => Some(zone::written(zone)?),
    };
    Some((day, read_clock(clock, &[])?.0, zone))
}

/// `tomorrow 17h`, `17h30 Europe/Berlin`, where hours are those of a day; alone, with minutes behind
/// them that have no unit, they may be others.
fn with_hours(words: &[&str]) -> Option<When> {
    let text = words.join(" ");
    let found = HOURS.captures(&text)?;
    let minutes = found.get(2).map(|minutes| minutes.as_str());
    let clock = format!("{}:{}", &found[1], minutes.unwrap_or("00"));
    let clock = HOURS.replace(&text, clock);
    let read = moment(&clock.split_whitespace().collect::<Vec<_>>());
    let said_so = words.first().is_some_and(|word| AT.contains(word));
    let hours: u16 = found[1].parse().ok()?;
    if let Some(When::At { day, zone, .. }) = &read
        && (day.is_some() || zone.is_some() || said_so)
    {
        // `2h UTC`: the zone of a clock that shows two, or of one two hours later.
        let unclear = day.is_none() && !said_so && minutes.is_none() && hours <= 12;
        let minutes = 0;
        return unclear.then_some(When::Unclear { hours, minutes }).or(read);
    }
    let alone = found[0].len() == text.trim_start_matches("in ").len();
    let minutes = minutes?.parse().ok()?;
    alone.then_some(When::Unclear { hours, minutes })
}

/// `2h 30m`, `1h30m`, `1 week`, `in 2 hours`: how jiff reads them.
fn duration(words: &[&str]) -> Option<When> {
    let words = words.strip_prefix(&["in"]).unwrap_or(words);
    let words: Vec<_> = words
        .iter()
        .filter(|word| **word != "and")
        .copied()
        .collect();
    let text = words.join(" ");
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(':') {
        return None;
    }
    match text.parse::<Span>() {
        Ok(span) if !span.is_negative() => Some(When::In(span)),
        Err(error) if error.is_range() => Some(When::TooFar),
        _ => None,
    }
}
