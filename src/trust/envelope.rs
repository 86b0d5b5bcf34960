//! What buttons and dialogs carry: one opaque string under a MAC.
//!
//! Mattermost gives a click's context and a dialog's state back as the browser sent them, so only
//! a MAC proves that they are ours. The string is `m1.KID.PAYLOAD.MAC`, the last two in base64url;
//! one string and not an object, because Mattermost re-orders the keys of objects.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Keyring;
use crate::model::ids::Millis;

const VERSION: &str = "m1";

/// The longest string that is looked at, in bytes: a menu of some thousand values.
const MAX_LEN: usize = 64 * 1024;

/// Seals values into strings and opens them again.
#[derive(Clone, Debug)]
pub struct Seal(Keyring);

/// Why a string was not opened. To the person they are all one: this button is not valid (or no
/// longer); in a log they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not a string that this program makes, or its payload is of another kind.
    #[error("malformed envelope")]
    Malformed,
    /// Sealed under a key that is not on the ring: by another installation, or the key was
    /// dropped too early.
    #[error("envelope under an unknown key")]
    UnknownKey,
    /// The MAC is wrong: somebody altered it.
    #[error("forged envelope")]
    Forged,
    /// Ours, but too old.
    #[error("expired envelope")]
    Expired,
}

/// What a button or dialog acts upon, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// What it sits in: a button's envelope is no dialog's.
    #[serde(rename = "k")]
    pub kind: EnvelopeKind,
    /// The place whose slot is acted upon.
    #[serde(rename = "p")]
    pub place: String,
    /// The skill that takes the event.
    #[serde(rename = "s")]
    pub skill: String,
    /// The slot's topic; empty for most.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// The author's button or dialog value, kept as JSON.
    #[serde(rename = "b", default)]
    pub button: serde_json::Value,
    /// The values that a menu offered. Mattermost checks the chosen one against nothing.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Vec<String>>,
    /// The last moment at which it is accepted.
    #[serde(rename = "e")]
    pub expires: Millis,
    /// Makes it different from all others, so that it can be used up.
    #[serde(rename = "n")]
    pub nonce: Nonce,
}

/// What an envelope sits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnvelopeKind {
    /// The context of a button or menu.
    #[serde(rename = "a")]
    Action,
    /// The state of a dialog.
    #[serde(rename = "d")]
    Dialog,
    /// The state of a message box, which has nothing to fill in.
    #[serde(rename = "m")]
    MessageBox,
}

/// Sixteen bytes that no other envelope has. Not a secret: the MAC protects it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce(pub [u8; 16]);

impl Seal {
    /// A seal that uses the ring's current key and opens what any of its keys sealed.
    pub fn new(keyring: Keyring) -> Self {
        Self(keyring)
    }

    /// Seals any value. Fails only where JSON can't say it (a map with keys that are no strings).
    pub fn seal<T: Serialize>(&self, value: &T) -> Result<String, serde_json::Error> {
        let key = self.0.current();
        let mut text = format!("{VERSION}.{}.", key.id);
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(value)?, &mut text);
        let mac = hmac::sign(&key.mac, text.as_bytes());
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(mac, &mut text);
        Ok(text)
    }

    /// Opens what [`Seal::seal`] made. The MAC is checked, in constant time, before anything of
    /// the payload is looked at. Expiry is the payload's own business: see [`Envelope::open`].
    pub fn open<T: DeserializeOwned>(&self, text: &str) -> Result<T, EnvelopeError> {
        if text.len() > MAX_LEN {
            return Err(EnvelopeError::Malformed);
        }
        let (sealed, mac) = text.rsplit_once('.').ok_or(EnvelopeError::Malformed)?;
        let (version, rest) = sealed.split_once('.').ok_or(EnvelopeError::Malformed)?;
        let (kid, payload) = rest.split_once('.').ok_or(EnvelopeError::Malformed)?;
        if version != VERSION {
            return Err(EnvelopeError::Malformed);
        }
        let mac = URL_SAFE_NO_PAD
            .decode(mac)
            .map_err(|_| EnvelopeError::Malformed)?;
        let key = self.0.find(kid).ok_or(EnvelopeError::UnknownKey)?;
        hmac::verify(&key.mac, sealed.as_bytes(), &mac).map_err(|_| EnvelopeError::Forged)?;
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| EnvelopeError::Malformed)?;
        serde_json::from_slice(&payload).map_err(|_| EnvelopeError::Malformed)
    }
}

impl Envelope {
    /// The string to put into a context or state.
    pub fn sealed(&self, seal: &Seal) -> String {
        seal.seal(self)
            .expect("all keys of an envelope are strings")
    }

    /// Opens a string of this kind that has not expired.
    pub fn open(
        seal: &Seal,
        kind: EnvelopeKind,
        text: &str,
        now: Millis,
    ) -> Result<Self, EnvelopeError> {
        let envelope: Self = seal.open(text)?;
        if envelope.kind != kind {
            return Err(EnvelopeError::Malformed);
        }
        if now > envelope.expires {
            return Err(EnvelopeError::Expired);
        }
        Ok(envelope)
    }

    /// Whether `chosen` is one of the values that the menu offered. A menu of users or channels
    /// offers no fixed values: there anything passes, and the skill must look it up. A button offers
    /// none, and nothing may be chosen.
    pub fn offers(&self, chosen: &str) -> bool {
        let among = |values: &Vec<String>| values.iter().any(|value| value == chosen);
        let nothing = |values: &Vec<String>| values.is_empty() && chosen.is_empty();
        self.offered
            .as_ref()
            .is_none_or(|values| among(values) || nothing(values))
    }
}

