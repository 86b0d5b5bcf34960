use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::ids::Millis;

/// Names an outbox row or a job. 26 characters that sort by age; the post carries it as a prop and
/// in its `pending_post_id`, so that the post can be found again after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(String);

const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl RowId {
    /// From a time, a counter that grows within one process, and random bits.
    pub fn new(now: Millis, counter: u32, random: u64) -> Self {
        let high = (now.0.max(0) as u128) << 80;
        let middle = u128::from(counter) << 48;
        let low = u128::from(random & 0xffff_ffff_ffff);
        let mut bits = high | middle | low;
        let mut text = [0u8; 26];
        for letter in text.iter_mut().rev() {
            *letter = LETTERS[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(text.iter().map(|&b| char::from(b)).collect())
    }

    /// As it is stored and as the post's prop carries it. Anything is taken: a wrong one finds no row.
    pub fn read(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// When it was made; `None` for one that [`RowId::new`] didn't make.
    pub fn made(&self) -> Option<Millis> {
        let letters = self.0.as_bytes().get(..10)?;
        let mut digits = letters.iter().map(|letter| {
            let digit = LETTERS.iter().position(|one| one == letter)?;
            i64::try_from(digit).ok()
        });
        digits
            .try_fold(0, |time: i64, digit| Some(time << 5 | digit?))
            .map(Millis)
    }

    /// What leaves right after this row, because of it.
    pub fn next(&self) -> Self {
        Self(format!("{}-", self.0))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names a job; made like an outbox row's id, so that ids sort by age.
pub type JobId = RowId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_then_counter() {
        let early = RowId::new(Millis(1_000), 9, u64::MAX);
        let late = RowId::new(Millis(1_001), 0, 0);
        let later = RowId::new(Millis(1_001), 1, 0);
        assert!(early < late && late < later);
        assert_eq!(later.as_str().len(), 26);
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let id = RowId::new(Millis(1_772_000_037_919), 7, 42);
        assert_eq!(id.made(), Some(Millis(1_772_000_037_919)));
        assert_eq!(RowId::read("row").made(), None);
        assert_eq!(RowId::read("!!!!!!!!!!!!").made(), None);
    }
}
