use super::*;
use crate::skills::poll::zone;

/// Monday, 5 January 2026, 9:00 in UTC.
const NOW: Millis = Millis(1_767_603_600_000);

fn read(text: &str, zone: &str) -> Result<Until, String> {
    let home = zone::named(zone).ok_or_else(|| "Nobody knows your zone.".to_owned());
    Until::read(text, NOW, &home).map_err(|error| match error {
        Failure::Refused(sentence) => sentence,
        other => panic!("{text}: {other:?}"),
    })
}

fn minutes(text: &str, zone: &str) -> u64 {
    match read(text, zone) {
        Ok(until) => until.at.since(NOW).as_secs() / 60,
        Err(sentence) => panic!("{text}: {sentence}"),
    }
}

#[test]
fn durations_are_read_as_people_write_them() {
    for (text, expected) in [
        ("30m", 30),
        ("2h", 120),
        ("1d", 1440),
        ("2h 30m", 150),
        ("2h30m", 150),
        ("1h  30m", 90),
        ("1H30M", 90),
        ("90m", 90),
        ("1.5h", 90),
        ("1w", 7 * 1440),
        ("1w 2d", 9 * 1440),
        ("2 hours", 120),
        ("in 2 hours and 30 minutes", 150),
        ("1 hour, 30 min", 90),
        ("180d", 180 * 1440),
        ("17h", 17 * 60),
        ("17 h", 17 * 60),
        ("17H", 17 * 60),
        ("in 17 h", 17 * 60),
        ("17h 30m", 17 * 60 + 30),
        ("17h30m", 17 * 60 + 30),
    ] {
        assert_eq!(minutes(text, "UTC"), expected, "{text}");
    }
    // Summer time has begun in between.
    assert_eq!(minutes("12w", "Europe/Berlin"), 84 * 1440 - 60);
}

#[test]
fn times_of_day_are_read_in_the_zone_of_the_person() {
    for (text, zone, expected) in [
        ("17:30", "UTC", 510),
        ("17:30", "Europe/Berlin", 450),
        ("17:30:00", "UTC", 510),
        ("１７：３０", "UTC", 510),
        ("5pm", "UTC", 480),
        ("5:30 pm", "UTC", 510),
        ("5:30PM", "UTC", 510),
        ("5 p.m.", "UTC", 480),
        ("11:59 PM", "UTC", 899),
        ("12:01pm", "UTC", 181),
        ("at noon", "UTC", 180),
        ("24:00", "UTC", 900),
        ("today 10:00", "UTC", 60),
        ("tomorrow 9:00", "UTC", 1440),
        ("9:00 tomorrow", "UTC", 1440),
        ("tomorrow at 12 am", "UTC", 900),
        ("tomorrow", "UTC", 1440 + 899),
        ("today", "UTC", 899),
        ("friday 9:00", "UTC", 4 * 1440),
        ("on Fri. at 9am", "UTC", 4 * 1440),
        ("monday 9:01", "UTC", 1),
        ("monday 9:00", "UTC", 7 * 1440),
        ("2026-01-06", "UTC", 1440 + 899),
        ("2026-01-06 09:00", "UTC", 1440),
        ("2026–01–06 09:00", "UTC", 1440),
        ("6.1.2026 9:00", "UTC", 1440),
        ("6.1. 9:00", "UTC", 1440),
        ("6 Jan 9:00", "UTC", 1440),
        ("January 6th, 2026, 9:00", "UTC", 1440),
        ("4 Jan", "Pacific/Apia", 0),
        ("Tue, 6 Jan 2026, 09:00 (UTC)", "Asia/Tokyo", 1440),
        ("Tue, 6 Jan 2026, 10:00 (Europe/Berlin)", "UTC", 1440),
        ("Tue, 6 Jan 2026, 18:00 (+09:00)", "UTC", 1440),
        ("Tue, 6 Jan 2026, 10:00 (CET)", "UTC", 1440),
        ("6 Jan 2026, 10:00 (Europe/Berlin)", "UTC", 1440),
        ("Tue, 6 Jan 2026, 10:00", "Europe/Berlin", 1440),
        ("Tue, 6 Jan, 10:00", "Europe/Berlin", 1440),
        ("Tuesday, 6 January 2026 at 10am", "Europe/Berlin", 1440),
        ("10:00 (Europe/Berlin), Tue 6.1.2026", "UTC", 1440),
        ("2026-01-06 Tue", "UTC", 1440 + 899),
        ("tomorrow, Tuesday, 9:00", "UTC", 1440),
        ("10:30（Europe/Berlin）", "UTC", 30),
        ("10:30(Europe/Berlin)", "UTC", 30),
        ("2026-01-06T09:00", "America/New_York", 1440 + 300),
        ("2026-04-05T11:00", "Europe/Berlin", 90 * 1440),
        ("17 Uhr", "UTC", 480),
        ("17Uhr", "UTC", 480),
        ("um 17 Uhr", "UTC", 480),
        ("17:30 Uhr", "UTC", 510),
        ("17.30 Uhr", "UTC", 510),
        ("17 Uhr 30", "UTC", 510),
        ("24 Uhr", "UTC", 900),
        ("6.1. 9 Uhr", "UTC", 1440),
        ("18 Uhr Europe/Berlin", "UTC", 480),
        ("17:30h", "UTC", 510),
        ("17:30 h", "UTC", 510),
        ("tomorrow 9h", "UTC", 1440),
        ("friday 9h30", "UTC", 4 * 1440 + 30),
        ("6 Jan 9 h 30", "UTC", 1440 + 30),
        ("at 17h30", "UTC", 510),
        ("à 17 h", "UTC", 480),
        ("17h30 Europe/Berlin", "UTC", 450),
    ] {
        if expected == 0 {
            assert!(read(text, zone).is_err(), "{text}");
        } else {
            assert_eq!(minutes(text, zone), expected, "{text}");
        }
    }
}

