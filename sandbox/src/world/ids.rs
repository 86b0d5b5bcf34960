//! Ids as Mattermost makes them.

const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// A seedable source of ids: the same seed gives the same ids in the same order.
#[derive(Debug, Clone)]
pub struct Ids(fastrand::Rng);

impl Ids {
    /// A source that starts from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// 26 characters of Mattermost's own base 32 (`model/utils.go`, `NewId`).
    pub fn mint(&mut self) -> String {
        (0..26)
            .map(|_| char::from(ALPHABET[self.0.usize(..ALPHABET.len())]))
            .collect()
    }
}

/// Whether `text` has the form of an id.
pub fn is_id(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut a, mut b) = (Ids::seeded(7), Ids::seeded(7));
        let first = a.mint();
        assert_eq!(first, b.mint());
        assert_ne!(first, a.mint());
        assert!(is_id(&first));
    }
}
