//! The server's own signature in a `trigger_id`: proof of who acted and when.
//!
//! It is ECDSA P-256 with SHA-256 (format: [`crate::model::trigger`]), and proves neither channel
//! nor context: another integration that the person touches gets an equally good one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use crate::model::ids::{Millis, UserId};
use crate::model::trigger::Trigger;

/// How old a trigger may be, in milliseconds: the server's own limit is 30 s, and clocks differ.
const MAX_AGE: i64 = 60_000;
/// How far in the future it may lie, in milliseconds.
const MAX_AHEAD: i64 = 30_000;
/// The longest `trigger_id` that is looked at, in bytes; true ones have about 250.
const MAX_LEN: usize = 1024;
/// What precedes the point in the DER of a P-256 public key (`SubjectPublicKeyInfo`, RFC 5480).
const SPKI_P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// An uncompressed point: 0x04 and two coordinates.
const POINT: usize = 65;

/// The server's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerKey([u8; POINT]);

/// `AsymmetricSigningPublicKey` is not what Mattermost 10 and 11 send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server's signing key is not a P-256 public key in base64 DER")]
pub struct TriggerKeyError;

/// Why a trigger proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// The server's key isn't known, so nothing can be said.
    #[error("the server's signing key is not known")]
    NoKey,
    /// Not a trigger.
    #[error("malformed trigger")]
    Malformed,
    /// Somebody else's trigger.
    #[error("the trigger belongs to another user")]
    WrongUser,
    /// More than 60 s old.
    #[error("expired trigger")]
    Expired,
    /// More than 30 s ahead of our clock: one of the two clocks is wrong.
    #[error("the trigger lies in the future")]
    Future,
    /// Not signed by this server, or by a key that it has replaced since.
    #[error("forged trigger")]
    Forged,
}

/// What a trigger proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedTrigger {
    /// The trigger's unique part: the same one twice is a replay.
    pub client: String,
    /// Who acted.
    pub user: UserId,
    /// When, by the server's clock.
    pub at: Millis,
}

impl TriggerKey {
    /// Reads `AsymmetricSigningPublicKey` of the client config: base64 of the DER of a P-256
    /// `SubjectPublicKeyInfo`.
    pub fn parse(base64: &str) -> Result<Self, TriggerKeyError> {
        let der = STANDARD
            .decode(base64.trim())
            .map_err(|_| TriggerKeyError)?;
        let point = der.strip_prefix(&SPKI_P256).ok_or(TriggerKeyError)?;
        match <[u8; POINT]>::try_from(point) {
            Ok(point) if point[0] == 0x04 => Ok(Self(point)),
            _ => Err(TriggerKeyError),
        }
    }
}

