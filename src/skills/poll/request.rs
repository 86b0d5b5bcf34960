use super::flags::Flag;
use super::misplaced::misplaced;
use super::option::{check, is_seen, one_line, same};
use super::{ABOUT, QUESTION_CHARS, USAGE};
use crate::skill::{Failure, Slash, Word, asks_help, escape};

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
