use serde::{Deserialize, Serialize};

use super::word::Word;
use crate::skill::{PostId, quote};

/// How long an answer may be, in characters.
pub(super) const ANSWER_CHARS: usize = 2_000;

/// What a person has answered to one question, in one post or several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Answer(Vec<AnswerPost>);

/// A post of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerPost {
    /// Which; it may be edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    /// What it says.
    pub text: String,
    /// Links to its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// As it is stored; at first an answer was only its text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Parts(Vec<AnswerPost>),
}

impl From<Stored> for Answer {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Text(text) => text.as_str().into(),
            Stored::Parts(parts) => Self(parts),
        }
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self(vec![AnswerPost {
            post: None,
            text: text.to_owned(),
            files: Vec::new(),
        }])
    }
}

/// What somebody has typed, without empty lines around it: spaces before the first may make code of it.
pub(super) fn typed(text: &str) -> &str {
    text.trim_end().trim_start_matches('\n')
}

impl AnswerPost {
    /// A post without files.
    pub fn of(post: PostId, text: &str) -> Self {
        Self {
            post: Some(post),
            text: text.to_owned(),
            files: Vec::new(),
        }
    }
}

impl Answer {
    /// Another post of it.
    pub fn add(&mut self, part: AnswerPost) {
        self.0.push(part);
    }

    /// How many characters it has.
    pub fn chars(&self) -> usize {
        self.0.iter().map(|part| part.text.chars().count()).sum()
    }

    /// What its post says now, or that it is gone with its files; `false` where it is none of its posts.
    pub fn edit(&mut self, post: &PostId, text: Option<&str>) -> bool {
        let is = |part: &AnswerPost| part.post == Some(*post);
        let Some(part) = self.0.iter_mut().find(|part| is(part)) else {
            return false;
        };
        match text {
            Some(text) => text.clone_into(&mut part.text),
            None => self.0.retain(|part| !is(part)),
        }
        true
    }

    /// The word that it is, if it is no answer any more.
    pub(super) fn word(&self) -> Option<Word> {
        match &self.0[..] {
            [part] if part.files.is_empty() => Word::typed(&part.text),
            _ => None,
        }
    }

    /// It is none any more.
    pub(super) fn take_back(&mut self) {
        self.0.clear();
    }

    pub fn posts(&self) -> impl Iterator<Item = PostId> {
        self.0.iter().filter_map(|part| part.post)
    }

    /// As the channel reads it.
    pub fn quoted(&self) -> String {
        let texts = self.0.iter().map(|part| part.text.as_str());
        // Each post by itself: what one of them leaves open doesn't go on in the next.
        let quoted = texts.filter(|text| !text.is_empty()).map(quote);
        let files: Vec<_> = self.0.iter().flat_map(|part| &part.files).collect();
        let many = files.len() > 1;
        let link = |(n, file): (usize, &&String)| match many {
            true => format!("> [file {}]({file})", n + 1),
            false => format!("> [file]({file})"),
        };
        let lines: Vec<_> = quoted.chain(files.iter().enumerate().map(link)).collect();
        if lines.is_empty() {
            return "> (taken back)".into();
        }
        // What is in the text ends before the files.
        lines.join("\n>\n")
    }
}

/// Whether a text isn't too long for an answer.
pub(super) fn fits(text: &str) -> bool {
    text.chars().count() <= ANSWER_CHARS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_were_stored_as_texts_are_read() {
        let answers: Vec<Answer> =
            serde_json::from_str(r#"["Tests", [{"text": "Code"}]]"#).unwrap();
        assert_eq!(answers, ["Tests".into(), "Code".into()]);
        let again = serde_json::to_string(&answers).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<Answer>>(&again).unwrap(),
            answers
        );
    }

    #[test]
    fn posts_of_one_answer_stand_apart() {
        let mut answer = Answer::from("- Tests");
        for text in ["```\nlet", "Rest"] {
            answer.add(AnswerPost {
                post: None,
                text: text.into(),
                files: Vec::new(),
            });
        }
        assert_eq!(
            answer.quoted(),
            "> - Tests\n>\n> ```\n> let\n> ```\n>\n> Rest"
        );
    }

    #[test]
    fn files_stand_below_what_is_said_whatever_that_is() {
        let file = |text: &str, files: &[&str]| {
            Answer(vec![AnswerPost {
                post: None,
                text: text.into(),
                files: files.iter().map(|file| (*file).into()).collect(),
            }])
        };
        assert_eq!(file("", &["/a"]).quoted(), "> [file](/a)");
        let quoted = file("```\nlet", &["/a", "/b"]).quoted();
        assert_eq!(
            quoted,
            "> ```\n> let\n> ```\n>\n> [file 1](/a)\n>\n> [file 2](/b)"
        );
    }
}
