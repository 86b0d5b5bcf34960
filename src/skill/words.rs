use std::borrow::Cow;

use super::marks::{closers, is_apostrophe, is_mark, is_unseen, narrow};
use super::{Failure, escape};
use crate::sentences::quotations;

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its letters, without the quotation marks around them.
    pub text: String,
    /// Whether it stood in quotation marks: then it is what it says, and never a flag.
    pub quoted: bool,
}

/// Splits a command's text at white space, with quotation marks around words that hold some.
///
/// All pairs are read that people and their keyboards write: `"…"`, `“…”`, `„…“`, `”…”`, `«…»`,
/// `»…«`, `‘…’`, `‚…‘`, `‹…›`, `「…」`, back quotes and others. The mark that opened decides which one
/// closes, and others within are letters; `\"` is a letter, too. What can't be meant, such as a mark
/// that is never closed, is told to the person.
pub fn words(text: &str) -> Result<Vec<String>, Failure> {
    let words = split(text)?.into_iter();
    Ok(words.map(|word| word.text).collect())
}

/// As [`words`], and which of them stood in quotation marks.
pub fn split(text: &str) -> Result<Vec<Word>, Failure> {
    let mut reader = WordReader {
        letters: text.chars().collect(),
        at: 0,
        closed: Vec::new(),
    };
    let mut words = Vec::new();
    while let Some(letter) = reader.next_word() {
        words.push(match closers(letter) {
            Some(_) => Word {
                text: reader.quoted()?,
                quoted: true,
            },
            None => Word {
                text: reader.plain()?,
                quoted: false,
            },
        });
    }
    Ok(words)
}

struct WordReader {
    letters: Vec<char>,
    at: usize,
    /// The apostrophes that have closed a quotation.
    closed: Vec<char>,
}

impl WordReader {
    /// Goes on to the next word; its first letter.
    fn next_word(&mut self) -> Option<char> {
        while is_unseen(self.letter()?) {
            self.at += 1;
        }
        self.letter()
    }

    /// A word in quotation marks, from the mark that opens it.
    fn quoted(&mut self) -> Result<String, Failure> {
        let start = self.at;
        let open = self.letters[start];
        let closers = closers(open).unwrap_or_default();
        let (mut text, mut depth) = (String::new(), 1);
        self.at += 1;
        while let Some(letter) = self.letter() {
            if let Some(escaped) = self.escaped(|c| c == '"' || c == open || closers.contains(&c)) {
                text.push_str(&escaped);
                continue;
            }
            if closers.contains(&letter) && !self.is_within_a_word() {
                depth -= 1;
            } else if letter == open && !closers.contains(&open) {
                depth += 1;
            }
            self.at += 1;
            if depth == 0 {
                self.ends(letter)?;
                return Ok(text);
            }
            text.push(letter);
        }
        Err(unclosed(open, closers, &self.rest(start)))
    }

    /// What may come behind a mark that closes: white space, a comma, or a mark of another kind.
    fn ends(&mut self, closer: char) -> Result<(), Failure> {
        if is_apostrophe(closer) {
            self.closed.push(closer);
        }
        let end = self.at;
        while self.letter().is_some_and(|c| ",;،、，；".contains(c)) {
            self.at += 1;
        }
        let parted = self.at > end;
        let clear = |next| is_unseen(next) || closers(next).is_some() && (parted || next != closer);
        if self.letter().is_none_or(clear) {
            return Ok(());
        }
        Err(Failure::refuse(quotations::no_clear_end(
            &escape(&closer.to_string()),
            &self.rest(end),
            &with_backslash(closer),
        )))
    }