#[test]
fn a_zone_behind_a_time_is_honoured() {
    for (text, expected) in [
        ("2026-01-05T18:00+09:00", 0),
        ("2026-01-05T18:30+09:00", 30),
        ("2026-01-05T10:00Z", 60),
        ("10:00z", 60),
        ("10:00 UTC", 60),
        ("12:00 CET", 120),
        ("18:00 Asia/Tokyo", 0),
        ("19:00 Asia/Tokyo", 60),
        ("19:00[Asia/Tokyo]", 60),
        ("2026-01-05T19:00+09:00[Asia/Tokyo]", 60),
        ("19:00 +0900", 60),
        ("5:00 −05:00", 60),
        ("5am-05:00", 60),
        ("5am UTC-5", 60),
        ("tomorrow 0:30 Asia/Tokyo", 390),
    ] {
        if expected == 0 {
            assert!(
                read(text, "Europe/Berlin")
                    .unwrap_err()
                    .contains("over already")
            );
        } else {
            assert_eq!(minutes(text, "Europe/Berlin"), expected, "{text}");
        }
    }
    // It is told which one, also where the person's own isn't known.
    assert_eq!(read("19:00+09:00", "").unwrap().shown, "19:00 (+09:00)");
    assert_eq!(
        read("19:00 asia/tokyo", "").unwrap().shown,
        "19:00 (Asia/Tokyo)"
    );
    assert_eq!(read("10:00Z", "").unwrap().shown, "10:00 (UTC)");
}

#[test]
fn a_time_is_shown_with_its_zone_and_with_its_day_where_it_is_not_today() {
    let shown = |text| read(text, "Europe/Berlin").unwrap().shown;
    assert_eq!(shown("30m"), "10:30 (Europe/Berlin)");
    assert_eq!(shown("1d"), "Tue, 6 Jan 2026, 10:00 (Europe/Berlin)");
    assert_eq!(
        shown("2026-01-06"),
        "Tue, 6 Jan 2026, 23:59 (Europe/Berlin)"
    );
}

