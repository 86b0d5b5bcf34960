use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::calendar::{ClockTime, Day, missing};
use super::flags::hidden;
use super::instant::{end_of, instant};
use super::option::is_ignored;
use super::when::When;
use super::zone::{self, Written, name_of};
use crate::skill::{Failure, Millis, escape, shortened};

/// The longest way off that a time may be.
const LONGEST: Duration = Duration::from_secs(180 * 24 * 3600);
/// Until when a day lasts that is given alone.
const END_OF_DAY: ClockTime = ClockTime::At(Time::constant(23, 59, 0, 0));
const EXAMPLES: &str = "`30m`, `2h 30m`, `17:30`, `5pm`, `tomorrow 9:00`, `friday`, `2026-12-24` or \
    `2026-12-24T18:00+01:00`";

/// A time to come that a person gave.
#[derive(Debug, PartialEq)]
pub(super) struct Until {
    pub at: Millis,
    /// As the person would write it, with the time zone.
    pub shown: String,
}

/// The zone that a person's times of day are in, or a sentence why that isn't known.
pub(super) type HomeZone = Result<TimeZone, String>;

type Ending = (Timestamp, TimeZone, Option<String>);

impl Until {
    /// Reads `2h 30m`, `17:30`, `5 pm`, `tomorrow 9:00`, `friday`, `2026-12-24` (until the end of that
    /// day), `2026-12-24T18:00+09:00` and more. Times of day are in the zone that is written behind
    /// them, else in `home`. What can't be read, isn't clear, is over, or is more than 180 days off is
    /// told to the person.
    pub fn read(text: &str, now: Millis, home: &HomeZone) -> Result<Self, Failure> {
        let now_there = Timestamp::from_millisecond(now.0)?;
        let (at, zone, label) = end(text, now_there, home)?;
        let here = now_there.to_zoned_datetime(zone);
        let label = label.unwrap_or_else(|| name_of(here.time_zone()));
        let at = Millis(at.as_millisecond());
        if at <= now {
            return Err(over(text, &here, &label));
        }
        if at.since(now) > LONGEST {
            return Err(too_far(text));
        }
        let own = home.as_ref().unwrap_or(here.time_zone()).clone();
        let shown = shown(at, &here, &label, &here.with_time_zone(own))?;
        Ok(Self { at, shown })
    }
}

/// The end that a person means, and the zone that it is given in, with what that is called where it has no name.
fn end(text: &str, now: Timestamp, home: &HomeZone) -> Result<Ending, Failure> {
    let (day, weekday, time, zone, offset) =
        match When::read(text).ok_or_else(|| unreadable(text))? {
            When::TooFar => return Err(too_far(text)),
            When::Unclear { hours, minutes } => return Err(unclear(text, hours, minutes)),
            When::In(span) => {
                let zone = home.clone().unwrap_or(TimeZone::UTC);
                let end = now.to_zoned_datetime(zone.clone()).checked_add(span);
                return Ok((end.map_err(|_| too_far(text))?.timestamp(), zone, None));
            }
            When::At {
                day,
                weekday,
                time,
                zone,
                offset,
            } => (day, weekday, time, zone, offset),
        };
    let (zone, label) = meant(zone, home)?;
    let here = now.to_zoned_datetime(zone.clone());
    let wall = wall(day, time, &here).filter(|(day, _)| day.year() <= here.year() + 1);
    let (day, wall) = wall.ok_or_else(|| too_far(text))?;
    if weekday.is_some_and(|weekday| weekday != day.weekday()) {
        return Err(of_another_week(text, day));
    }
    let at = match time {
        Some(clock) => instant(wall, clock == ClockTime::End, offset, &here)?,
        None => end_of(day, &zone)?,
    };
    Ok((at, zone, label))
}

/// The zone of a time of day, and what it is called where it has no name.
fn meant(written: Option<Written>, home: &HomeZone) -> Result<(TimeZone, Option<String>), Failure> {
    match written {
        Some(Written::Named(zone)) => Ok((zone, None)),
        Some(Written::Fixed(offset, name)) => Ok((offset.to_time_zone(), Some(name))),
        Some(Written::Ambiguous(name)) => Err(ambiguous(&name)),
        None => Ok((home.clone().map_err(Failure::Refused)?, None)),
    }
}

