use std::fmt::{self, Write};

use super::{JobId, Key};

/// Names an event in the log, on all of its way: the last eight letters of its key, or of its job's id. The
/// first ones are a time in many, which others share.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventId([u8; 8]);

impl EventId {
    fn of(letters: &[u8]) -> Self {
        let mut id = [b'-'; 8];
        let last = &letters[letters.len().saturating_sub(8)..];
        id[8 - last.len()..].copy_from_slice(last);
        Self(id)
    }

    /// Of an event that nothing names.
    pub(super) fn none() -> Self {
        Self::of(&[])
    }
}

impl From<&Key> for EventId {
    fn from(key: &Key) -> Self {
        let bytes = key.as_bytes();
        let letter = |half: u8| b"0123456789abcdef"[usize::from(half)];
        let mut letters = [0; 32];
        for (pair, byte) in letters.chunks_exact_mut(2).zip(bytes) {
            pair.copy_from_slice(&[letter(byte >> 4), letter(byte & 15)]);
        }
        Self::of(&letters)
    }
}

impl From<&JobId> for EventId {
    fn from(job: &JobId) -> Self {
        Self::of(job.as_str().as_bytes())
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|&letter| f.write_char(char::from(letter)))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::RowId;
    use crate::model::ids::{Millis, UserId};
    use crate::model::trigger::Trigger;

    #[test]
    fn an_id_is_how_a_key_or_a_jobs_id_ends() {
        let key = Key::of(&["a"]);
        assert!(key.to_hex().ends_with(&EventId::from(&key).to_string()));
        let job = RowId::new(Millis(1_772_000_037_919), 7, 42);
        assert!(job.as_str().ends_with(&EventId::from(&job).to_string()));
        assert_eq!(EventId::from(&RowId::read("one")).to_string(), "-----one");
    }

    #[test]
    fn what_happens_in_one_moment_has_ids_of_its_own() {
        let trigger = |client| {
            let text = Trigger::text_to_sign(client, UserId::from_bytes([7; 16]), Millis(1));
            Key::trigger(&Trigger::join(&text, &[1]))
        };
        let (one, other) = (trigger("a"), trigger("b"));
        assert_ne!(EventId::from(&one), EventId::from(&other));
        let job = |random| RowId::new(Millis(1), 7, random);
        assert_ne!(EventId::from(&job(1)), EventId::from(&job(2)));
    }
}
