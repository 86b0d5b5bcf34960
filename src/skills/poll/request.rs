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
                Some(flag) => request.take(flag, &mut rest)?,
            }
        }
        if asks_how(&plain) {
            return Err(how());
        }
        if let Some(sentence) = misplaced(&plain) {
            return Err(Failure::Refused(sentence));
        }
        let mut plain = plain.into_iter().map(|word| one_line(&word.text));
        request.question = plain.next().unwrap_or_default();
        request.options = plain.collect();
        Ok(request)
    }

    /// Notes what a flag asks for, with the words behind it that belong to it.
    fn take(&mut self, flag: Flag, rest: &mut &[Word]) -> Result<(), Failure> {
        let (wanted, name) = match flag {
            Flag::Multiple => (&mut self.multiple, "multiple"),
            Flag::Anonymous => (&mut self.anonymous, "anonymous"),
            Flag::Fixed => (&mut self.fixed, "fixed"),
            Flag::Help => return Err(how()),
            Flag::Until(first) => {
                let time = time(first, rest)?;
                return match self.until.replace(time) {
                    None => Ok(()),
                    Some(before) => Err(Failure::Refused(format!(
                        "`--until` is there twice, the first time with {}.",
                        escape(&before)
                    ))),
                };
            }
        };
        *wanted = true;
        match rest.first().filter(|word| is_value(word)) {
            None => Ok(()),
            Some(word) => Err(Failure::Refused(format!(
                "`--{name}` takes no value: is {} behind it one, or an option? A flag that isn't wanted is left \
                 out; an option goes into quotation marks.",
                escape(&word.text)
            ))),
        }
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

fn how() -> Failure {
    Failure::Refused(format!("`/poll {USAGE}` {ABOUT}"))
}

/// Whether a word behind a flag says how many, or whether at all.
fn is_value(word: &Word) -> bool {
    const VALUES: [&str; 6] = ["yes", "no", "true", "false", "on", "off"];
    let text = word.text.to_lowercase();
    let number = text.parse::<u32>().is_ok();
    !word.quoted && (number || VALUES.contains(&&*text))
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
