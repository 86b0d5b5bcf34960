use super::option::is_ignored;
use crate::skill::{Word, narrow, shortened};

/// What a flag asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flag {
    /// Several votes each.
    Multiple,
    /// No names.
    Anonymous,
    /// Nobody adds options.
    Fixed,
    /// What the command does.
    Help,
    /// Closes by itself; the time, where it stands in the same word.
    Until(Option<String>),
}

const NAMES: [&str; 4] = ["multiple", "anonymous", "fixed", "until"];
const ALL: &str = "`--multiple`, `--anonymous`, `--fixed` and `--until TIME`";

/// Whether it is a hyphen or dash of any script, or what looks like one.
pub(super) fn is_dash(letter: char) -> bool {
    matches!(
        letter,
        // All of Unicode's class Pd but the two waves and U+30A0, which people write for other things.
        '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{10d6e}'
                | '\u{10ead}'
    ) || matches!(
        letter,
        '\u{ad}' | '⁃' | '⁻' | '₋' | '−' | '˗' | '➖' | 'ー' | 'ｰ' | '⎯' | '⎼' | '⎻'
    ) || matches!(
        letter,
        '─' | '━' | '┄' | '┅' | '┈' | '┉' | '╌' | '╍' | '╴' | '╶' | '╸' | '╺'
    )
}

/// What is a dash only where the name of a flag follows: it begins other words as well.
fn is_like_dash(letter: char) -> bool {
    matches!(
        letter,
        '~' | '～'
            | '〜'
            | '〰'
            | '∼'
            | '⁓'
            | '˜'
            | '゠'
            | '一'
            | 'ㅡ'
            | 'ᅳ'
            | '_'
            | '＿'
            | '¯'
            | '‾'
    )
}

impl Flag {
    /// Reads a word that begins with a dash; `None` for any other, for one in quotation marks, and for a
    /// number such as `-5`. A sentence for what is no flag that there is, and for a flag with something
    /// around it.
    pub fn read(word: &Word) -> Option<Result<Self, String>> {
        if let Some((letter, seen)) = unseen(word) {
            return Self::read(&seen).map(|_| Err(hidden(letter, &seen.text)));
        }
        let bare = word.text.trim_start_matches(is_dash);
        let dashes = word.text.len() - bare.len();
        let single = word.text.chars().nth(1).is_some_and(|c| !is_dash(c));
        if word.quoted || single && is_number(bare) {
            return None;
        }
        match dashes {
            0 => Self::decorated(&word.text),
            _ => Some(Self::named(&word.text, bare)),
        }
    }

    /// Reads a word with a flag's name behind what may be a dash, or behind other marks and a dash:
    /// `~anonymous`, `(--anonymous)`.
    fn decorated(typed: &str) -> Option<Result<Self, String>> {
        let dash = |c| is_dash(c) || is_like_dash(c);
        let rest = typed.trim_start_matches(|c: char| dash(c) || !c.is_alphanumeric());
        let before = &typed[..typed.len() - rest.len()];
        let end = rest.find(|c: char| !c.is_alphanumeric());
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        let name = plain(name);
        if !before.contains(dash) || !NAMES.contains(&&*name) {
            return None;
        }
        let alone = after.trim_end_matches([',', ';']).is_empty() || after.starts_with(['=', '＝']);
        if alone && before.chars().all(dash) {
            return Some(Self::named(typed, rest));
        }
        let typed = format!("`{}`", shortened(&typed.replace('`', "'")));
        Some(Err(format!(
            "Is {typed} the flag `--{name}`? It is written without anything around it; an option is put into \
             quotation marks."
        )))
    }

    /// The name of a flag that a word is without its dashes, with or without marks around it.
    pub fn without_dashes(word: &str) -> Option<&'static str> {
        let name = plain(word.trim_matches(|c: char| !c.is_alphanumeric()));
        NAMES.into_iter().find(|known| *known == name)
    }

    fn named(typed: &str, bare: &str) -> Result<Self, String> {
        let typed = format!("`{}`", shortened(&typed.replace('`', "'")));
        if bare.is_empty() {
            return Err(format!(
                "A {typed} alone is neither a flag nor an option; an option is put into quotation marks."
            ));
        }
        let split = bare.find(['=', ':', '＝', '：']);
        let (name, value) = match split.and_then(|at| bare.split_at_checked(at)) {
            Some((name, rest)) => (name, Some(rest.chars().skip(1).collect::<String>())),
            None => (bare, None),
        };
        let name = plain(name);
        let flag = match name.as_str() {
            "multiple" => Self::Multiple,
            "anonymous" => Self::Anonymous,
            "fixed" => Self::Fixed,
            "help" | "h" => Self::Help,
            "until" => return Ok(Self::Until(value.filter(|value| !value.is_empty()))),
            _ => {
                let near = near(&name).map(|near| format!(" Is `--{near}` meant?"));
                return Err(format!(
                    "There is no flag {typed}.{} The flags are {ALL}; an option that begins with a dash is \
                     put into quotation marks.",
                    near.unwrap_or_default()
                ));
            }
        };
        match value {
            None => Ok(flag),
            Some(_) => Err(format!("`--{name}` takes no value: {typed}")),
        }
    }
}

