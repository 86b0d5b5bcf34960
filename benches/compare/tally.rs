use std::collections::BTreeMap;

use crate::polls::OPTIONS;

/// Who voted last for what, poll by poll.
#[derive(Default)]
pub struct Votes(BTreeMap<(usize, usize), usize>);

impl Votes {
    /// What this person voted for last in this poll.
    pub fn last(&self, poll: usize, voter: usize) -> Option<usize> {
        self.0.get(&(poll, voter)).copied()
    }

    /// A vote counts; an earlier one of the same person no longer does.
    pub fn vote(&mut self, poll: usize, voter: usize, option: usize) {
        self.0.insert((poll, voter), option);
    }

    /// How many votes each option of a poll has.
    pub fn counts(&self, poll: usize) -> Vec<usize> {
        let mut counts = vec![0; OPTIONS.len()];
        for option in self.0.range((poll, 0)..(poll + 1, 0)).map(|(_, o)| *o) {
            counts[option] += 1;
        }
        counts
    }
}

/// The counts that a card shows: the number behind each option's name and a colon.
pub fn shown(card: &str) -> Option<Vec<usize>> {
    let count = |option: &str| {
        let behind = card.lines().find_map(|line| line.split_once(option))?.1;
        let digits = behind.split_once(": ")?.1;
        let end = digits.find(|c: char| !c.is_ascii_digit());
        digits[..end.unwrap_or(digits.len())].parse().ok()
    };
    OPTIONS.into_iter().map(count).collect()
}