    /// A word without quotation marks around it.
    fn plain(&mut self) -> Result<String, Failure> {
        let start = self.at;
        let mut text = String::new();
        if self.letters[start..].starts_with(&[',', ',']) {
            return Err(Failure::refuse(quotations::two_commas(&self.rest(start))));
        }
        while let Some(letter) = self.letter().filter(|c| !c.is_whitespace()) {
            if let Some(escaped) = self.escaped(is_mark) {
                text.push_str(&escaped);
            } else if is_value(&text) && closers(letter).is_some() {
                text.push_str(&self.quoted()?);
                break;
            } else if is_mark(letter) && !self.is_apostrophe_here(start) {
                let (rest, letter) = (self.rest(start), with_backslash(letter));
                return Err(Failure::refuse(quotations::within_a_word(&rest, &letter)));
            } else {
                text.push(letter);
                self.at += 1;
            }
        }
        Ok(text)
    }

    /// A mark behind backslashes, where there is one here: two of them stand for one, and a single one
    /// makes the mark a letter. Others are letters.
    fn escaped(&mut self, is_mark: impl Fn(char) -> bool) -> Option<String> {
        let rest = &self.letters[self.at..];
        let slashes = rest.iter().take_while(|c| **c == '\\').count();
        let mark = rest.get(slashes).copied().filter(|c| is_mark(*c));
        let mark = mark.filter(|_| slashes > 0)?;
        self.at += slashes;
        let mut text = "\\".repeat(slashes / 2);
        if slashes % 2 == 1 {
            text.push(mark);
            self.at += 1;
        }
        Some(text)
    }

    /// Whether the mark here is an apostrophe between two letters.
    fn is_within_a_word(&self) -> bool {
        let is_letter = |at: Option<usize>| {
            let letter = at.and_then(|at| self.letters.get(at));
            letter.is_some_and(|c| c.is_alphanumeric())
        };
        let here = self.letters[self.at];
        is_apostrophe(here) && is_letter(self.at.checked_sub(1)) && is_letter(Some(self.at + 1))
    }

    /// Whether the mark here may stand in the word that begins there: as in `don't` and `boys'`, but
    /// not where it rather closes what such a mark has opened.
    fn is_apostrophe_here(&self, start: usize) -> bool {
        let here = self.letters[self.at];
        let last = self.letters.get(self.at + 1).is_none_or(|c| is_unseen(*c));
        is_apostrophe(here) && self.at > start && !(last && self.closed.contains(&here))
    }