/// The first letter of a word that nobody sees, and the word without such: web pages and editors leave some in what
/// is copied.
fn unseen(word: &Word) -> Option<(char, Word)> {
    let name = |c: char| !is_dash(c) && !is_ignored(c);
    let begin = word.text.find(name).unwrap_or(word.text.len());
    // A soft hyphen before the name stands for another one.
    let is_unseen = |(at, c): &(usize, char)| is_ignored(*c) && (!is_dash(*c) || *at > begin);
    let mut letters = word.text.char_indices();
    let (_, letter) = letters.find(|found| !word.quoted && is_unseen(found))?;
    let seen = word.text.char_indices().filter(|found| !is_unseen(found));
    let seen = Word {
        text: seen.map(|(_, letter)| letter).collect(),
        quoted: false,
    };
    Some((letter, seen))
}

/// Why this is no flag or time, which looks like one or nearly so.
pub(super) fn hidden(letter: char, seen: &str) -> String {
    let kind = match letter {
        '\u{ad}' => ", a soft hyphen",
        '\u{200b}' => ", a zero-width space",
        '\u{200c}' | '\u{200d}' => ", a zero-width joiner or non-joiner",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            ", a mark of the direction of writing"
        }
        '\u{2060}' | '\u{feff}' => ", a zero-width space that breaks no line",
        '\u{fe00}'..='\u{fe0f}' => ", which chooses how an emoji looks",
        _ => "",
    };
    format!(
        "There is an invisible letter in `{}` (U+{:04X}{kind}). Type the word anew instead of copying it; an \
         option is put into quotation marks.",
        shortened(&seen.replace('`', "'")),
        u32::from(letter)
    )
}

/// Whether it is a number's beginning, behind its minus.
fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['.', ',']);
    digits.len() + 1 >= text.len() && digits.starts_with(|c: char| c.is_numeric())
}

/// Small letters of one width, without a comma behind.
fn plain(name: &str) -> String {
    let name = name.chars().map(narrow).collect::<String>().to_lowercase();
    name.trim_end_matches([',', ';']).to_owned()
}

/// The flag that is most like this, where one is.
fn near(name: &str) -> Option<&'static str> {
    let like = |known: &&str| {
        let begins = name.len() >= 2 && known.starts_with(name);
        begins || distance(name, known) <= 2
    };
    NAMES.into_iter().find(like)
}

