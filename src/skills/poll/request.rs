use super::{OPTION_CHARS, QUESTION_CHARS, USAGE, one_line, same};
use crate::skill::{Failure, Slash, escape, shortened};

/// A slash command's text, in parts.
pub(super) struct Request {
    pub question: String,
    pub options: Vec<String>,
    pub multiple: bool,
    pub anonymous: bool,
    /// The time as it was typed.
    pub until: Option<String>,
}

impl Request {
    /// Reads it; what can't be read is told to the person.
    pub fn read(cmd: &Slash) -> Result<Self, Failure> {
        let (mut multiple, mut anonymous, mut until) = (false, false, None);
        let mut plain = Vec::new();
        let mut words = cmd.words()?.into_iter();
        while let Some(word) = words.next() {
            // Phones make a dash of two hyphens.
            let flag = word.strip_prefix("--").or_else(|| word.strip_prefix('—'));
            match flag {
                None => plain.push(one_line(&word)),
                Some("multiple") => multiple = true,
                Some("anonymous") => anonymous = true,
                Some("until") => {
                    let sentence = "`--until` needs a time behind it, such as `2h` or `17:30`.";
                    until = Some(words.next().ok_or_else(|| Failure::refuse(sentence))?);
                }
                Some(other) => {
                    let other = escape(&shortened(other));
                    let sentence = format!("I don't know `--{other}`. Try `/poll {USAGE}`.");
                    return Err(Failure::refuse(sentence));
                }
            }
        }
        let mut plain = plain.into_iter();
        Ok(Self {
            question: plain.next().unwrap_or_default(),
            options: plain.collect(),
            multiple,
            anonymous,
            until,
        })
    }

    /// What a poll can't be made of is told to the person.
    pub fn check(&self, most: usize) -> Result<(), Failure> {
        let refuse = |sentence: String| Err(Failure::Refused(sentence));
        if self.question.is_empty() || self.options.len() < 2 {
            return refuse(format!(
                "A poll needs a question and at least 2 options: `/poll {USAGE}`"
            ));
        }
        if self.question.chars().count() > QUESTION_CHARS {
            return refuse(format!(
                "The question is too long: it may have {QUESTION_CHARS} characters."
            ));
        }
        if self.options.len() > most {
            let found = self.options.len();
            return refuse(format!(
                "These are {found} options; a poll has at most {most}."
            ));
        }
        for (i, option) in self.options.iter().enumerate() {
            check_option(option).or_else(refuse)?;
            if self.options[..i].iter().any(|other| same(other, option)) {
                return refuse(format!("The option **{}** is there twice.", escape(option)));
            }
        }
        Ok(())
    }
}

/// Why this can't be an option.
pub(super) fn check_option(option: &str) -> Result<(), String> {
    match option.chars().count() {
        0 => Err("An option is empty.".into()),
        n if n > OPTION_CHARS => Err(format!(
            "An option is too long: it may have {OPTION_CHARS} characters."
        )),
        _ => Ok(()),
    }
}