#[test]
fn a_time_on_another_day_of_its_author_is_shown_with_the_day() {
    // It is Sunday, 23:00, on Hawaii.
    for (text, shown) in [
        ("19:00 Asia/Tokyo", "Mon, 5 Jan 2026, 19:00 (Asia/Tokyo)"),
        ("23:30", "23:30 (Pacific/Honolulu)"),
        ("2h", "Mon, 5 Jan 2026, 01:00 (Pacific/Honolulu)"),
    ] {
        assert_eq!(read(text, "Pacific/Honolulu").unwrap().shown, shown);
    }
}

#[test]
fn hours_with_minutes_behind_them_that_may_be_a_time_of_day_are_asked_about() {
    for (text, ways) in [
        ("17h30", "`17:30` for the one, or `17h 30m`"),
        ("17 h 30", "`17:30` for the one, or `17h 30m`"),
        ("17H30", "`17:30` for the one, or `17h 30m`"),
        ("17 h30", "`17:30` for the one, or `17h 30m`"),
        ("17h 30", "`17:30` for the one, or `17h 30m`"),
        ("in 17h30", "`17:30` for the one, or `17h 30m`"),
        ("１７ｈ３０", "`17:30` for the one, or `17h 30m`"),
        ("9h05", "`9:05` for the one, or `9h 5m`"),
        ("17h00", "`17:00` for the one, or `17h`"),
        ("36h30", "the minutes have no unit. Write `36h 30m`"),
        ("2h75", "the minutes have no unit. Write `2h 75m`"),
        (
            "17h30 Pizza Soup",
            "Pizza Soup doesn't belong to the time 17h30",
        ),
        ("17 Uhr Pizza", "Pizza doesn't belong to the time 17 Uhr"),
        ("25 Uhr", "25 Uhr can't be read"),
        ("17:30 Uhr 45", "45 doesn't belong to the time 17:30 Uhr"),
        ("17h3", "can't be read"),
        ("h30", "can't be read"),
    ] {
        let sentence = read(text, "UTC").unwrap_err();
        assert!(sentence.contains(ways), "{text}: {sentence}");
    }
}

#[test]
fn a_day_with_its_zone_ends_there() {
    for (text, expected, shown) in [
        (
            "2026-01-06 (Europe/Berlin)",
            1440 + 839,
            "Tue, 6 Jan 2026, 23:59 (Europe/Berlin)",
        ),
        (
            "Tue, 6 Jan 2026 (Europe/Berlin)",
            1440 + 839,
            "Tue, 6 Jan 2026, 23:59 (Europe/Berlin)",
        ),
        ("2026-01-06 UTC", 1440 + 899, "Tue, 6 Jan 2026, 23:59 (UTC)"),
        ("tomorrow UTC", 1440 + 899, "Tue, 6 Jan 2026, 23:59 (UTC)"),
        (
            "today Asia/Tokyo",
            359,
            "Mon, 5 Jan 2026, 23:59 (Asia/Tokyo)",
        ),
    ] {
        assert_eq!(minutes(text, "Pacific/Honolulu"), expected, "{text}");
        assert_eq!(
            read(text, "Pacific/Honolulu").unwrap().shown,
            shown,
            "{text}"
        );
    }
}

#[test]
fn times_as_programs_and_with_a_dot_as_people_write_them_are_read() {
    for (text, expected) in [
        ("2026-01-06T09:00:00.000Z", 1440),
        ("2026-01-06T10:00:00.5+01:00", 1440),
        ("Tue, 6 Jan 2026, 9.00", 1440),
        ("6.1. 9.30", 1440 + 30),
        ("tomorrow 10.12", 1440 + 72),
        ("tuesday 9.30", 1440 + 30),
    ] {
        assert_eq!(minutes(text, "UTC"), expected, "{text}");
    }
}

