use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

/// Abbreviations that mean one offset all over the world, in minutes from UTC.
const ABBREVIATIONS: &[(&str, i32)] = &[
    ("z", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("west", 60),
    ("cet", 60),
    ("cest", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("jst", 540),
    ("kst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("est", -300),
    ("edt", -240),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
];
/// Those that mean several.
const AMBIGUOUS: &[&str] = &["cst", "ist", "bst", "ast", "sst", "gst", "amt", "ect"];

/// A zone as a person wrote it behind a time.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// A name, such as `Europe/Berlin`.
    Named(TimeZone),
    /// An offset, such as `+09:00`, with what it is called.
    Fixed(Offset, String),
    /// An abbreviation that means several.
    Ambiguous(String),
}

/// A time zone by its IANA name: the machine's, which is updated with it, else the one that is built
/// into the program, since a machine may have none.
pub(super) fn named(name: &str) -> Option<TimeZone> {
    let found = TimeZone::get(name).or_else(|_| TimeZoneDatabase::bundled().get(name));
    found.ok().filter(|zone| zone.iana_name().is_some())
}

/// Reads `Z`, `+09:00`, `UTC+2`, `CET`, `Europe/Berlin`, `[Europe/Berlin]` or, as cards have it,
/// `(Europe/Berlin)`, in small letters.
pub(super) fn written(word: &str) -> Option<Written> {
    let within = |open, close| word.strip_prefix(open)?.strip_suffix(close);
    let bracketed = within('[', ']').or_else(|| within('(', ')'));
    let name = bracketed.unwrap_or(word);
    if AMBIGUOUS.contains(&name) {
        return Some(Written::Ambiguous(name.to_uppercase()));
    }
    if let Some((_, minutes)) = ABBREVIATIONS.iter().find(|(known, _)| *known == name) {
        let shown = if name == "z" { "utc" } else { name };
        let offset = Offset::from_seconds(minutes * 60).ok()?;
        return Some(Written::Fixed(offset, shown.to_uppercase()));
    }
    let digits = ["utc", "gmt"].iter().find_map(|utc| name.strip_prefix(utc));
    if let Some(offset) = offset(digits.unwrap_or(name)) {
        return Some(Written::Fixed(offset, called(offset)));
    }
    if bracketed.is_none() && !name.contains('/') {
        return None;
    }
    named(name).map(Written::Named)
}

/// The zone that is called after this city, such as `Berlin` or `(New York)`: zones are written with their whole names.
pub(super) fn of_city(text: &str) -> Option<String> {
    let city = text.trim_matches(|c: char| !c.is_alphanumeric());
    let city = city.replace(' ', "_").to_lowercase();
    let mut names = TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| name.contains('/'))
        .collect::<Vec<_>>();
    names.sort();
    let called = |name: &String| {
        name.rsplit('/')
            .next()
            .is_some_and(|last| last.to_lowercase() == city)
    };
    names.into_iter().find(called)
}

/// A zone's name.
pub(super) fn name_of(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

/// An offset's name, as [`written`] reads it: `+09:00`.
pub(super) fn called(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// `+9`, `+09`, `+0900` or `+09:00`.
fn offset(text: &str) -> Option<Offset> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = &text[1..];
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "00"),
    };
    let fits = |part: &str| part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !fits(hours) || !fits(minutes) || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(word: &str) -> Option<(i32, String)> {
        match written(word)? {
            Written::Fixed(offset, shown) => Some((offset.seconds() / 60, shown)),
            other => panic!("{word}: {other:?}"),
        }
    }

    #[test]
    fn offsets_are_read_in_all_their_forms() {
        for (word, minutes, shown) in [
            ("z", 0, "UTC"),
            ("utc", 0, "UTC"),
            ("cet", 60, "CET"),
            ("+09:00", 540, "+09:00"),
            ("+0530", 330, "+05:30"),
            ("-5", -300, "-05:00"),
            ("-00:30", -30, "-00:30"),
            ("utc+2", 120, "+02:00"),
            ("gmt-05:00", -300, "-05:00"),
        ] {
            assert_eq!(fixed(word), Some((minutes, shown.into())), "{word}");
        }
        for word in [
            "", "+", "+15", "+9:5", "+09:60", "+090", "++9", "9", "soup", "europe", "no/where",
            "[]",
        ] {
            assert_eq!(written(word), None, "{word}");
        }
    }

    /// In a process of its own, because a process reads them once. Of the machine's it finds none.
    #[test]
    fn zones_are_known_where_the_machine_has_none() {
        let empty = tempfile::tempdir().unwrap();
        let name = "skills::poll::zone::tests::zones_are_read_by_their_names";
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env("TZDIR", empty.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
        for name in ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"] {
            assert!(TimeZoneDatabase::bundled().get(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn zones_are_read_by_their_names() {
        for word in ["europe/berlin", "[europe/berlin]"] {
            let Some(Written::Named(zone)) = written(word) else {
                panic!("{word}");
            };
            assert_eq!(zone.iana_name(), Some("Europe/Berlin"));
        }
        assert_eq!(written("cst"), Some(Written::Ambiguous("CST".into())));
    }
}
