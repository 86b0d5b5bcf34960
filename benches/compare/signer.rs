use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::anyhow;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use matteractor::model::ids::{Millis, UserId};
use matteractor::model::trigger::Trigger;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

/// What stands before the point of a P-256 key in DER (`SubjectPublicKeyInfo`, RFC 5480).
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Signs triggers as a Mattermost does, none twice.
pub struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
    made: Cell<u128>,
}

impl Signer {
    /// With a key of its own.
    pub fn new() -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let no_key = |error| anyhow!("no key: {error}");
        let made =
            EcdsaKeyPair::generate_pkcs8(kind, &random).map_err(|e| no_key(e.to_string()))?;
        let key = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random)
            .map_err(|e| no_key(e.to_string()))?;
        Ok(Self {
            key,
            random,
            made: Cell::new(0),
        })
    }

    /// `AsymmetricSigningPublicKey` of the client config.
    pub fn public_key(&self) -> String {
        STANDARD.encode([&SPKI[..], self.key.public_key().as_ref()].concat())
    }

    /// A trigger that says that this person has just done something.
    pub fn trigger(&self, user: UserId) -> anyhow::Result<String> {
        self.made.set(self.made.get() + 1);
        let client = UserId::from_bytes(self.made.get().to_be_bytes());
        let text = Trigger::text_to_sign(client.as_str(), user, now());
        let signature = self.key.sign(&self.random, text.as_bytes());
        let signature = signature.map_err(|_| anyhow!("a trigger can't be signed"))?;
        Ok(Trigger::join(&text, signature.as_ref()))
    }
}

/// The wall clock.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Millis(since.map_or(0, |since| since.as_millis() as i64))
}
