use super::ballot::{Ballot, Choices};
use super::option::{check, same};
use super::view::NAMES;
use super::{Poll, full};
use crate::skill::{Failure, Person, escape};

impl Poll {
    /// What is asked before a poll is deleted.
    pub(super) fn farewell(&self) -> String {
        let votes = match self.votes.len() {
            0 => "Nobody has voted".into(),
            1 => "1 person has voted".into(),
            n => format!("{n} people have voted"),
        };
        let question = escape(&self.question);
        format!(
            "**{question}**\n\n{votes}. It is gone then for everybody, with its votes and its thread."
        )
    }

    /// Calls somebody who does something with this poll by the name that they have now. Those who do nothing keep
    /// their former one: a look at each would cost a call to Mattermost a click.
    pub(super) fn meet(&mut self, by: &Person) {
        if by.id == self.author.id {
            self.author.name.clone_from(&by.name);
        }
        if let Some(Ballot(name, _)) = self.votes.get_mut(&by.id).filter(|_| !self.anonymous) {
            name.clone_from(&by.name);
        }
    }

    /// Counts a vote, moves it or takes it back; what the voter is told, where the card doesn't show it.
    pub(super) fn vote(&mut self, by: &Person, index: usize) -> Result<Option<String>, Failure> {
        let Some(option) = self.options.get(index).map(|option| escape(option)) else {
            return Err(Failure::refuse("This option is gone."));
        };
        let Ballot(name, choices) = self.votes.entry(by.id).or_default();
        if !self.anonymous {
            name.clone_from(&by.name);
        }
        let again = choices.has(index);
        let told = match (self.multiple, again) {
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
        };
        Ok(Some(told).filter(|_| !self.names_all(index)))
    }

    /// Whether the card names everybody who voted for this option.
    fn names_all(&self, index: usize) -> bool {
        let votes = self.votes.values();
        let votes = votes.filter(|Ballot(_, choices)| choices.has(index));
        !self.anonymous && votes.count() <= NAMES
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
