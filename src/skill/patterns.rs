use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexSet};
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
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
    owners: Vec<PatternWord>,
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
struct PatternWord {
    pattern: usize,
    /// How it may be written; none where that is in any case.
    forms: Vec<Vec<u8>>,
    before: Side,
    after: Side,
    /// There is no more to the pattern than this word and what is beside it.
    is_all: bool,
}

/// What must be beside a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Anything, or what only the pattern itself knows.
    Any,
    /// Nothing.
    Edge,
    /// Nothing, or what is no letter, digit or underscore.
    Boundary,
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
        let found = self.words.find_overlapping_iter(text);
        found.filter_map(|found| {
            let word = &self.owners[found.pattern().as_usize()];
            let fits = word.fits(text.as_bytes(), found.range())?;
            Some((word.pattern, !(fits && word.is_all)))
        })
    }
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(&self.text).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

impl PatternWord {
    /// `None` where its pattern can't match here, `true` where all that is known of it fits.
    fn fits(&self, text: &[u8], at: Range<usize>) -> Option<bool> {
        let before = self.before.fits(text[..at.start].last())?;
        let after = self.after.fits(text[at.end..].first())?;
        let written = &text[at];
        let is_a_form = self.forms.is_empty() || self.forms.iter().any(|form| form == written);
        is_a_form.then_some(before && after)
    }
}

impl Side {
    /// The same for one of the two sides.
    fn fits(self, beside: Option<&u8>) -> Option<bool> {
        match (self, beside) {
            (Self::Edge, Some(_)) => None,
            // Of other letters only the pattern itself knows.
            (Self::Boundary, Some(byte)) if !byte.is_ascii() => Some(false),
            (Self::Boundary, Some(byte)) if is_of_word(byte) => None,
            _ => Some(true),
        }
    }

    /// As a pattern asks for it beside a word that has this letter there; `false` where it asks for more.
    fn of(look: LookSet, edge: Look, letter: Option<&u8>) -> (Self, bool) {
        let words = [Look::WordUnicode, Look::WordAscii];
        let boundary = words.into_iter().any(|word| look.contains(word));
        match (
            look.contains(edge),
            boundary && letter.is_some_and(is_of_word),
        ) {
            (true, _) => (Self::Edge, look.len() == 1),
            (false, true) => (Self::Boundary, look.len() == 1),
            (false, false) => (Self::Any, look.is_empty()),
        }
    }
}

/// The words of which each text has one that matches a pattern, in lower case; `None` where there are no such.
fn words_of(pattern: usize, text: &str) -> Option<Vec<(Vec<u8>, PatternWord)>> {
    let hir = regex_syntax::parse(text).ok()?;
    let begins = words_at(&hir, ExtractKind::Prefix);
    let is_prefix = begins.is_some();
    let words = begins.or_else(|| words_at(&hir, ExtractKind::Suffix))?;
    let looks = hir.properties();
    let (before, after) = match is_prefix {
        true => (looks.look_set_prefix(), looks.look_set_suffix()),
        false => (LookSet::empty(), LookSet::empty()),
    };
    let is_exact = is_prefix && words.is_exact() && looks_only_aside(&hir);
    let word = |(word, forms): (Vec<u8>, Vec<Vec<u8>>)| {
        let (before, all_before) = Side::of(before, Look::Start, word.first());
        let (after, all_after) = Side::of(after, Look::End, word.last());
        let owner = PatternWord {
            pattern,
            forms,
            before,
            // Behind the beginning of a match there may be more of it.
            after: if is_exact { after } else { Side::Any },
            is_all: is_exact && all_before && all_after,
        };
        (word, owner)
    };
    Some(in_one_case(&words)?.into_iter().map(word).collect())
}

/// What any match begins or ends with.
fn words_at(hir: &Hir, kind: ExtractKind) -> Option<Seq> {
    let words = Extractor::new().kind(kind).extract(hir);
    (words.min_literal_len()? > 0).then_some(words)
}

/// Whether a pattern looks at what is beside a match and at nothing within.
fn looks_only_aside(hir: &Hir) -> bool {
    let HirKind::Concat(parts) = hir.kind() else {
        return hir.properties().look_set().is_empty();
    };
    let is_more = |part: &Hir| !matches!(part.kind(), HirKind::Look(_));
    let first = parts.iter().position(is_more);
    let within = first.zip(parts.iter().rposition(is_more));
    let blind = |part: &Hir| part.properties().look_set().is_empty();
    within.is_some_and(|(first, last)| parts[first..=last].iter().all(blind))
}

/// Words in lower case, each with its forms; none where it has all that differ by the case of ASCII letters.
fn in_one_case(words: &Seq) -> Option<BTreeMap<Vec<u8>, Vec<Vec<u8>>>> {
    let mut all: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    for word in words.literals()? {
        let word = word.as_bytes();
        let forms = all.entry(word.to_ascii_lowercase()).or_default();
        forms.push(word.to_owned());
    }
    for (word, forms) in &mut all {
        let letters = word.iter().filter(|byte| byte.is_ascii_lowercase());
        forms.sort_unstable();
        forms.dedup();
        if u32::try_from(letters.count()).is_ok_and(|n| 1_usize.checked_shl(n) == Some(forms.len()))
        {
            forms.clear();
        }
    }
    Some(all)
}

fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 41] = [
        "echo",
        r"^echo\b",
        r"^\becho$",
        r"\b\Becho",
        r"\b(echo|éecho)\b",
        r"ec\bho",
        r"(?i)\b(echo|reecho)$",
        r"\becho\b\b",
        r"-\becho",
        r"(?i)7\b",
        r"\b{start}echo",
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

    const TEXTS: [&str; 33] = [
        "eCHo",
        "echo7",
        "echoé",
        "echo é",
        "-echo",
        "reEcho",
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
        let texts = (0..1_000).map(|n| format!(r"(?i)\bword{n}x-\d+"));
        let patterns = Patterns::new(texts).unwrap();
        assert!(patterns.numbers.is_empty());
        let tried = || {
            let tried = patterns.all.iter().filter(|one| one.regex.get().is_some());
            tried.count()
        };
        assert_eq!(patterns.first("password7x-1 and Wörter", |_| true), None);
        assert_eq!(tried(), 0);
        assert_eq!(patterns.first("Grüße, WORD7X-1: word9x", |_| true), Some(7));
        assert_eq!(tried(), 1);
        let simple = Patterns::new([r"(?i)\bword\b".to_owned()]).unwrap();
        assert_eq!(simple.first("a Word.", |_| true), Some(0));
        assert!(simple.all[0].regex.get().is_none(), "it needs no try");
        assert_eq!(Patterns::new([]).unwrap().first("text", |_| true), None);
    }
}
