//! The keys under which envelopes are sealed.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};

/// The shortest secret that keys are made from, in bytes of its text.
const MIN_SECRET: usize = 32;

/// A current key, which seals, and older ones, which still open.
///
/// A key's id is derived from its secret, so that rotation needs no names: make the new secret the
/// current one and keep the old one until what it sealed has expired.
#[derive(Clone)]
pub struct Keyring {
    current: MacKey,
    older: Vec<MacKey>,
}

#[derive(Clone)]
pub(super) struct MacKey {
    pub(super) id: String,
    pub(super) mac: hmac::Key,
}

/// A secret that could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing secret is shorter than {MIN_SECRET} characters")]
pub struct SecretTooShort;

impl Keyring {
    /// A ring whose only key is derived from `secret`: at least 32 characters, best from
    /// [`Keyring::generate_secret`].
    pub fn from_secret(secret: &SecretString) -> Result<Self, SecretTooShort> {
        Ok(Self {
            current: MacKey::derive(secret)?,
            older: Vec::new(),
        })
    }

    /// The same ring, which also opens what was sealed under `secret`.
    pub fn with_older(mut self, secret: &SecretString) -> Result<Self, SecretTooShort> {
        self.older.push(MacKey::derive(secret)?);
        Ok(self)
    }

    /// A new secret: 32 random bytes in base64url (43 characters). The system's randomness is
    /// taken for granted: without it there is no TLS either.
    pub fn generate_secret() -> SecretString {
        let mut bytes = [0; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .expect("the system has a source of randomness");
        URL_SAFE_NO_PAD.encode(bytes).into()
    }

    /// The id of the key that seals.
    #[cfg(test)]
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    pub(super) fn current(&self) -> &MacKey {
        &self.current
    }

    pub(super) fn find(&self, id: &str) -> Option<&MacKey> {
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == id)
    }
}

impl MacKey {
    fn derive(secret: &SecretString) -> Result<Self, SecretTooShort> {
        let secret = secret.expose_secret().as_bytes();
        if secret.len() < MIN_SECRET {
            return Err(SecretTooShort);
        }
        let root = Salt::new(HKDF_SHA256, b"matteractor").extract(secret);
        let id = expand(&root, b"envelope key id");
        let mac = expand(&root, b"envelope mac");
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(&id[..6]),
            mac: hmac::Key::new(hmac::HMAC_SHA256, &mac),
        })
    }
}

fn expand(root: &Prk, purpose: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    root.expand(&[purpose], HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut out))
        .expect("32 bytes are one block of HKDF-SHA256");
    out
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<_> = self.older.iter().map(|key| &key.id).collect();
        f.debug_struct("Keyring")
            .field("current", &self.current.id)
            .field("older", &older)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_id_depend_on_the_secret_alone() {
        let secret = Keyring::generate_secret();
        let one = Keyring::from_secret(&secret).unwrap();
        let two = Keyring::from_secret(&secret).unwrap();
        let other = Keyring::from_secret(&Keyring::generate_secret()).unwrap();
        assert_eq!(one.current_id(), two.current_id());
        assert_ne!(one.current_id(), other.current_id());
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(
            Keyring::from_secret(&"hunter2".into()).unwrap_err(),
            SecretTooShort
        );
        let ring = Keyring::from_secret(&Keyring::generate_secret()).unwrap();
        assert_eq!(
            ring.with_older(&"x".repeat(31).into()).unwrap_err(),
            SecretTooShort
        );
    }

    #[test]
    fn a_ring_prints_no_secret() {
        let secret = Keyring::generate_secret();
        let printed = format!("{:?}", Keyring::from_secret(&secret).unwrap());
        assert!(!printed.contains(secret.expose_secret()));
    }
}
