//! Trigger ids (who acted, and when, signed by the server) and sealed cookies.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use ring::{digest, hmac};
use serde_json::Value;

use crate::world::wire::errors::Refusal;

/// What stands before the point of a P-256 key in DER (SubjectPublicKeyInfo).
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The server's signing key.
pub struct Signer {
    key: EcdsaKeyPair,
    seal: hmac::Key,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

/// Why bytes are no key.
#[derive(Debug, thiserror::Error)]
#[error("not an ECDSA P-256 key in PKCS #8: {0}")]
pub struct BadKey(String);

impl Signer {
    /// The key in these bytes.
    pub fn new(pkcs8: &[u8]) -> Result<Self, BadKey> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &random);
        let secret = digest::digest(&digest::SHA256, pkcs8);
        Ok(Self {
            key: key.map_err(|error| BadKey(error.to_string()))?,
            seal: hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()),
        })
    }

    /// A fresh key in PKCS #8, for [`Signer::new`].
    pub fn generate() -> Result<Vec<u8>, BadKey> {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        let made = made.map_err(|error| BadKey(error.to_string()))?;
        Ok(made.as_ref().to_vec())
    }

    /// `AsymmetricSigningPublicKey` of the client config: base64 of the DER form.
    pub fn public_key(&self) -> String {
        STANDARD.encode([&SPKI[..], self.key.public_key().as_ref()].concat())
    }

    /// A trigger id: base64 of `client:user:milliseconds:base64(signature)`.
    pub fn trigger(&self, client: &str, user: &str, now: i64) -> String {
        let head = format!("{client}:{user}:{now}:");
        let signed = self.key.sign(&SystemRandom::new(), head.as_bytes());
        let signature = signed.map(|s| STANDARD.encode(s)).unwrap_or_default();
        STANDARD.encode(format!("{head}{signature}"))
    }

    /// The client id and user of a trigger id that this server signed in the last `life_ms`.
    pub fn decode(
        &self,
        now: i64,
        life_ms: u64,
        trigger: &str,
    ) -> Result<(String, String), Refusal> {
        let bytes = STANDARD.decode(trigger).map_err(|_| {
            let text = "Failed to decode base64 for trigger ID.";
            refused("base64_decode_failed", text)
        })?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let parts: Vec<&str> = text.split(':').collect();
        let [client, user, at, signature] = parts.as_slice() else {
            let text = "Trigger ID missing required data for interactive dialog.";
            return Err(refused("missing_data", text));
        };
        let age = now - at.parse::<i64>().unwrap_or(0);
        if age > life_ms as i64 {
            let text = "Trigger ID for interactive dialog is expired.";
            return Err(refused("expired", text));
        }
        let signature = STANDARD.decode(signature).map_err(|_| {
            let text = "Failed to decode base64 signature of trigger ID.";
            refused("base64_decode_failed_signature", text)
        })?;
        let head = format!("{client}:{user}:{at}:");
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.key.public_key().as_ref());
        key.verify(head.as_bytes(), &signature).map_err(|_| {
            let text = "Signature verification failed of trigger ID for interactive dialog.";
            refused("verify_signature_failed", text)
        })?;
        Ok(((*client).to_owned(), (*user).to_owned()))
    }

    /// Seals what a click on an ephemeral post will need.
    pub(in crate::world) fn seal(&self, value: &Value) -> String {
        let body = value.to_string();
        let tag = hmac::sign(&self.seal, body.as_bytes());
        format!(
            "{}.{}",
            STANDARD.encode(body),
            STANDARD.encode(tag.as_ref())
        )
    }

    /// What was sealed here; nothing if it was altered.
    pub(in crate::world) fn unseal(&self, sealed: &str) -> Option<Value> {
        let (body, tag) = sealed.split_once('.')?;
        let (body, tag) = (STANDARD.decode(body).ok()?, STANDARD.decode(tag).ok()?);
        hmac::verify(&self.seal, &body, &tag).ok()?;
        serde_json::from_slice(&body).ok()
    }
}

fn refused(id: &str, text: &str) -> Refusal {
    let id = format!("interactive_message.decode_trigger_id.{id}");
    Refusal::new(400, &id, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new(&Signer::generate().unwrap()).unwrap()
    }

    #[test]
    fn a_trigger_id_says_who_acted_for_thirty_seconds() {
        let signer = signer();
        let trigger = signer.trigger("client", "user", 1_000);
        let (client, user) = signer.decode(31_000, 30_000, &trigger).unwrap();
        assert_eq!((client.as_str(), user.as_str()), ("client", "user"));
        let late = signer.decode(31_001, 30_000, &trigger).unwrap_err();
        assert!(late.id.ends_with("expired"));
    }

    #[test]
    fn a_trigger_id_of_another_server_is_refused() {
        let trigger = signer().trigger("client", "user", 1_000);
        let refused = signer().decode(1_000, 30_000, &trigger).unwrap_err();
        assert!(refused.id.ends_with("verify_signature_failed"));
        let broken = signer().decode(1_000, 30_000, "nope").unwrap_err();
        assert!(broken.id.ends_with("missing_data"));
    }

    #[test]
    fn the_public_key_verifies_a_trigger_as_an_integration_does_it() {
        let signer = signer();
        let der = STANDARD.decode(signer.public_key()).unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &der[26..]);
        let text = STANDARD.decode(signer.trigger("c", "u", 7)).unwrap();
        let text = String::from_utf8(text).unwrap();
        let (head, signature) = text.rsplit_once(':').unwrap();
        let signature = STANDARD.decode(signature).unwrap();
        key.verify(format!("{head}:").as_bytes(), &signature)
            .unwrap();
    }

    #[test]
    fn an_altered_cookie_is_worth_nothing() {
        let signer = signer();
        let sealed = signer.seal(&serde_json::json!({"a": 1}));
        assert_eq!(signer.unseal(&sealed).unwrap()["a"], 1);
        assert!(signer.unseal(&sealed.replacen('e', "f", 1)).is_none());
    }
}
