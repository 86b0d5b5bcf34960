use serde::{Deserialize, Serialize};

use super::Floor;
use super::answer::Answer;
use crate::skill::{Address, Person, UserId};

/// Who was asked what, and what came.
#[derive(Serialize, Deserialize)]
pub struct Round {
    pub(super) floor: Address<Floor>,
    pub(super) starter: Person,
    pub(super) channel: String,
    pub(super) questions: Vec<String>,
    pub(super) missing: Vec<Person>,
    pub(super) heard: Vec<(Person, Vec<Answer>)>,
    /// What those who are missing have said so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) begun: Vec<(Person, Vec<Answer>)>,
    /// Who said that they can't make it.
    pub(super) absent: Vec<Person>,
    /// Who has said nothing until it was over.
    #[serde(default)]
    pub(super) silent: Vec<Person>,
    /// Who has left the channel meanwhile.
    #[serde(default)]
    pub(super) left: Vec<Person>,
    /// Who isn't waited for any more, whatever they had said by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) gone: Vec<Person>,
    /// Who was deactivated meanwhile.
    #[serde(default)]
    pub(super) deactivated: Vec<Person>,
    /// Who can't be written to.
    #[serde(default)]
    pub(super) unreached: Vec<Person>,
    /// Those of them of whom the starter hasn't heard.
    #[serde(default)]
    pub(super) untold: Vec<Person>,
    pub(super) over: bool,
}

impl Round {
    /// A person has answered, or has edited an answer.
    pub(super) fn hear(&mut self, by: Person, answers: Vec<Answer>) {
        self.returns(&by.id);
        self.begun.retain(|(person, _)| person.id != by.id);
        match self.heard.iter_mut().find(|(known, _)| known.id == by.id) {
            Some((_, known)) => *known = answers,
            None => {
                self.missing.retain(|person| person.id != by.id);
                self.heard.push((by, answers));
            }
        }
    }

    /// What a person has said so far, who is missing.
    pub(super) fn notes(&mut self, by: Person, answers: Vec<Answer>) {
        if self.returns(&by.id) {
            self.missing.push(by.clone());
        }
        if !self.missing.iter().any(|person| person.id == by.id) {
            return;
        }
        self.begun.retain(|(person, _)| person.id != by.id);
        if !answers.is_empty() {
            self.begun.push((by, answers));
        }
    }

    /// Somebody for whom nobody waited says something; `false` where that is nobody.
    fn returns(&mut self, by: &UserId) -> bool {
        let before = self.gone.len();
        for gone in [&mut self.gone, &mut self.deactivated, &mut self.left] {
            gone.retain(|person| person.id != *by);
        }
        self.gone.len() < before
    }

    /// A person goes back to the questions.
    pub(super) fn reopens(&mut self, by: &UserId) {
        if let Some((person, answers)) = self.take_back(by) {
            self.missing.push(person.clone());
            self.notes(person, answers);
        } else if let Some(at) = self.absent.iter().position(|person| person.id == *by) {
            self.missing.push(self.absent.remove(at));
        }
    }

    /// A person can't make it, and takes back what they have said.
    pub(super) fn declines(&mut self, by: &UserId) {
        let is = |person: &Person| person.id == *by;
        let missing = self.missing.iter().position(is);
        let gone = self.gone.iter().find(|person| is(person)).cloned();
        self.returns(by);
        let who = missing.map(|at| self.missing.remove(at)).or(gone);
        let who = who.or_else(|| Some(self.take_back(by)?.0));
        self.begun.retain(|(person, _)| person.id != *by);
        self.absent.extend(who);
    }

    /// All that was answered.
    pub(super) fn answers(&mut self) -> impl Iterator<Item = &mut Answer> {
        let all = self.heard.iter_mut().chain(&mut self.begun);
        all.flat_map(|(_, answers)| answers)
    }

    /// Those for whom nobody waits, by why.
    pub(super) fn apart(&self) -> [(&'static str, &Vec<Person>); 5] {
        [
            ("Absent", &self.absent),
            ("No answer", &self.silent),
            ("Left the channel", &self.left),
            ("Deactivated", &self.deactivated),
            ("I couldn't ask", &self.unreached),
        ]
    }

    pub(super) fn has_begun(&self, by: &UserId) -> bool {
        self.begun.iter().any(|(person, _)| person.id == *by)
    }

    /// Somebody's answers are no more all that they say.
    pub(super) fn take_back(&mut self, by: &UserId) -> Option<(Person, Vec<Answer>)> {
        let at = self.heard.iter().position(|(person, _)| person.id == *by)?;
        Some(self.heard.remove(at))
    }
}