#[test]
fn a_span_of_hours_is_said_to_end_at_a_time_with_its_zone() {
    let shown = |text| read(text, "Europe/Paris").unwrap().shown;
    assert_eq!(shown("17h"), "Tue, 6 Jan 2026, 03:00 (Europe/Paris)");
    assert_eq!(shown("8 h"), "18:00 (Europe/Paris)");
}

#[test]
fn a_time_that_comes_never_or_twice_is_refused() {
    let refused = |text| read(text, "Europe/Berlin").unwrap_err();
    assert_eq!(
        refused("2026-03-29T02:30"),
        "On 29 March 2026 there is no 02:30 in Europe/Berlin, as the clocks are put forward."
    );
    let home = zone::named("Europe/Berlin").ok_or_else(String::new);
    let autumn = Millis(1_792_800_000_000);
    let twice = Until::read("2026-10-25T02:30", autumn, &home);
    let Err(Failure::Refused(twice)) = twice else {
        panic!("{twice:?}");
    };
    assert!(
        twice.ends_with("Write `02:30+02:00` or `02:30+01:00`."),
        "{twice}"
    );
    for (text, shown) in [
        (
            "2026-10-25T02:30+01:00[Europe/Berlin]",
            "Sun, 25 Oct 2026, 02:30 (Europe/Berlin)",
        ),
        ("2026-10-25T02:30+02:00", "Sun, 25 Oct 2026, 02:30 (+02:00)"),
    ] {
        assert_eq!(Until::read(text, autumn, &home).unwrap().shown, shown);
    }
}

#[test]
fn what_is_no_time_to_come_is_refused_in_a_sentence() {
    for (text, part) in [
        ("soon", "soon can't be read"),
        ("5", "can't be read"),
        ("-5m", "can't be read"),
        ("25:00", "can't be read"),
        ("13:00 pm", "pm doesn't belong to the time 13:00"),
        ("0pm", "can't be read"),
        ("9:5", "can't be read"),
        ("ü", "can't be read"),
        ("", "can't be read"),
        (
            "2\u{200b}h",
            "invisible letter in `2h` (U+200B, a zero-width space)",
        ),
        (
            "tomorrow 17\u{ad}:30",
            "invisible letter in `tomorrow 17:30` (U+00AD",
        ),
        ("2026-02-30", "There is no 30 Feb 2026: 2026-02-30."),
        ("2026-02-30T18:00", "There is no 30 Feb 2026:"),
        ("30.2.", "There is no 30 Feb:"),
        ("29 Feb 2027", "There is no 29 Feb 2027:"),
        ("Mon, Feb 29th, 2027, 18:00", "There is no 29 Feb 2027:"),
        ("31 Nov", "There is no 31 Nov:"),
        ("32 Nov", "32 Nov can't be read"),
        (
            "18:00 (Berlin)",
            "(Berlin) is no name of a time zone; write `Europe/Berlin` behind 18:00.",
        ),
        ("18:00 New York", "write `America/New_York` behind 18:00"),
        ("tomorrow +2", "+2 doesn't belong to the time tomorrow"),
        ("tomorrow CST", "CST means several"),
        ("Tue 10.12", "doesn't belong to the time Tue"),
        (
            "Fri, 6 Jan 2026, 09:00 (UTC)",
            "names another day of the week than the date's: 6 Jan 2026 is a Tuesday.",
        ),
        ("Fri 6 Jan 24:00", "6 Jan 2026 is a Tuesday"),
        ("Tue, Wed, 6 Jan 9:00", "doesn't belong to the time"),
        ("Tue 6 Jan 7 Jan 9:00", "doesn't belong to the time"),
        ("18:00 (soon)", "doesn't belong to the time 18:00"),
        ("18:00 (Europe/Berlin", "doesn't belong to the time 18:00"),
        ("12/24/2026", "can't be read"),
        ("Europe/Berlin", "can't be read"),
        ("2h 30", "`2:30` for the one, or `2h 30m`"),
        ("2h Pizza Soup", "Pizza Soup doesn't belong to the time 2h"),
        ("17:30 18:30", "18:30 doesn't belong to the time 17:30"),
        ("17:30 No/Where", "No/Where doesn't belong"),
        ("18:00 +01:00 +02:00", "+02:00 doesn't belong"),
        ("18:00 CST", "CST means several"),
        ("2026-01-06T18:00+05:00[Asia/Tokyo]", "isn't +05:00"),
        ("0m", "over already"),
        (
            "08:59",
            "08:59 is over already: it is Mon, 5 Jan 2026, 09:00 (UTC)",
        ),
        ("9:00", "over already"),
        ("2025-12-24T18:00", "over already"),
        ("2025-12-24", "over already"),
        ("181d", "more than 180 days"),
        ("4294967295d", "more than 180 days"),
        ("9999-12-31", "more than 180 days"),
    ] {
        let sentence = read(text, "UTC").unwrap_err();
        assert!(sentence.contains(part), "{text}: {sentence}");
    }
    assert_eq!(read("18:00", "").unwrap_err(), "Nobody knows your zone.");
    assert_eq!(read("2h", "").unwrap().shown, "11:00 (UTC)");
}

