use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::run::{Run, ToRun};
use super::word::{AFTER_ALL, Word};
use crate::skill::{Address, Person, PostId, escape};

/// What one run wants to know of one person.
#[derive(Clone, Serialize, Deserialize)]
pub struct Invitation {
    pub(super) run: Address<Run>,
    pub(super) person: Person,
    pub(super) starter: String,
    pub(super) channel: String,
    pub(super) questions: Vec<String>,
}

/// An interview with all answers, or that was cancelled.
#[derive(Serialize, Deserialize)]
pub struct Finished {
    pub(super) invitation: Invitation,
    pub(super) answers: Vec<Answer>,
    /// Its person can't make it, as they said.
    #[serde(default)]
    pub(super) declined: bool,
}

impl Invitation {
    /// The channel's name, bold.
    pub(super) fn channel(&self) -> String {
        format!("**{}**", escape(&self.channel))
    }
}

impl Finished {
    pub(super) fn run(&self) -> &Address<Run> {
        &self.invitation.run
    }

    pub(super) fn channel(&self) -> String {
        self.invitation.channel()
    }

    pub(super) fn edit(&mut self, post: &PostId, text: Option<&str>) -> bool {
        self.answers
            .iter_mut()
            .any(|answer| answer.edit(post, text))
    }

    /// What is said about a post that nothing asked for.
    pub(super) fn unasked(&self) -> String {
        let channel = self.channel();
        match self.declined {
            true => format!(
                "{channel} hears that you can't make it, so that this is no answer. {AFTER_ALL}"
            ),
            false => format!(
                "{channel} has your answers already, and this isn't among them: edit your last answer to add it. {}",
                Word::KNOWN
            ),
        }
    }

    pub(super) fn heard(&self) -> ToRun {
        ToRun::Heard(self.invitation.person.clone(), self.answers.clone())
    }
}
