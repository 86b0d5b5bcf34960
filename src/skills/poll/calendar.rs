use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{ToSpan, ZonedDateTime};
use regex::Regex;

use super::option::pattern;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Day {
    /// Today, or so many days later.
    Later(i8),
    /// The next one of these.
    Weekday(Weekday),
    /// The nearest one of these (month, day): it may be over.
    Yearly(i8, i8),
    /// That one.
    Date(Date),
}

/// A time of day; 24:00 is the next day's beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ClockTime {
    At(Time),
    End,
}

impl Day {
    /// The day that is meant: of days of the week the one on which the time is still to come.
    pub fn date(self, clock: ClockTime, here: &ZonedDateTime) -> Option<Date> {
        let today = here.date();
        let over = |date: Date| {
            let at = here.time_zone().to_ambiguous_timestamp(clock.on(date)?);
            Some(at.later().ok()? <= here.timestamp())
        };
        match self {
            Self::Date(date) => Some(date),
            Self::Later(days) => today.checked_add(days.days()).ok(),
            Self::Weekday(weekday) => {
                let days = today.weekday().until(weekday);
                let next = today.checked_add(days.days()).ok()?;
                if over(next)? {
                    return next.checked_add(7.days()).ok();
                }
                Some(next)
            }
            Self::Yearly(month, day) => {
                let years = [0, 1, -1].map(|years| today.year() + years);
                let days = years.map(|year| Date::new(year, month, day).ok());
                let off = |day: &Date| {
                    today
                        .until(*day)
                        .map_or(i32::MAX, |off| off.get_days().abs())
                };
                days.into_iter().flatten().min_by_key(off)
            }
        }
    }
}

impl ClockTime {
    /// This time on a day.
    pub fn on(self, date: Date) -> Option<DateTime> {
        match self {
            Self::At(time) => Some(date.to_datetime(time)),
            Self::End => Some(date.tomorrow().ok()?.to_datetime(Time::midnight())),
        }
    }
}

/// A time of day, which may be two words: `9:00`, `5pm`, `5:30 pm`.
pub(super) fn read_clock<'w>(
    word: &str,
    mut after: &'w [&'w str],
) -> Option<(ClockTime, &'w [&'w str])> {
    if word == "noon" {
        return Some((ClockTime::At(Time::constant(12, 0, 0, 0)), after));
    }
    let half = |word: &str| match word {
        "am" => Some(0),
        "pm" => Some(12),
        _ => None,
    };
    let split = word.find(|c: char| c.is_ascii_alphabetic());
    let (digits, mut afternoon) = match split {
        Some(at) => (&word[..at], Some(half(&word[at..])?)),
        None => (word, None),
    };
    if let (None, Some((next, later))) = (afternoon, after.split_first())
        && let Some(found) = half(next)
    {
        (afternoon, after) = (Some(found), later);
    }
    let mut parts = without_fraction(digits).split(':');
    let hour = number(parts.next()?, 1..=2)?;
    let rest: Vec<_> = parts
        .map(|part| number(part, 2..=2))
        .collect::<Option<_>>()?;
    let clock = match (afternoon, rest.as_slice()) {
        (None, []) | (_, [_, _, _, ..]) => return None,
        (None, [0] | [0, 0]) if hour == 24 => ClockTime::End,
        (None, rest) => at(hour, rest)?,
        (Some(from), rest) if (1..=12).contains(&hour) => at(hour % 12 + from, rest)?,
        (Some(_), _) => return None,
    };
    Some((clock, after))
}

/// A time without parts of a second, as programs write them: `09:00:00.000`.
fn without_fraction(digits: &str) -> &str {
    let is_fraction = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match digits.split_once('.') {
        Some((time, part)) if is_fraction(part) && time.matches(':').count() == 2 => time,
        _ => digits,
    }
}

fn at(hour: i8, rest: &[i8]) -> Option<ClockTime> {
    let part = |i: usize| rest.get(i).copied().unwrap_or(0);
    let time = Time::new(hour, part(0), part(1), 0).ok()?;
    Some(ClockTime::At(time))
}

