use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexSet};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind, Look, LookSet};

/// Many patterns, of which a text is to match one.
///
/// A set of regular expressions takes milliseconds for a text where there are hundreds of them. But hardly any of
/// them can match a text without a certain word in it: all of these are looked for at once, and only patterns whose
/// word is there are tried.
pub(super) struct Patterns {
    all: Vec<Pattern>,
    /// Found in any case: what that leaves is checked.
    words: AhoCorasick,
    owners: Vec<Word>,
    /// Those that have no such word, and which of all they are.
    others: RegexSet,
    numbers: Vec<usize>,
}

/// Compiled when it is tried for the first time: most never are.
struct Pattern {
    text: String,
    regex: OnceLock<Option<Regex>>,
}

/// What a text has in it that matches a pattern.
struct Word {
    pattern: usize,
    /// In this very case.
    exact: Option<Vec<u8>>,
    /// At its beginning.
    begins: bool,
    /// At the beginning of a word.
    begins_word: bool,
    /// That is all: there is nothing to try.
    is_all: bool,
}

impl Patterns {
    /// Patterns that are valid, in their order.
    ///
    /// # Errors
    /// Where they are too much together; a sentence.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let pattern = |text| Pattern {
            text,
            regex: OnceLock::new(),
        };
        let all: Vec<Pattern> = patterns.into_iter().map(pattern).collect();
        let (mut words, mut owners, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for (number, pattern) in all.iter().enumerate() {
            match words_of(number, &pattern.text) {
                Some(found) => found.into_iter().for_each(|(word, owner)| {
                    words.push(word);
                    owners.push(owner);
                }),
                None => numbers.push(number),
            }
        }
        let mut builder = AhoCorasick::builder();
        let words = builder.ascii_case_insensitive(true).build(words);
        let others = RegexSet::new(numbers.iter().map(|number| &all[*number].text));
        Ok(Self {
            words: words.map_err(|error| error.to_string())?,
            owners,
            others: others.map_err(|error| error.to_string())?,
            numbers,
            all,
        })
    }

    /// The first one that matches a text, of those that count.
    pub fn first(&self, text: &str, counts: impl Fn(usize) -> bool) -> Option<usize> {
        let others = self.others.matches(text);
        let mut others = others.iter().map(|index| self.numbers[index]);
        let other = others.find(|number| counts(*number));
        let may = |number: &usize| other.is_none_or(|other| *number < other) && counts(*number);
        let mut open: Vec<(usize, bool)> = self.found(text).filter(|(n, _)| may(n)).collect();
        // Of several words of one that comes first which leaves nothing to try.
        open.sort_unstable();
        open.dedup_by_key(|(number, _)| *number);
        let mut open = open.into_iter();
        let first = open.find(|(number, tries)| !tries || self.all[*number].matches(text));
        first.map(|(number, _)| number).or(other)
    }

    /// Patterns whose word is in a text, and whether they are still to be tried.
    fn found(&self, text: &str) -> impl Iterator<Item = (usize, bool)> {
        let found = self.words.find_overlapping_iter(text).filter_map(|found| {
            let word = &self.owners[found.pattern().as_usize()];
            word.is_at(text.as_bytes(), found.range()).then_some(word)
        });
        found.map(|word| (word.pattern, !word.is_all))
    }
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(&self.text).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

impl Word {
    fn is_at(&self, text: &[u8], at: Range<usize>) -> bool {
        if let Some(before) = text[..at.start].last()
            && (self.begins || self.begins_word && is_of_word(before))
        {
            return false;
        }
        let exact = self.exact.as_deref();
        exact.is_none_or(|exact| exact == &text[at])
    }
}

/// The words of which each text has one that matches a pattern, in lower case; `None` where there are no such.
fn words_of(pattern: usize, text: &str) -> Option<BTreeMap<Vec<u8>, Word>> {
    let hir = regex_syntax::parse(text).ok()?;
    let begins = in_one_case(&hir, ExtractKind::Prefix);
    let (words, look) = match begins {
        Some(words) => (words, hir.properties().look_set_prefix()),
        None => (in_one_case(&hir, ExtractKind::Suffix)?, LookSet::empty()),
    };
    let word = |(word, mut written): (Vec<u8>, Vec<Vec<u8>>)| {
        let owner = Word {
            pattern,
            exact: written.pop().filter(|_| written.is_empty()),
            begins: look.contains(Look::Start),
            begins_word: word.first().is_some_and(is_of_word)
                && (look.contains(Look::WordUnicode) || look.contains(Look::WordAscii)),
            // Long ones are cut.
            is_all: matches!(hir.kind(), HirKind::Literal(all) if all.0.len() == word.len()),
        };
        (word, owner)
    };
    Some(words.into_iter().map(word).collect())
}

