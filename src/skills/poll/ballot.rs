use serde::{Deserialize, Serialize};

/// What one person voted for. The name is empty in an anonymous poll.
///
/// Every click reads and writes all ballots of its poll, so they are short: `["ann",5]`.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Ballot(pub String, pub Choices);

/// Options by their index, a bit for each: a poll has [`Choices::MOST`] at most.
#[derive(Serialize, Deserialize, Default, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(transparent)]
pub(super) struct Choices(u64);

impl Choices {
    /// How many options can be told apart.
    pub const MOST: usize = u64::BITS as usize;

    /// Only this option.
    pub fn only(index: usize) -> Self {
        Self(bit(index))
    }

    /// Whether this option is among them.
    pub fn has(self, index: usize) -> bool {
        self.0 & bit(index) != 0
    }

    /// Adds this option, or takes it away.
    pub fn flip(&mut self, index: usize) {
        self.0 ^= bit(index);
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

fn bit(index: usize) -> u64 {
    u32::try_from(index)
        .ok()
        .and_then(|index| 1u64.checked_shl(index))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_apart() {
        let mut choices = Choices::only(0);
        choices.flip(63);
        assert!(choices.has(0) && choices.has(63) && !choices.has(1) && !choices.has(64));
        choices.flip(0);
        assert_eq!(choices, Choices::only(63));
        choices.flip(63);
        assert!(choices.is_empty());
    }
}