/// What a person reads who gives this on Monday, 30 November 2026, at 18:42 in UTC.
fn read_in_november(text: &str) -> String {
    let now = Millis(1_796_064_120_000);
    match Until::read(text, now, &Ok(TimeZone::UTC)) {
        Ok(until) => until.shown,
        Err(Failure::Refused(sentence)) => sentence,
        Err(other) => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_day_without_its_year_that_was_lately_is_over_and_not_next_years() {
    for text in [
        "30 Nov 09:00",
        "30.11. 18:00",
        "29 Nov",
        "Mon, 30 Nov 18:00",
        "Sun 29 Nov",
        "1 Jul",
    ] {
        let told = read_in_november(text).replace('\\', "");
        let over = " is over already: it is Mon, 30 Nov 2026, 18:42 (UTC). Give a time to come.";
        assert_eq!(told, format!("{text}{over}"));
    }
    for (text, shown) in [
        ("30 Nov 19:00", "19:00 (UTC)"),
        ("30 Nov", "23:59 (UTC)"),
        ("2 Jan", "Sat, 2 Jan 2027, 23:59 (UTC)"),
        ("Sat, 2 Jan 9:00", "Sat, 2 Jan 2027, 09:00 (UTC)"),
        ("30 May", "30 May is more than 180 days away."),
        ("29 Feb", "29 Feb is more than 180 days away."),
        (
            "Tue, 30 Nov 18:00",
            "Tue, 30 Nov 18:00 names another day of the week than the date's: 30 Nov 2026 is a Monday.",
        ),
    ] {
        assert_eq!(read_in_november(text), shown, "{text}");
    }
}

#[test]
fn anything_is_read_without_a_panic_and_is_never_over() {
    let words = [
        "tomorrow",
        "fri",
        "17:30",
        "5",
        "pm",
        "2h",
        "30m",
        "+09:00",
        "z",
        "[",
        "t",
        "-",
        "dec",
        "24.12.",
        "2026-12-24",
        "9999-12-31",
        "99999999999999999999d",
        "at",
        "é",
        "：",
        "in",
        "h",
        "uhr",
        "17h30",
        "europe/berlin",
        "(europe/berlin)",
        "24:00",
    ];
    let mut rng = fastrand::Rng::with_seed(3);
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..rng.usize(0..5) {
            text.push_str(words[rng.usize(..words.len())]);
            text.push_str(rng.choice(["", " "]).unwrap_or(" "));
        }
        if let Ok(until) = read(&text, "Europe/Berlin") {
            assert!(until.at > NOW && until.at.since(NOW) <= LONGEST, "{text}");
        }
    }
}