impl Nonce {
    /// A nonce from a generator that simulation can seed.
    pub fn random(rng: &mut fastrand::Rng) -> Self {
        Self(rng.u128(..).to_le_bytes())
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Nonce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(serde::de::Error::custom)?;
        let bytes = bytes
            .try_into()
            .map_err(|_| serde::de::Error::custom("a nonce has 16 bytes"))?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Millis = Millis(1_795_453_837_804);

    fn seal() -> Seal {
        Seal::new(Keyring::from_secret(&Keyring::generate_secret()).unwrap())
    }

    fn envelope() -> Envelope {
        Envelope {
            kind: EnvelopeKind::Action,
            place: "km7qshsrt7bpzg5ub4gs6wyago".into(),
            skill: "poll".into(),
            topic: "w351cecz9fynmrfnkd88k4ob4o".into(),
            button: json!({ "Vote": 1 }),
            offered: None,
            expires: NOW,
            nonce: Nonce::random(&mut fastrand::Rng::with_seed(7)),
        }
    }

    fn open(seal: &Seal, text: &str) -> Result<Envelope, EnvelopeError> {
        Envelope::open(seal, EnvelopeKind::Action, text, NOW)
    }

    #[test]
    fn what_was_sealed_opens_unchanged_and_is_one_short_word() {
        let seal = seal();
        let text = envelope().sealed(&seal);
        assert!(text.starts_with("m1.") && text.len() < 300, "{text}");
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
            "{text}"
        );
        assert_eq!(open(&seal, &text), Ok(envelope()));
    }

    #[test]
    fn an_alteration_of_any_character_is_noticed() {
        let seal = seal();
        let text = envelope().sealed(&seal);
        for i in 0..text.len() {
            for other in ["A", "B", ".", "=", ""] {
                let altered = format!("{}{other}{}", &text[..i], &text[i + 1..]);
                assert!(
                    altered == text || open(&seal, &altered).is_err(),
                    "{altered}"
                );
            }
        }
    }

    #[test]
    fn another_payload_under_a_true_mac_is_forged() {
        let seal = seal();
        let (one, two) = (
            envelope().sealed(&seal),
            Envelope {
                button: json!("Close"),
                ..envelope()
            }
            .sealed(&seal),
        );
        let (head, _) = one.rsplit_once('.').unwrap();
        let (_, mac) = two.rsplit_once('.').unwrap();
        assert_eq!(
            open(&seal, &format!("{head}.{mac}")),
            Err(EnvelopeError::Forged)
        );
    }

    #[test]
    fn what_is_no_envelope_is_malformed() {
        let seal = seal();
        let kid = seal.0.current_id().to_owned();
        for text in [
            "",
            "m1",
            "m1.",
            "m1..",
            "m1.a.b",
            "....",
            "m2.a.b.c",
            &format!("m2.{kid}.e30.AAAA"),
            &"m1.".repeat(30_000),
        ] {
            assert_eq!(
                open(&seal, text),
                Err(EnvelopeError::Malformed),
                "{text:.40}"
            );
        }
    }

    #[test]
    fn an_envelope_of_another_type_or_kind_is_malformed() {
        let seal = seal();
        assert_eq!(
            open(&seal, &seal.seal(&json!({ "a": 1 })).unwrap()),
            Err(EnvelopeError::Malformed)
        );
        let dialog = Envelope {
            kind: EnvelopeKind::Dialog,
            ..envelope()
        }
        .sealed(&seal);
        assert_eq!(open(&seal, &dialog), Err(EnvelopeError::Malformed));
    }

    #[test]
    fn after_its_last_moment_it_is_expired() {
        let seal = seal();
        let text = Envelope {
            expires: Millis(NOW.0 - 1),
            ..envelope()
        }
        .sealed(&seal);
        assert_eq!(open(&seal, &text), Err(EnvelopeError::Expired));
    }

    #[test]
    fn an_older_key_still_opens_until_it_is_dropped() {
        let (old, new) = (Keyring::generate_secret(), Keyring::generate_secret());
        let before = Seal::new(Keyring::from_secret(&old).unwrap());
        let text = envelope().sealed(&before);
        let rotated = Seal::new(
            Keyring::from_secret(&new)
                .unwrap()
                .with_older(&old)
                .unwrap(),
        );
        assert_eq!(open(&rotated, &text), Ok(envelope()));
        assert_eq!(
            open(&before, &envelope().sealed(&rotated)),
            Err(EnvelopeError::UnknownKey)
        );
        let dropped = Seal::new(Keyring::from_secret(&new).unwrap());
        assert_eq!(open(&dropped, &text), Err(EnvelopeError::UnknownKey));
    }

    #[test]
    fn a_menu_value_outside_the_options_is_not_offered() {
        let menu = Envelope {
            offered: Some(vec!["1".into(), "2".into()]),
            ..envelope()
        };
        assert!(menu.offers("2") && !menu.offers("3") && !menu.offers(""));
        let button = Envelope {
            offered: Some(Vec::new()),
            ..envelope()
        };
        assert!(button.offers("") && !button.offers("2"));
        assert!(envelope().offers("anything, as a menu of users has no list"));
    }
}