/// The day, and the time on the clock of that place, as far as a calendar goes.
fn wall(
    day: Option<Day>,
    time: Option<ClockTime>,
    here: &ZonedDateTime,
) -> Option<(Date, DateTime)> {
    let clock = time.unwrap_or(END_OF_DAY);
    let day = day.unwrap_or(Day::Later(0)).date(clock, here)?;
    Some((day, clock.on(day)?))
}

/// Some write half past five so, and others a span of time.
fn unclear(text: &str, hours: u16, minutes: u8) -> Failure {
    let span = match minutes {
        0 => format!("{hours}h"),
        _ => format!("{hours}h {minutes}m"),
    };
    let typed = typed(text);
    Failure::Refused(match hours < 24 && minutes < 60 {
        true => format!(
            "{typed} may be a time of day or a span of time. Write `{hours}:{minutes:02}` for the one, or \
             `{span}` for the other."
        ),
        false => format!("In {typed} the minutes have no unit. Write `{span}`."),
    })
}

fn unreadable(text: &str) -> Failure {
    let plain = text.replace(is_ignored, "");
    let letter = text.chars().find(|c| is_ignored(*c));
    if let Some(letter) = letter.filter(|_| When::read(&plain).is_some()) {
        return Failure::Refused(hidden(letter, &plain));
    }
    let words: Vec<_> = text.split_whitespace().collect();
    let small = text.to_lowercase().replace(',', " ");
    let small: Vec<_> = small.split_whitespace().collect();
    let mut parts = (1..words.len()).rev().map(|end| words.split_at(end));
    let known = parts.find(|(time, _)| When::read(&time.join(" ")).is_some());
    Failure::Refused(match (missing(&small), known) {
        (Some(day), _) => format!("There is no {day}: {}.", typed(text)),
        (None, Some((time, rest))) => misplaced(&time.join(" "), &rest.join(" ")),
        (None, None) => format!("{} can't be read as a time. Try {EXAMPLES}.", typed(text)),
    })
}

/// Why the words behind a time are none of it.
fn misplaced(time: &str, rest: &str) -> String {
    let (time, shown) = (typed(time), typed(rest));
    match zone::of_city(rest) {
        Some(name) => format!(
            "{shown} is no name of a time zone; write `{name}` behind {time}. An option there goes into \
             quotation marks."
        ),
        None => format!(
            "{shown} doesn't belong to the time {time}. Options behind it go into quotation marks, and so does \
             a time that has other words behind it."
        ),
    }
}

fn over(text: &str, here: &ZonedDateTime, label: &str) -> Failure {
    Failure::Refused(format!(
        "{} is over already: it is {} ({label}). Give a time to come.",
        typed(text),
        here.strftime("%a, %-d %b %Y, %H:%M")
    ))
}

fn of_another_week(text: &str, day: Date) -> Failure {
    Failure::Refused(format!(
        "{} names another day of the week than the date's: {}.",
        typed(text),
        day.strftime("%-d %b %Y is a %A")
    ))
}

fn too_far(text: &str) -> Failure {
    Failure::Refused(format!("{} is more than 180 days away.", typed(text)))
}

fn ambiguous(zone: &str) -> Failure {
    Failure::Refused(format!(
        "{zone} means several time zones. Write an offset such as `+01:00`, or a name such as \
         `Europe/Berlin`."
    ))
}

fn typed(text: &str) -> String {
    escape(&shortened(text))
}

/// Without the day only where it is today's, on the calendar of the time's zone and of the author's own.
fn shown(
    at: Millis,
    here: &ZonedDateTime,
    label: &str,
    own: &ZonedDateTime,
) -> Result<String, Failure> {
    let there = Timestamp::from_millisecond(at.0)?.to_zoned_datetime(here.time_zone().clone());
    let day = if there.date() == here.date() && there.date() == own.date() {
        "%H:%M"
    } else {
        "%a, %-d %b %Y, %H:%M"
    };
    Ok(format!("{} ({label})", there.strftime(day)))
}

#[cfg(test)]
mod tests;
