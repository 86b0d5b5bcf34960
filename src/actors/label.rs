//! What people read on a button.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use crate::event::Button;
use crate::skill::{ZERO_WIDTH_SPACE, is_visible};

/// Letters that a label may have: more run out of the card, for labels don't wrap.
const LETTERS: usize = 30;
/// Letters of the end that are kept where labels would look the same.
const END: usize = 11;

/// The labels of a card's buttons as they are sent, in order. Clients make mentions, channels,
/// hashtags, addresses and emoji of what is in a label: only emoji are left to them, for who presses
/// a button means just that. A long one is shortened, for the card says it in full; of those that
/// would be the same then, the middle is left out. A menu's label is a placeholder, and stays.
pub fn labels(buttons: &[Button]) -> Vec<String> {
    if buttons.iter().all(|button| is_plain(&button.label)) {
        return buttons.iter().map(|b| b.label.clone()).collect();
    }
    let short: Vec<_> = buttons.iter().map(|b| shortened(&b.label, 0)).collect();
    let mut times = HashMap::<&str, usize>::new();
    for label in &short {
        *times.entry(label).or_default() += 1;
    }
    let label = |(button, short): (&Button, &String)| match button.picker {
        Some(_) => button.label.clone(),
        None if times[short.as_str()] > 1 => apart(&shortened(&button.label, END)),
        None => apart(short),
    };
    buttons.iter().zip(&short).map(label).collect()
}

/// Most are, and a click needs them all.
fn is_plain(label: &str) -> bool {
    let letter = |c: u8| c.is_ascii_alphanumeric() || c == b' ';
    label.len() <= LETTERS && label.bytes().all(letter) && !label.contains("  ")
}

/// At most [`LETTERS`] letters as people see them, with an ellipsis before the last `end` ones.
fn shortened(label: &str, end: usize) -> String {
    let units = units(label);
    let letters = |units: &[String]| units.iter().map(|u| count(u)).sum::<usize>();
    if letters(&units) <= LETTERS {
        return units.concat();
    }
    let begin = fits(units.iter(), LETTERS - 1 - end).max(usize::from(end == 0));
    let last = fits(units.iter().rev(), end);
    let [begin, last] = [&units[..begin], &units[units.len() - last..]].map(<[String]>::concat);
    format!("{}…{}", begin.trim_end(), last.trim_start())
}

/// How many units have so many letters at most.
fn fits<'a>(units: impl Iterator<Item = &'a String>, letters: usize) -> usize {
    let sum = units.scan(0, |sum, unit| {
        *sum += count(unit);
        Some(*sum)
    });
    sum.take_while(|sum| *sum <= letters).count()
}

fn count(unit: &str) -> usize {
    unit.graphemes(true).count()
}

/// What mustn't be cut: letters as people see them, and emoji by their names.
fn units(label: &str) -> Vec<String> {
    static EMOJI: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^:[a-z0-9][a-z0-9_+-]*:").ok());
    let words: Vec<_> = label.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|c| is_visible(*c)).collect();
    let (mut units, mut rest) = (Vec::new(), line.as_str());
    while let Some(first) = rest.graphemes(true).next() {
        let emoji = EMOJI.as_ref().and_then(|emoji| emoji.find(rest));
        let (unit, after) = rest.split_at(emoji.map_or(first.len(), |found| found.end()));
        units.push(unit.to_owned());
        rest = after;
    }
    units
}

/// Nothing in it is a mention or a link any more, and it looks the same.
fn apart(label: &str) -> String {
    static LIVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)[@~#]|\b(?:[a-z][a-z0-9.+-]*:/|(?:https?|ftp|mailto|tel|mattermost):)|\bwww\d*|\.\p{L}{2,4}/").ok()
    });
    let live = |found: &regex::Captures<'_>| match found[0].strip_suffix('/') {
        Some(before) => format!("{before}{ZERO_WIDTH_SPACE}/"),
        None => format!("{}{ZERO_WIDTH_SPACE}", &found[0]),
    };
    match &*LIVE {
        Some(pattern) => pattern.replace_all(label, live).into_owned(),
        None => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Picker, Style};

    fn button(label: &str) -> Button {
        Button {
            label: label.into(),
            style: Style::Default,
            press: 1.into(),
            picker: None,
        }
    }

    /// The labels, with dots for what isn't seen.
    fn seen(texts: &[&str]) -> Vec<String> {
        let buttons: Vec<_> = texts.iter().map(|text| button(text)).collect();
        let labels = labels(&buttons).into_iter();
        labels
            .map(|label| label.replace(ZERO_WIDTH_SPACE, "·"))
            .collect()
    }

    #[test]
    fn nothing_in_a_label_is_live() {
        for (label, sent) in [
            ("One more", "One more"),
            ("@cleo decides", "@·cleo decides"),
            ("~dev or #tag", "~·dev or #·tag"),
            ("mail ann@example.org", "mail ann@·example.org"),
            ("https://example.org/a", "https:·//example.org·/a"),
            ("mailto:x tel:1 x://y", "mailto:·x tel:·1 x:·//y"),
            ("www.example.org", "www·.example.org"),
            (":smile: 10:30 v1.2 a/b", ":smile: 10:30 v1.2 a/b"),
            ("two\n lines\u{202e}", "two lines"),
        ] {
            assert_eq!(seen(&[label]), [sent]);
        }
    }

    #[test]
    fn a_long_label_is_cut_between_letters_as_people_see_them() {
        let sent = |label: &str| seen(&[label]).remove(0);
        assert_eq!(sent(&"x".repeat(30)), "x".repeat(30));
        assert_eq!(sent(&"x".repeat(31)), format!("{}…", "x".repeat(29)));
        assert_eq!(sent(&"👩‍👩‍👧".repeat(31)), format!("{}…", "👩‍👩‍👧".repeat(29)));
        let smile = format!("{} :smile: and more", "x".repeat(26));
        assert_eq!(sent(&smile), format!("{}…", "x".repeat(26)));
        let long = format!(":{}: x", "a".repeat(40));
        assert_eq!(sent(&long), format!(":{}:…", "a".repeat(40)));
        assert_eq!(
            sent(&format!("@{}", "x".repeat(40))),
            format!("@·{}…", "x".repeat(28))
        );
    }

    #[test]
    fn labels_that_begin_alike_end_as_they_do() {
        let options = [
            "The plan of the board, the version A",
            "The plan of the board, the version B",
            "No",
        ];
        assert_eq!(
            seen(&options),
            [
                "The plan of the bo…e version A",
                "The plan of the bo…e version B",
                "No"
            ]
        );
    }

    #[test]
    fn a_menus_label_stays() {
        let mut menu = button("@ann or a very, very, very long label");
        menu.picker = Some(Picker::Users);
        assert_eq!(labels(&[menu.clone()]), [menu.label]);
    }
}