/// Verifies that `trigger_id` is the server's word that `user` acted just now. The cheap checks
/// come first; the signature takes about 70 µs.
pub fn verify_trigger(
    key: Option<&TriggerKey>,
    trigger_id: &str,
    user: &UserId,
    now: Millis,
) -> Result<VerifiedTrigger, TriggerError> {
    let key = key.ok_or(TriggerError::NoKey)?;
    if trigger_id.len() > MAX_LEN {
        return Err(TriggerError::Malformed);
    }
    let trigger = Trigger::parse(trigger_id).map_err(|_| TriggerError::Malformed)?;
    if trigger.user != *user {
        return Err(TriggerError::WrongUser);
    }
    let age = now.0.saturating_sub(trigger.at.0);
    if age > MAX_AGE {
        return Err(TriggerError::Expired);
    }
    if age < -MAX_AHEAD {
        return Err(TriggerError::Future);
    }
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &key.0)
        .verify(trigger.signed.as_bytes(), &trigger.signature)
        .map_err(|_| TriggerError::Forged)?;
    Ok(VerifiedTrigger {
        client: trigger.client,
        user: *user,
        at: trigger.at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Recorded {
        what: String,
        trigger_id: String,
        public_key: String,
        client: String,
        user_id: String,
        at: i64,
    }

    fn recorded() -> Vec<Recorded> {
        serde_json::from_str(include_str!("../../tests/fixtures/trust/triggers.json")).unwrap()
    }

    /// A server of our own, to sign what no recording has.
    struct Server(EcdsaKeyPair);

    impl Server {
        fn new() -> Self {
            let random = SystemRandom::new();
            let pkcs8 =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
            Self(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random)
                    .unwrap(),
            )
        }

        fn key(&self) -> TriggerKey {
            let der = [&SPKI_P256[..], self.0.public_key().as_ref()].concat();
            TriggerKey::parse(&STANDARD.encode(der)).unwrap()
        }

        fn sign(&self, head: &str) -> String {
            let signature = self.0.sign(&SystemRandom::new(), head.as_bytes()).unwrap();
            STANDARD.encode(format!("{head}{}", STANDARD.encode(signature)))
        }
    }

    const ANN: &str = "9g66xk3awbfjf8rea197dhw1ba";

    fn ann() -> UserId {
        UserId::parse(ANN).unwrap()
    }

    fn verify(server: &Server, trigger: &str, now: i64) -> Result<VerifiedTrigger, TriggerError> {
        verify_trigger(Some(&server.key()), trigger, &ann(), Millis(now))
    }

    #[test]
    fn triggers_recorded_from_a_real_server_verify_with_its_recorded_key() {
        assert_eq!(recorded().len(), 2);
        for r in recorded() {
            let key = TriggerKey::parse(&r.public_key).unwrap();
            let user = UserId::parse(&r.user_id).unwrap();
            let verified =
                verify_trigger(Some(&key), &r.trigger_id, &user, Millis(r.at + 5)).expect(&r.what);
            assert_eq!(
                verified,
                VerifiedTrigger {
                    client: r.client,
                    user,
                    at: Millis(r.at)
                }
            );
        }
    }

    #[test]
    fn a_trigger_is_good_from_30_seconds_ahead_to_60_seconds_old() {
        let server = Server::new();
        let trigger = server.sign(&format!("client:{ANN}:100000:"));
        for (now, expected) in [
            (69_999, Err(TriggerError::Future)),
            (70_000, Ok(())),
            (100_000, Ok(())),
            (160_000, Ok(())),
            (160_001, Err(TriggerError::Expired)),
        ] {
            assert_eq!(
                verify(&server, &trigger, now).map(|_| ()),
                expected,
                "at {now}"
            );
        }
    }

    #[test]
    fn another_persons_trigger_is_refused() {
        let server = Server::new();
        let trigger = server.sign("client:6ggob4o5bbfmdjymuez11tjwjh:100000:");
        assert_eq!(
            verify(&server, &trigger, 100_000),
            Err(TriggerError::WrongUser)
        );
    }

    #[test]
    fn an_altered_trigger_or_one_by_another_server_is_forged() {
        let (server, other) = (Server::new(), Server::new());
        let trigger = server.sign(&format!("client:{ANN}:100000:"));
        let text = String::from_utf8(STANDARD.decode(&trigger).unwrap()).unwrap();
        for (from, to) in [
            ("client", "cliend"),
            (":100000:", ":100001:"),
            (":100000:", ":0100000:"),
        ] {
            let altered = STANDARD.encode(text.replace(from, to));
            assert_eq!(
                verify(&server, &altered, 100_000),
                Err(TriggerError::Forged),
                "{to}"
            );
        }
        assert_eq!(verify(&other, &trigger, 100_000), Err(TriggerError::Forged));
    }

    #[test]
    fn what_is_no_trigger_is_malformed() {
        let server = Server::new();
        let encoded = |text: &str| STANDARD.encode(text);
        for trigger in [
            String::new(),
            "not base64!".into(),
            encoded("nothing"),
            encoded(&format!("client:{ANN}:100000")),
            encoded(&format!("client:{ANN}:soon:AAAA")),
            encoded(&format!("client:{ANN}:99999999999999999999:AAAA")),
            encoded(&format!("client:{ANN}:100000:not base64")),
            server.sign(&format!("client:extra:{ANN}:100000:")),
            STANDARD.encode([0xff, b':', 0xfe]),
            "A".repeat(MAX_LEN + 4),
        ] {
            assert_eq!(
                verify(&server, &trigger, 100_000),
                Err(TriggerError::Malformed),
                "{trigger:.60}"
            );
        }
    }

    #[test]
    fn without_a_key_nothing_is_proven() {
        let trigger = Server::new().sign(&format!("client:{ANN}:100000:"));
        assert_eq!(
            verify_trigger(None, &trigger, &ann(), Millis(100_000)),
            Err(TriggerError::NoKey)
        );
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let good = STANDARD.decode(&recorded()[0].public_key).unwrap();
        let mut other_curve = good.clone();
        other_curve[22] = 0x22;
        let mut compressed = good.clone();
        compressed[26] = 0x02;
        for der in [&good[..90], &other_curve, &compressed, &[]] {
            assert_eq!(
                TriggerKey::parse(&STANDARD.encode(der)),
                Err(TriggerKeyError)
            );
        }
        assert_eq!(TriggerKey::parse("?"), Err(TriggerKeyError));
    }
}
