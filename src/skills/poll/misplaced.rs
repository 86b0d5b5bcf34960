use std::sync::LazyLock;

use regex::Regex;

use super::USAGE;
use super::flags::Flag;
use super::option::pattern;
use crate::skill::{Word, escape, shortened};

/// What quotation marks would have made clear.
pub(super) fn misplaced(plain: &[Word]) -> Option<String> {
    if is_torn(plain) {
        return Some(format!(
            "A question of several words goes into quotation marks: `/poll {USAGE}`"
        ));
    }
    if let Some(word) = plain.iter().enumerate().find_map(in_brackets) {
        let word = escape(&shortened(word));
        return Some(format!(
            "Brackets don't hold words together, and {word} begins with one; quotation marks do: `/poll {USAGE}`"
        ));
    }
    if let Some((open, close)) = split_pair(plain) {
        let [open, close] = [open, close].map(|word| escape(&shortened(word)));
        return Some(format!(
            "Marks of Markdown don't hold words together, and those of {open} end only with {close}; quotation \
             marks do: `/poll {USAGE}`"
        ));
    }
    joined(plain)
}

/// What stands where an option or the question would, and is rather something between or before them.
fn joined(plain: &[Word]) -> Option<String> {
    let mut bare = plain.iter().filter(|word| !word.quoted && !asks(word));
    if let Some(name) = bare.find_map(|word| Flag::without_dashes(&word.text)) {
        return Some(format!(
            "Is the flag `--{name}` meant? It begins with two dashes; an option is put into quotation marks."
        ));
    }
    if let Some(word) = plain.iter().find(|word| is_mark(word)) {
        let word = escape(&shortened(&word.text));
        return Some(format!(
            "Is {word} an option, or does it begin, end or join some? Each option goes into quotation marks, without \
             numbers before it: `/poll {USAGE}`"
        ));
    }
    if let Some(first) = plain.first().filter(|word| !word.quoted && !asks(word)) {
        let word = escape(&shortened(&first.text));
        return Some(format!(
            "Is {word} the question? A question goes into quotation marks: `/poll {USAGE}`"
        ));
    }
    let word = escape(&shortened(joining(plain)?));
    Some(format!(
        "Is {word} an option, or does it join some? Each option goes into quotation marks: `/poll {USAGE}`"
    ))
}

/// A word without quotation marks that is no option by itself: marks alone, or the number or mark of a list. Faces
/// such as `:)` are options, and so are currencies and emojis.
fn is_mark(word: &Word) -> bool {
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?:\(?\d{1,2}[.):]|[a-z][.)]|\d\x{fe0f}?\x{20e3}|[\p{P}\p{Sm}◦▪➔➜\x{fe0f}]+)$")
    });
    static FACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[:;=]['-]?[()/\\|*]+$"));
    let text = word.text.to_lowercase();
    !word.quoted && MARK.is_match(&text) && !FACE.is_match(&text)
}

/// A word without quotation marks that begins with marks of Markdown, or as if in slashes, whose partner ends only a
/// later one; with that one.
fn split_pair(words: &[Word]) -> Option<(&str, &str)> {
    const MARKS: [&str; 8] = ["**", "__", "~~", "*", "_", "~", "|", "/"];
    let bare = |word: &&Word| !word.quoted;
    let end = |text: &'_ str| text.trim_end_matches(['.', ',', ';', ':', '!', '?']).len();
    let opens = |(at, word): (usize, &Word)| {
        let text = word.text.as_str();
        let mark = MARKS.into_iter().find(|mark| text.starts_with(mark))?;
        (text.len() > mark.len() && !text[mark.len()..].contains(mark)).then_some((at, mark))
    };
    let starts = words.iter().enumerate().filter(|(_, word)| bare(word));
    starts.filter_map(opens).find_map(|(at, mark)| {
        let mut later = words[at + 1..].iter().filter(bare);
        let closes = |word: &&Word| {
            let text = &word.text[..end(&word.text)];
            text.ends_with(mark) && !text.starts_with(mark)
        };
        let close = later.find(closes)?;
        Some((words[at].text.as_str(), close.text.as_str()))
    })
}

/// Whether it looks as if the words of the question weren't held together.
fn is_torn(words: &[Word]) -> bool {
    match words.split_first() {
        Some((first, rest)) if !first.quoted && !asks(first) => rest.iter().any(asks),
        _ => false,
    }
}

/// Whether a word without quotation marks ends a question.
fn asks(word: &Word) -> bool {
    let cry = ['!', '！'];
    !word.quoted
        && word
            .text
            .trim_end_matches(cry)
            .ends_with(['?', '？', '؟', '‽', '⁉', '⁈'])
}

/// A word without quotation marks that joins others: `or` between two, or one with a comma.
fn joining(words: &[Word]) -> Option<&str> {
    const JOIN: [&str; 17] = [
        "or", "and", "oder", "und", "ou", "et", "o", "или", "vs", "vs.", "versus", "/", "|", "&",
        "+", "→", "=",
    ];
    let is_joint = |word: &Word| !word.quoted && JOIN.contains(&&*word.text.to_lowercase());
    // Options of which already the first is such a word are about such words.
    let about_joints = words.get(1).is_some_and(is_joint);
    let between = 2..words.len().saturating_sub(1);
    let joins = |(at, word): &(usize, &Word)| {
        let alone = !about_joints && between.contains(at) && is_joint(word);
        let commas = [',', ';', '،', '、', '，', '；'];
        let parted = word.text.ends_with(commas) || word.text.starts_with(commas);
        alone || !word.quoted && parted
    };
    let found = words.iter().enumerate().find(joins);
    found.map(|(_, word)| word.text.as_str())
}

/// A word that looks as if brackets were to hold it together with others, or as if they were quotation marks: one
/// that is open, or the first in a pair.
fn in_brackets((at, word): (usize, &Word)) -> Option<&str> {
    const PAIRS: [(char, char); 8] = [
        ('(', ')'),
        ('[', ']'),
        ('{', '}'),
        ('<', '>'),
        ('（', '）'),
        ('［', '］'),
        ('｛', '｝'),
        ('＜', '＞'),
    ];
    let text = word.text.as_str();
    let (open, close) = PAIRS
        .into_iter()
        .find(|(open, _)| text.starts_with(*open))?;
    // `<5` is a number of something, and `<<` stands for «.
    let second = text.chars().nth(1);
    let holds = second.is_some_and(|second| second == open || second.is_alphabetic());
    let sign = matches!(open, '<' | '＜') && !holds;
    let torn = !text.contains(close) || at == 0 && text.ends_with(close);
    (torn && !sign && !word.quoted).then_some(text)
}