/// A day, which may be up to three words: `tomorrow`, `friday`, `2026-12-24`, `24.12.`, `24 dec 2026`.
pub(super) fn read_day<'w>(word: &str, after: &'w [&'w str]) -> Option<(Day, &'w [&'w str])> {
    let one = match word {
        "today" => Some(Day::Later(0)),
        "tomorrow" => Some(Day::Later(1)),
        word => weekday(word)
            .map(Day::Weekday)
            .or_else(|| date(word).map(Day::Date))
            .or_else(|| dotted(word)),
    };
    if let Some(day) = one {
        return Some((day, after));
    }
    let (next, after) = after.split_first()?;
    let (month, day) = match (month(word), month(next)) {
        (Some(month), None) => (month, ordinal(next)?),
        (None, Some(month)) => (month, ordinal(word)?),
        _ => return None,
    };
    if let Some((next, after)) = after.split_first()
        && next.len() == 4
        && let Ok(year) = next.parse()
    {
        return Some((Day::Date(Date::new(year, month, day).ok()?), after));
    }
    // 2028 has all days that there are.
    Date::new(2028, month, day).ok()?;
    Some((Day::Yearly(month, day), after))
}

/// A day that no calendar has, such as `29 feb 2027`, as the words in small letters name it.
pub(super) fn missing(words: &[&str]) -> Option<String> {
    static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:(?<y1>\d{4})-(?<m1>\d\d?)-(?<d1>\d\d?)|(?<d2>\d\d?)\.(?<m2>\d\d?)\.(?<y2>\d{4})?)(?:t|$)",
        )
    });
    (0..words.len()).find_map(|at| {
        let (word, after) = (words[at], &words[at + 1..]);
        let (day, month, year) = if let Some(found) = WRITTEN.captures(word) {
            let part = |names: [&str; 2]| {
                let part = names.iter().find_map(|name| found.name(name));
                part.map(|part| part.as_str())
            };
            let year = part(["y1", "y2"]).and_then(|year| year.parse().ok());
            let [month, day] = [["m1", "m2"], ["d1", "d2"]]
                .map(|names| part(names).and_then(|part| number(part, 1..=2)));
            (day?, month?, year)
        } else {
            let (next, after) = after.split_first()?;
            let (month, day) = match (month(word), month(next)) {
                (Some(month), None) => (month, ordinal(next)?),
                (None, Some(month)) => (month, ordinal(word)?),
                _ => return None,
            };
            let year = after.first().filter(|year| year.len() == 4);
            (day, month, year.and_then(|year| year.parse().ok()))
        };
        // 2028 has all days that there are.
        let last = Date::new(year.unwrap_or(2028), month, 1)
            .ok()?
            .days_in_month();
        let name = Date::constant(2028, month, 1).strftime("%b");
        let year = year.map_or(String::new(), |year: i16| format!(" {year}"));
        ((last + 1)..=31)
            .contains(&day)
            .then(|| format!("{day} {name}{year}"))
    })
}

pub(super) fn date(word: &str) -> Option<Date> {
    let parts: Vec<_> = word.split('-').collect();
    let [year, month, day] = parts[..] else {
        return None;
    };
    let year = (year.len() == 4).then(|| year.parse().ok())??;
    Date::new(year, number(month, 1..=2)?, number(day, 1..=2)?).ok()
}

/// `24.12.2026` or `24.12.`
fn dotted(word: &str) -> Option<Day> {
    let mut parts = word.split('.');
    let (day, month) = (number(parts.next()?, 1..=2)?, number(parts.next()?, 1..=2)?);
    let year = parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    if year.is_empty() {
        Date::new(2028, month, day).ok()?;
        return Some(Day::Yearly(month, day));
    }
    let year = (year.len() == 4).then(|| year.parse().ok())??;
    Some(Day::Date(Date::new(year, month, day).ok()?))
}

fn ordinal(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.');
    let bare = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end));
    number(bare.unwrap_or(word), 1..=2)
}

fn weekday(word: &str) -> Option<Weekday> {
    let names = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let found = begins_one(word, &names)?;
    Weekday::from_monday_one_offset(found).ok()
}

fn month(word: &str) -> Option<i8> {
    begins_one(
        word,
        &[
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
    )
}

/// Which of these names begins so, counted from 1; three letters at least.
fn begins_one(word: &str, names: &[&str]) -> Option<i8> {
    let word = word.trim_end_matches('.');
    let found = names.iter().position(|name| name.starts_with(word))?;
    (word.len() >= 3).then(|| i8::try_from(found + 1).ok())?
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i8> {
    let all = text.bytes().all(|b| b.is_ascii_digit());
    (all && digits.contains(&text.len())).then(|| text.parse().ok())?
}
