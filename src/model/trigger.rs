//! The format of trigger ids: base64 of `client:user:ms:base64(DER)`.
//!
//! The signature is ECDSA P-256 with SHA-256 over the text up to and including the third colon;
//! its key is `AsymmetricSigningPublicKey` of the client config (`model.GenerateTriggerId`).
//! This file reads and writes the format alone; checking a signature is not its work.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::ids::{Millis, UserId};

/// A trigger id that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// The whole, or the signature within, is not base64.
    #[error("the trigger id is not base64")]
    Base64,
    /// Not four parts between colons, or the time is no number, or the user no id.
    #[error("the trigger id has not the parts client:user:ms:signature")]
    Parts,
}

/// The parts of a trigger id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The server's own name for what was done; a dialog opens where it is known.
    pub client: String,
    /// Who did it.
    pub user: UserId,
    /// When.
    pub at: Millis,
    /// What was signed: `client:user:ms:`.
    pub signed: String,
    /// The signature, ASN.1 DER.
    pub signature: Vec<u8>,
}

impl Trigger {
    /// Takes a trigger id apart. Nothing of it is proven before the signature is checked.
    pub fn parse(trigger_id: &str) -> Result<Self, TriggerError> {
        let text = STANDARD
            .decode(trigger_id)
            .map_err(|_| TriggerError::Base64)?;
        let text = String::from_utf8(text).map_err(|_| TriggerError::Parts)?;
        let parts: Vec<&str> = text.split(':').collect();
        let [client, user, at, signature] = parts[..] else {
            return Err(TriggerError::Parts);
        };
        let signed = &text[..text.len() - signature.len()];
        Ok(Self {
            client: client.to_owned(),
            user: UserId::parse(user).map_err(|_| TriggerError::Parts)?,
            at: Millis(at.parse().map_err(|_| TriggerError::Parts)?),
            signed: signed.to_owned(),
            signature: STANDARD
                .decode(signature)
                .map_err(|_| TriggerError::Base64)?,
        })
    }

    /// The text to sign for a new trigger id.
    pub fn text_to_sign(client: &str, user: UserId, at: Millis) -> String {
        format!("{client}:{user}:{at}:")
    }

    /// Joins a signed text and its signature (ASN.1 DER) to a trigger id.
    pub fn join(signed: &str, signature: &[u8]) -> String {
        STANDARD.encode(format!("{signed}{}", STANDARD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_id_is_taken_apart_and_joined_again() {
        let user = UserId::parse("9g66xk3awbfjf8rea197dhw1ba").unwrap();
        let text = Trigger::text_to_sign("9757m5mt3injzpzomycrn9348o", user, Millis(1795453837804));
        let id = Trigger::join(&text, b"\x30\x00");
        let trigger = Trigger::parse(&id).unwrap();
        assert_eq!(
            (trigger.user, trigger.at),
            (user, Millis(1_795_453_837_804))
        );
        assert_eq!(trigger.client, "9757m5mt3injzpzomycrn9348o");
        assert_eq!(trigger.signed, text);
        assert_eq!(trigger.signature, b"\x30\x00");
    }

    #[test]
    fn what_is_no_trigger_id_is_refused() {
        let of = |text: &str| Trigger::parse(&STANDARD.encode(text));
        let user = "9g66xk3awbfjf8rea197dhw1ba";
        assert_eq!(Trigger::parse("%%%"), Err(TriggerError::Base64));
        assert_eq!(of(&format!("c:{user}:1:%%")), Err(TriggerError::Base64));
        assert_eq!(of("c"), Err(TriggerError::Parts));
        assert_eq!(of("c:u:1:AA=="), Err(TriggerError::Parts));
        assert_eq!(of(&format!("c:{user}:x:AA==")), Err(TriggerError::Parts));
        assert_eq!(of(&format!("c:{user}:1:AA==:x")), Err(TriggerError::Parts));
    }
}
