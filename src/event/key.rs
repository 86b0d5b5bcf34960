use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::model::ids::{Millis, PostId};

/// What makes an event one event, however often and by whatever way it arrives.
///
/// A post heard over the WebSocket, found again by catching up, and sent by an outgoing webhook
/// has one key. 16 bytes of SHA-256 over a kind and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key([u8; 16]);

impl Key {
    /// A post, by whichever way it was heard.
    pub fn post(post: &PostId) -> Self {
        Self::hash(&["post", post.as_str()])
    }

    /// One edit or deletion of a post: its `update_at` tells edits apart.
    pub fn change(post: &PostId, update_at: Millis) -> Self {
        Self::hash(&["change", post.as_str(), &update_at.to_string()])
    }

    /// A slash command or a click: its `trigger_id` is unique on the server.
    pub fn trigger(trigger_id: &str) -> Self {
        Self::hash(&["trigger", trigger_id])
    }

    /// A dialog, used up when its submission is accepted; until then it may be corrected.
    pub fn nonce(nonce: &str) -> Self {
        Self::hash(&["nonce", nonce])
    }

    /// Anything else that names itself by its parts, such as a reaction.
    pub fn of(parts: &[&str]) -> Self {
        Self::hash(parts)
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// From stored bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Lower-case hexadecimal, for logs and for JSON lists in SQL.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|b| format!("{b:02x}")).collect()
    }

    fn hash(parts: &[&str]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            // A length before each part: ["ab", "c"] and ["a", "bc"] are different events.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let digest = context.finish();
        let mut key = [0; 16];
        key.copy_from_slice(&digest.as_ref()[..16]);
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
        assert_ne!(Key::trigger("x"), Key::nonce("x"));
        assert_eq!(Key::trigger("x"), Key::trigger("x"));
    }

    #[test]
    fn a_key_survives_storing() {
        let key = Key::trigger("x");
        assert_eq!(Key::from_bytes(*key.as_bytes()), key);
        assert_eq!(key.to_hex().len(), 32);
    }
}
