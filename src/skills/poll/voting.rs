use super::ballot::{Ballot, Choices};
use super::option::{check, same};
use super::{Poll, full};
use crate::skill::{Failure, Person, escape};

impl Poll {
    /// What is asked before a poll is deleted.
    pub(super) fn farewell(&self) -> String {
        let votes = match self.votes.len() {
            1 => "1 person has voted".into(),
            n => format!("{n} people have voted"),
        };
        let question = escape(&self.question);
        format!(
            "**{question}**\n\n{votes}. It is gone then for everybody, with its votes and its thread."
        )
    }

    /// Counts a vote, moves it or takes it back; what the voter is told.
    pub(super) fn vote(&mut self, by: &Person, index: usize) -> Result<String, Failure> {
        let Some(option) = self.options.get(index).map(|option| escape(option)) else {
            return Err(Failure::refuse("This option is gone."));
        };
        let Ballot(name, choices) = self.votes.entry(by.id).or_default();
        if !self.anonymous {
            name.clone_from(&by.name);
        }
        let again = choices.has(index);
        Ok(match (self.multiple, again) {
            (true, true) => {
                choices.flip(index);
                if choices.is_empty() {
                    self.votes.remove(&by.id);
                }
                format!("Your vote for **{option}** is taken back.")
            }
            (false, true) => format!("Your vote is for **{option}** already."),
            (false, false) => {
                let moved = !choices.is_empty();
                *choices = Choices::only(index);
                let how = if moved { "now counts" } else { "counts" };
                format!("Your vote {how} for **{option}**.")
            }
            (true, false) => {
                choices.flip(index);
                format!("Your vote counts for **{option}**.")
            }
        })
    }

    /// Why an option can't be added.
    pub(super) fn check_new(&self, option: &str, most: usize) -> Result<(), String> {
        if self.options.len() >= most {
            return Err(full(most));
        }
        check(option)?;
        match self.options.iter().any(|other| same(other, option)) {
            true => Err("This option is there already.".into()),
            false => Ok(()),
        }
    }
}