/// What a match begins or ends with, by its form in lower case.
fn in_one_case(hir: &Hir, kind: ExtractKind) -> Option<BTreeMap<Vec<u8>, Vec<Vec<u8>>>> {
    let words = Extractor::new().kind(kind).extract(hir);
    if words.min_literal_len()? == 0 {
        return None;
    }
    let mut forms: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for word in words.literals()? {
        let word = word.as_bytes();
        let written = forms.entry(word.to_ascii_lowercase()).or_default();
        written.push(word.to_owned());
    }
    Some(forms)
}

/// Of other letters only the pattern itself knows.
fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 31] = [
        "echo",
        "a word of more than a hundred letters, of which the last is looked at, too: is it there? If not, this isn't it!!!!",
        "^echo",
        "echo$",
        r"\becho\b",
        r"(?i)\becho\b",
        "(?i)^echo",
        "(?m)^echo$",
        r"(?i)^echo\s+(\S+)",
        r"\becho-\d+\b",
        r"\d+ echo",
        r"(?-u)\becho",
        "Echo|ECHO",
        "",
        ".*",
        r"^\d+$",
        "a|",
        "(?i)straße",
        "(?i)kiss",
        "(?i)ﬁ",
        r"\b_x",
        r"\bé",
        r"é\b",
        r"\B.cho",
        "(foo|bar)baz?",
        "x{3,}",
        r"(?s)foo.bar",
        "(?i)deployment-of-many-letters",
        "[Ee]cho",
        r"\Aecho\z",
        r"e(?:cho)*",
    ];

    const TEXTS: [&str; 27] = [
        "a word of more than a hundred letters, of which the last is looked at, too: is it there? If not, this isn't it",
        "",
        "echo",
        "Echo",
        "ECHO echo",
        "an echo",
        "echoes",
        "re-echo",
        "reecho",
        "échos echo é",
        "éecho",
        "echo-7 x",
        "7 echo",
        "say\necho\nthis",
        "12",
        "Straße",
        "STRASSE",
        "straſſe",
        "\u{212a}iss",
        "ki\u{17f}s",
        "a ﬁ",
        "_x a_x",
        "é aé",
        "foobaz barba xxx",
        "foo\nbar",
        "DEPLOYMENT-of-MANY-letters",
        "e",
    ];

    #[test]
    fn the_first_that_matches_is_found_as_a_set_finds_it() {
        let texts = PATTERNS.map(str::to_owned);
        for skipped in 0..PATTERNS.len() {
            let patterns = Patterns::new(texts[skipped..].to_vec()).unwrap();
            let set = RegexSet::new(&texts[skipped..]).unwrap();
            for text in TEXTS {
                for odd in [false, true] {
                    let counts = |number: usize| !odd || number % 2 == 1;
                    let expected = set.matches(text).iter().find(|number| counts(*number));
                    let found = patterns.first(text, counts);
                    assert_eq!(found, expected, "{text:?} after {skipped}");
                }
            }
        }
        for (number, text) in texts.iter().enumerate() {
            let alone = Patterns::new([text.clone()]).unwrap();
            let regex = Regex::new(text).unwrap();
            for said in TEXTS {
                let found = alone.first(said, |_| true).is_some();
                assert_eq!(found, regex.is_match(said), "{number}: {text} in {said:?}");
            }
        }
    }

    #[test]
    fn where_no_word_of_a_pattern_is_none_is_tried() {
        let texts = (0..1_000).map(|n| format!(r"(?i)\bword{n}x\b"));
        let patterns = Patterns::new(texts).unwrap();
        assert!(patterns.numbers.is_empty());
        let tried = || {
            let tried = patterns.all.iter().filter(|one| one.regex.get().is_some());
            tried.count()
        };
        assert_eq!(patterns.first("password7x and Wörter", |_| true), None);
        assert_eq!(tried(), 0);
        assert_eq!(patterns.first("Grüße, WORD7X: word9x", |_| true), Some(7));
        assert_eq!(tried(), 1);
        assert_eq!(Patterns::new([]).unwrap().first("text", |_| true), None);
    }
}
