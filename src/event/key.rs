use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::model::ids::{Millis, PostId};
use crate::model::trigger::Trigger;

/// What makes an event one event, however often and by whatever way it arrives.
///
/// A post heard over the WebSocket, found again by catching up, and sent by an outgoing webhook
/// has one key. 16 bytes of SHA-256 over a kind and its parts (but see [`Key::trigger`]).
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

    /// A slash command or a click: its `trigger_id` is unique on the server. Its signature doesn't
    /// count: from one ECDSA signature anybody can make another that is as valid.
    ///
    /// It begins with the trigger's time, so that keys of one moment are side by side in the store:
    /// anything else would write another page for each.
    pub fn trigger(trigger_id: &str) -> Self {
        let Ok(trigger) = Trigger::parse(trigger_id) else {
            return Self::hash(&["trigger", trigger_id]);
        };
        let Self(mut bytes) = Self::hash(&["trigger", &trigger.signed]);
        bytes[..6].copy_from_slice(&trigger.at.0.to_be_bytes()[2..]);
        Self(bytes)
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

    /// Lower-case hexadecimal, for logs.
    pub fn to_hex(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
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
    use crate::model::ids::UserId;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
        assert_ne!(Key::trigger("x"), Key::nonce("x"));
        assert_eq!(Key::trigger("x"), Key::trigger("x"));
    }

    #[test]
    fn one_trigger_with_another_signature_is_the_same_event() {
        let text = Trigger::text_to_sign("client", UserId::from_bytes([7; 16]), Millis(1));
        let key = |signature: &[u8]| Key::trigger(&Trigger::join(&text, signature));
        assert_eq!(key(&[1]), key(&[2]));
        let other = Trigger::text_to_sign("other", UserId::from_bytes([7; 16]), Millis(1));
        assert_ne!(key(&[1]), Key::trigger(&Trigger::join(&other, &[1])));
    }

    #[test]
    fn a_key_survives_storing() {
        let key = Key::trigger("x");
        assert_eq!(Key::from_bytes(*key.as_bytes()), key);
        let bytes = *b"\0\x01\x0aletters 01234";
        let hex = "00010a6c657474657273203031323334";
        assert_eq!(Key::from_bytes(bytes).to_hex(), hex);
    }
}
