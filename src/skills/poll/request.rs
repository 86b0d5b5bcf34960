use std::sync::LazyLock;

use regex::Regex;

use super::flags::Flag;
use super::option::{check, is_seen, one_line, pattern, same};
use super::{ABOUT, QUESTION_CHARS, USAGE};
use crate::skill::{Failure, Slash, Word, asks_help, escape, shortened};

/// A slash command's text, in parts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Request {
    pub question: String,
    pub options: Vec<String>,
    pub multiple: bool,
    pub anonymous: bool,
    /// Nobody adds options.
    pub fixed: bool,
    /// The time as it was typed.
    pub until: Option<String>,
}

impl Request {
    /// Reads it; what can't be read is told to the person.
    pub fn read(cmd: &Slash) -> Result<Self, Failure> {
        let mut request = Self::default();
        let mut plain: Vec<Word> = Vec::new();
        let words = cmd.split()?;
        let mut rest = words.as_slice();
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            match Flag::read(word).transpose().map_err(Failure::Refused)? {
                None => plain.push(word.clone()),
                Some(Flag::Multiple) => request.multiple = true,
                Some(Flag::Anonymous) => request.anonymous = true,
                Some(Flag::Fixed) => request.fixed = true,
                Some(Flag::Until(first)) => {
                    let time = time(first, &mut rest)?;
                    if let Some(before) = request.until.replace(time) {
                        let before = escape(&before);
                        let sentence =
                            format!("`--until` is there twice, the first time with {before}.");
                        return Err(Failure::Refused(sentence));
                    }
                }
            }
        }
        if asks_how(&plain) {
            return Err(Failure::Refused(format!("`/poll {USAGE}` {ABOUT}")));
        }
        if let Some(sentence) = misplaced(&plain) {
            return Err(Failure::Refused(sentence));
        }
        let mut plain = plain.into_iter().map(|word| one_line(&word.text));
        request.question = plain.next().unwrap_or_default();
        request.options = plain.collect();
        Ok(request)
    }

    /// What a poll can't be made of is told to the person. Without options it is one for yes and no.
    pub fn check(&mut self, most: usize) -> Result<(), Failure> {
        let refuse = |sentence: String| Err(Failure::Refused(sentence));
        if !is_seen(&self.question) || self.options.len() == 1 {
            return refuse(format!(
                "A poll needs a question and at least 2 options, or none for Yes and No: `/poll {USAGE}`"
            ));
        }
        if self.question.chars().count() > QUESTION_CHARS {
            return refuse(format!(
                "The question is too long: it may have {QUESTION_CHARS} characters."
            ));
        }
        if self.options.is_empty() {
            self.options = vec!["Yes".into(), "No".into()];
        }
        if self.options.len() > most {
            let found = self.options.len();
            return refuse(format!(
                "These are {found} options; a poll has at most {most}."
            ));
        }
        for (i, option) in self.options.iter().enumerate() {
            check(option).or_else(refuse)?;
            if self.options[..i].iter().any(|other| same(other, option)) {
                return refuse(format!("The option **{}** is there twice.", escape(option)));
            }
        }
        Ok(())
    }
}

/// Whether nothing is there but a call for help, or it with a question.
fn asks_how(words: &[Word]) -> bool {
    let helps = |words: &[Word]| {
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        asks_help(&texts.join(" ")) && !words.iter().any(|word| word.quoted)
    };
    match words {
        [] => false,
        [one] => helps(std::slice::from_ref(one)),
        [first, rest @ ..] => {
            let behind = matches!(rest, [_]) && helps(std::slice::from_ref(first));
            helps(words) || helps(rest) || behind
        }
    }
}

/// What quotation marks would have made clear.
fn misplaced(plain: &[Word]) -> Option<String> {
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
    let mut bare = plain.iter().filter(|word| !word.quoted && !asks(word));
    if let Some(name) = bare.find_map(|word| Flag::without_dashes(&word.text)) {
        return Some(format!(
            "Is the flag `--{name}` meant? It begins with two dashes; an option is put into quotation marks."
        ));
    }
    if let Some(word) = plain.iter().find(|word| is_mark(word)) {
        let word = escape(&shortened(&word.text));
        return Some(format!(
            "Is {word} an option, or does it begin or end one? Each option goes into quotation marks, without \
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

/// A word without quotation marks that is no option by itself: punctuation, or the number or mark of a list.
fn is_mark(word: &Word) -> bool {
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?:\(?\d{1,2}[.):]|[a-z][.)]|\d\x{fe0f}?\x{20e3}|[.,;:!*…•‣◦▪–—·]+)$")
    });
    !word.quoted && MARK.is_match(&word.text.to_lowercase())
}

/// The time of a flag: what stands in its word or in the next one, if that is in quotation marks, and
/// all other words up to the next flag or quotation mark. Whether they belong to it is the time's to say.
fn time(first: Option<String>, rest: &mut &[Word]) -> Result<String, Failure> {
    let mut parts: Vec<String> = first.into_iter().collect();
    while let Some((word, after)) = rest.split_first() {
        let belongs = !word.quoted || parts.is_empty();
        if !belongs || Flag::read(word).is_some() {
            break;
        }
        parts.push(word.text.clone());
        *rest = after;
    }
    let time = one_line(&parts.join(" "));
    if time.is_empty() {
        let sentence =
            "`--until` needs a time behind it, such as `2h`, `17:30` or `tomorrow 9:00`.";
        return Err(Failure::refuse(sentence));
    }
    Ok(time)
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
    !word.quoted && word.text.ends_with(['?', '？', '؟'])
}

/// A word without quotation marks, among some that have them, that joins others: `or`, or one with a comma.
fn joining(words: &[Word]) -> Option<&str> {
    const JOIN: [&str; 14] = [
        "or", "and", "oder", "und", "ou", "et", "или", "vs", "vs.", "versus", "/", "|", "&", "+",
    ];
    if !words.iter().any(|word| word.quoted) {
        return None;
    }
    let between = 2..words.len().saturating_sub(1);
    let joins = |(at, word): &(usize, &Word)| {
        let alone = between.contains(at) && JOIN.contains(&&*word.text.to_lowercase());
        !word.quoted && (alone || word.text.ends_with([',', ';', '،', '、', '，', '；']))
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