    fn letter(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    /// The text from there on, to show it.
    fn rest(&self, from: usize) -> String {
        let rest: String = self.letters[from..].iter().collect();
        escape(&shortened(&rest))
    }
}

/// Whether this is a flag up to its value: `--until=`.
fn is_value(text: &str) -> bool {
    let flag = text.ends_with(['=', '＝']);
    flag && text.starts_with(|c: char| !c.is_alphanumeric())
}

/// How a mark is typed that is a letter.
fn with_backslash(mark: char) -> String {
    match mark {
        '`' => r"`` \` ``".into(),
        _ => format!(r"`\{mark}`"),
    }
}

fn unclosed(open: char, closers: &[char], rest: &str) -> Failure {
    let shown = |mark: &char| escape(&mark.to_string());
    let closers: Vec<_> = closers.iter().map(shown).collect();
    Failure::refuse(quotations::unclosed(&shown(&open), &closers, rest))
}

/// A word as it is meant: in small letters, without what is around it: quotation marks, a full stop, a
/// question mark, `please`.
pub(crate) fn word(text: &str) -> String {
    const AROUND: [&str; 4] = ["please", "pls", "plz", "me"];
    let text: String = text.chars().map(narrow).collect();
    let text = text.to_lowercase();
    let bare = |word: &'_ str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let words = text.split_whitespace().map(bare);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let mut meant = words.iter().filter(|word| !AROUND.contains(&word.as_str()));
    match (meant.next(), meant.next()) {
        (Some(word), None) => word.clone(),
        _ => words.join(" "),
    }
}

/// Whether a command's text asks what the command does: `help`, `?`, `--help`, `-h`
pub(crate) fn asks_help(text: &str) -> bool {
    let marks = text.trim();
    let asks = !marks.is_empty() && marks.chars().all(|c| narrow(c) == '?');
    asks || word(text) == "help" || marks.eq_ignore_ascii_case("-h")
}

/// The beginning of what a person wrote, to tell them what is meant: it may be as long as a post.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    const LETTERS: usize = 60;
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match words(text) {
            Err(Failure::Refused(sentence)) => sentence,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn words_are_split_as_people_quote_them() {
        for (text, expected) in [
            ("", vec![]),
            ("a  b", vec!["a", "b"]),
            (
                r#""Lunch today?" "A" "B c""#,
                vec!["Lunch today?", "A", "B c"],
            ),
            ("“Lunch?” „Pizza“ soup", vec!["Lunch?", "Pizza", "soup"]),
            (r#""" x"#, vec!["", "x"]),
            ("a\u{a0}b", vec!["a", "b"]),
            ("\u{200f}\"a b\"\u{200b} c", vec!["a b", "c"]),
            ("\"A\", \"B\"; \"C\",\"D\"", vec!["A", "B", "C", "D"]),
            ("👨‍👩‍👧 b", vec!["👨‍👩‍👧", "b"]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn the_mark_that_opened_decides_which_mark_closes() {
        for text in [
            "„a b“ „c“", // German
            "„a b” „c”", // Polish
            "”a b” ”c”", // Swedish
            "»a b« »c«", // Danish
            "»a b» »c»", // Finnish
            "«a b» «c»", // Russian
            "‹a b› ‹c›",
            "›a b‹ ›c‹",
            "‘a b’ ‘c’",
            "’a b’ ’c’",
            "‚a b‘ ‚c‘",
            "'a b' 'c'",
            "`a b` `c`",
            "´a b´ ´c´",
            "「a b」「c」", // Japanese, without spaces
            "『a b』 『c』",
            "〝a b〟 〝c〟",
            "《a b》《c》",
            "＂a b＂ ＂c＂",
            "״a b״ ״c״",
            "ʺa bʺ ʺcʺ",
            "ʼa bʼ ʼcʼ",
            "‶a b″ ‶c″",
            "≪a b≫ ≪c≫",
            "❮a b❯ ❮c❯",
            "⟨a b⟩ ⟨c⟩",
            "【a b】【c】",
            "〔a b〕 〔c〕",
        ] {
            assert_eq!(words(text).unwrap(), ["a b", "c"], "{text}");
        }
    }

    #[test]
    fn marks_of_another_kind_within_are_letters() {
        for (text, expected) in [
            (
                r#""Wie findet ihr „Der Herr der Ringe“?" "Gut""#,
                vec!["Wie findet ihr „Der Herr der Ringe“?", "Gut"],
            ),
            (
                r#"„Wie findet ihr "Der Herr"?“ „Gut“"#,
                vec![r#"Wie findet ihr "Der Herr"?"#, "Gut"],
            ),
            (
                "«Un «petit» café ?» «Oui»",
                vec!["Un «petit» café ?", "Oui"],
            ),
            (r#""say \"hi\" now" "a""#, vec![r#"say "hi" now"#, "a"]),
            (r#""C:\\" "D:\x""#, vec![r"C:\", r"D:\x"]),
            (
                r#""don't" "it’s" 'don't go'"#,
                vec!["don't", "it’s", "don't go"],
            ),
            (
                "don't boys' it’s l’eau пʼять",
                vec!["don't", "boys'", "it’s", "l’eau", "пʼять"],
            ),
            (r#"5\" \"x"#, vec!["5\"", "\"x"]),
            (r#""עברית צה״ל" "x""#, vec!["עברית צה״ל", "x"]),
            (r#"--until="2h 30m" x"#, vec!["--until=2h 30m", "x"]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_stood_in_quotation_marks_is_known() {
        let quoted: Vec<_> = split("“--a” --a")
            .unwrap()
            .iter()
            .map(|w| w.quoted)
            .collect();
        assert_eq!(quoted, [true, false]);
    }

    #[test]
    fn marks_around_a_word_count_nowhere() {
        for text in [
            "help",
            "Help.",
            "HELP!",
            "help?",
            "help…",
            "help!?",
            "“help”",
            "¿help?",
            "help。",
            "help！",
            "help？",
            "ｈｅｌｐ",
            "help please",
            "Please, help!",
            "help me, pls",
            " `help` ",
            "--help",
            "help :)",
        ] {
            assert!(word(text) == "help" && asks_help(text), "{text}");
        }
        for text in [
            "",
            "?",
            "help us",
            "help help",
            "helpful",
            "please",
            "he lp",
        ] {
            assert_ne!(word(text), "help", "{text}");
        }
        assert_eq!(word("Please"), "please");
        assert!(asks_help(" ？? ") && !asks_help("") && !asks_help("!"));
        assert!(asks_help("-h") && asks_help("--help") && !asks_help("h"));
    }

    #[test]
    fn a_missing_quotation_mark_is_told() {
        let missing = refusal(r#"a "Lunch"#);
        assert!(missing.contains("quotation mark missing"), "{missing}");
        assert!(missing.ends_with("in: \"Lunch"), "{missing}");
        let long = refusal(&format!("\"{}", "*".repeat(16_000)));
        assert!(long.len() < 250 && long.ends_with(r"\*…"), "{long}");
        for text in [
            "„Lunch?\" \"Pizza\" „Soup“",
            "“a“ “b”",
            "「a",
            "'tis nice",
            "「a「b」",
        ] {
            let sentence = refusal(text);
            assert!(sentence.contains("quotation mark missing"), "{sentence}");
        }
    }

    #[test]
    fn what_may_mean_two_things_is_refused() {
        for text in [
            r#""How is "Der Herr der Ringe"?" "A""#,
            r#""say ""hi"" now" "A""#,
            r#""A"x"#,
            r#""A"-"B""#,
            "''Lunch?'' ''A''",
            "``Lunch?'' ``A''",
        ] {
            let sentence = refusal(text);
            assert!(sentence.contains("isn't clear"), "{text}: {sentence}");
        }
        for text in [",,Lunch today?'' ,,Pizza''", "\"Lunch?\" ,,Pizza"] {
            assert!(refusal(text).contains("Two commas"), "{text}");
        }
        for text in [
            r#"Lunch?"A" "B""#,
            "5\" 7\"",
            "ランチ「ピザ」「寿司」",
            "a» b",
            "‘the boys’ room’ b",
        ] {
            let sentence = refusal(text);
            assert!(sentence.contains("within a word"), "{text}: {sentence}");
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_comes_back_from_quotation_marks() {
        let letters: Vec<char> = "ab1 \\\"'’“”„«»‘‚「」`-–—=,@\u{200b}\u{a0}é👍\n"
            .chars()
            .collect();
        let mut rng = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let length = rng.usize(0..24);
            let text: String = (0..length).filter_map(|_| rng.choice(&letters)).collect();
            drop(split(&text));
            let read = split(&format!("x {} y", typed(&text))).unwrap();
            assert_eq!((read.len(), &read[1].text), (3, &text));
            assert!(read[1].quoted);
        }
    }

    /// A text in quotation marks, as somebody types it who knows the rules.
    fn typed(text: &str) -> String {
        let mut typed = String::from('"');
        let mut slashes = 0;
        for letter in text.chars() {
            if letter == '"' {
                typed.push_str(&"\\".repeat(slashes + 1));
            }
            slashes = if letter == '\\' { slashes + 1 } else { 0 };
            typed.push(letter);
        }
        typed.push_str(&"\\".repeat(slashes));
        typed + "\""
    }
}