/// How many letters must be added, taken away or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().take(32).enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<Flag, String>> {
        Flag::read(&Word {
            text: text.into(),
            quoted: false,
        })
    }

    fn refusal(text: &str) -> String {
        match read(text) {
            Some(Err(sentence)) => sentence,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn any_dashes_before_a_flag_are_two_hyphens() {
        for dashes in [
            "-", "--", "---", "–", "—", "‒", "―", "−", "﹘", "﹣", "－", "‐", "‑", "––", "——",
            "−−", "－－", "-–", "—-", "ーー", "\u{ad}-",
        ] {
            for name in [
                "anonymous",
                "Anonymous",
                "ANONYMOUS",
                "ａｎｏｎｙｍｏｕｓ",
                "anonymous,",
            ] {
                let flag = read(&format!("{dashes}{name}"));
                assert_eq!(flag, Some(Ok(Flag::Anonymous)), "{dashes}{name}");
            }
            let loud = refusal(&format!("{dashes}loud"));
            assert!(
                loud.contains(&format!("loud`. The flags are {ALL}")),
                "{loud}"
            );
        }
    }

    #[test]
    fn dashes_of_all_scripts_are_hyphens() {
        for code in [
            0x58a, 0x5be, 0x1400, 0x1806, 0x2e17, 0x2e1a, 0x2e3a, 0x2e3b, 0x2e40, 0x2e5d, 0x301c,
            0x3030, 0x30a0, 0xfe31, 0xfe32, 0xfe58, 0xfe63, 0xff0d, 0x10d6e, 0x10ead, 0x2500,
            0x2504, 0x254c, 0x23af, 0x3161, 0x4e00, 0xff5e, 0x7e,
        ] {
            let dash = char::from_u32(code).unwrap();
            for text in [
                format!("{dash}anonymous"),
                format!("{dash}{dash}Anonymous,"),
            ] {
                assert_eq!(read(&text), Some(Ok(Flag::Anonymous)), "{code:x} {text}");
            }
        }
        let all: String = ('\0'..=char::MAX).collect();
        for dash in regex::Regex::new(r"\p{Pd}").unwrap().find_iter(&all) {
            let dash = dash.as_str();
            assert!(
                dash.chars().all(|c| is_dash(c) || is_like_dash(c)),
                "{dash}"
            );
        }
        assert_eq!(read("～until=2h"), Some(Ok(Flag::Until(Some("2h".into())))));
        for text in ["~dev", "一人", "ㅡㅡ", "〜300", "_a_", "~~old~~"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_flag_with_something_around_it_is_no_option() {
        for text in [
            "*--anonymous*",
            "(--anonymous)",
            "[--anonymous]",
            r"\-\-anonymous",
            "**–anonymous**",
            "~~anonymous~~",
            "(--until=2h)",
            "…--fixed",
        ] {
            let sentence = refusal(text);
            assert!(
                sentence.contains("without anything around it"),
                "{text}: {sentence}"
            );
        }
        for text in [
            "(anonymous)",
            "*anonymous*",
            "a--anonymous",
            "(--loud)",
            "(-5)",
            "non-anonymous",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_letter_in_a_flag_that_nobody_sees_is_named() {
        for (text, shown, code) in [
            (
                "--\u{200b}anonymous",
                "--anonymous",
                "U+200B, a zero-width space",
            ),
            ("\u{200b}--anonymous", "--anonymous", "U+200B"),
            ("-\u{200b}-anonymous", "--anonymous", "U+200B"),
            ("--anon\u{200d}ymous", "--anonymous", "U+200D"),
            ("--anonymous\u{feff}", "--anonymous", "U+FEFF"),
            ("\u{200e}–until=2h", "–until=2h", "U+200E"),
            ("--\u{2060}loud", "--loud", "U+2060"),
            ("➖\u{fe0f}fixed", "➖fixed", "U+FE0F"),
            ("--\u{3164}fixed", "--fixed", "U+3164)"),
            ("--un\u{ad}til", "--until", "U+00AD, a soft hyphen"),
            (
                "\u{ad}-fix\u{ad}ed",
                "\u{ad}-fixed",
                "U+00AD, a soft hyphen",
            ),
        ] {
            let told = refusal(text);
            let start = format!("There is an invisible letter in `{shown}` ({code}");
            assert!(told.starts_with(&start), "{told}");
            let shown = |c: char| is_ignored(c) && !is_dash(c);
            assert!(!told.chars().any(shown), "{told:?}");
        }
        // A soft hyphen is a hyphen, and other words may have such letters.
        assert_eq!(read("\u{ad}-anonymous"), Some(Ok(Flag::Anonymous)));
        for text in ["می\u{200c}روم", "👩\u{200d}🚀", "-\u{200b}5"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_flag_may_hold_its_value() {
        let until = |value: &str| Some(Ok(Flag::Until(Some(value.into()))));
        assert_eq!(read("--until"), Some(Ok(Flag::Until(None))));
        assert_eq!(read("--until="), Some(Ok(Flag::Until(None))));
        assert_eq!(read("–until=2h"), until("2h"));
        assert_eq!(read("--UNTIL:17:30"), until("17:30"));
        assert_eq!(read("--until＝2h"), until("2h"));
        assert!(refusal("--multiple=yes").contains("takes no value"));
    }

    #[test]
    fn words_in_quotation_marks_numbers_and_words_without_a_dash_are_no_flags() {
        let word = |text: &str, quoted| Word {
            text: text.into(),
            quoted,
        };
        assert_eq!(Flag::read(&word("--anonymous", true)), None);
        for text in [
            "anonymous",
            "",
            "a-b",
            "a–b",
            "-5",
            "−5",
            "–5°",
            "-0.5",
            "-.5",
            "-1,000",
            "-05:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        for text in ["-", "—", "--5", "->", "-€5", "-..."] {
            assert!(read(text).is_some_and(|read| read.is_err()), "{text}");
        }
    }

    #[test]
    fn what_is_nearly_a_flag_is_suggested() {
        for (text, near) in [
            ("--anonymus", "anonymous"),
            ("--anon", "anonymous"),
            ("-multi", "multiple"),
            ("--mutliple", "multiple"),
            ("—untill", "until"),
            ("--fix", "fixed"),
        ] {
            let sentence = refusal(text);
            assert!(
                sentence.contains(&format!("Is `--{near}` meant?")),
                "{sentence}"
            );
        }
        assert!(!refusal("--loud").contains("meant"));
        assert!(refusal(&"-x".repeat(9_000)).len() < 400);
    }
}
