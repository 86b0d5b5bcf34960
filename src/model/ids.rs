//! Ids and points in time.
//!
//! Mattermost's ids are 26 characters of a–z and 0–9 (`model.IsValidId`): 16 bytes in a base 32
//! of its own. They are kept inline, so that passing one on copies 26 bytes and allocates nothing.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::ID_CHARS;

/// Mattermost's alphabet of base 32 (`model/utils.go`).
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {what} is 26 characters of a-z and 0-9, and {found:?} is not")]
pub struct IdError {
    /// Which id was wanted.
    pub what: &'static str,
    /// What came instead, cut after 64 characters.
    pub found: String,
}

/// What all ids have in common.
pub trait Id: AsRef<str> + Copy + Sized {
    /// Checks that `text` is an id: 26 characters of a–z and 0–9.
    fn parse(text: &str) -> Result<Self, IdError>;

    /// Makes an id of 16 bytes, as Mattermost does.
    fn from_bytes(bytes: [u8; 16]) -> Self;

    /// The 16 bytes that it was made of; `None` where it wasn't: others than Mattermost may choose any 26
    /// characters.
    fn to_bytes(&self) -> Option<[u8; 16]>;
}

fn check(what: &'static str, text: &str) -> Result<[u8; ID_CHARS], IdError> {
    let good = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    match <[u8; ID_CHARS]>::try_from(text.as_bytes()) {
        Ok(bytes) if bytes.iter().all(good) => Ok(bytes),
        _ => Err(IdError {
            what,
            found: text.chars().take(64).collect(),
        }),
    }
}

/// 16 bytes as 26 characters, as Mattermost writes its UUIDs.
fn base32(bytes: [u8; 16]) -> [u8; ID_CHARS] {
    let number = u128::from_be_bytes(bytes);
    let mut out = [0; ID_CHARS];
    for (i, place) in out.iter_mut().enumerate() {
        // 26 places of 5 bits are 130: the last place has only 3 bits of its own.
        let group = if i == ID_CHARS - 1 {
            number << 2
        } else {
            number >> (123 - 5 * i)
        };
        *place = ALPHABET[(group & 31) as usize];
    }
    out
}

/// The way back.
fn bytes_of(id: &[u8; ID_CHARS]) -> Option<[u8; 16]> {
    let place = |letter: &u8| match PLACES[usize::from(*letter)] {
        32.. => None,
        place => Some(u128::from(place)),
    };
    let (last, others) = id.split_last()?;
    let number = others
        .iter()
        .try_fold(0, |number, letter| Some((number << 5) | place(letter)?));
    let last = place(last).filter(|last| last & 3 == 0)?;
    Some(((number? << 3) | (last >> 2)).to_be_bytes())
}

/// Where each letter stands in the alphabet; 32 where it doesn't.
const PLACES: [u8; 256] = {
    let (mut places, mut i) = ([32; 256], 0);
    while i < ALPHABET.len() {
        places[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    places
};

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; ID_CHARS]);

        impl $name {
            /// Checks that `text` is 26 characters of a–z and 0–9.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check($what, text).map(Self)
            }

            /// Makes an id of 16 (random) bytes, as Mattermost does.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(base32(bytes))
            }

            /// The 26 characters.
            pub fn as_str(&self) -> &str {
                // It is made of ASCII only: see `parse` and `base32`.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl Id for $name {
            fn parse(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }

            fn from_bytes(bytes: [u8; 16]) -> Self {
                Self::from_bytes(bytes)
            }

            fn to_bytes(&self) -> Option<[u8; 16]> {
                bytes_of(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a ", $what))
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        $name::parse(text).map_err(E::custom)
                    }
                }
                from.deserialize_str(Text)
            }
        }
    };
}

id!(
    /// A person or a bot.
    UserId, "user id"
);
id!(
    /// A channel of any kind.
    ChannelId, "channel id"
);
id!(
    /// A post.
    PostId, "post id"
);
id!(
    /// A team.
    TeamId, "team id"
);
id!(
    /// A registered slash command.
    CommandId, "command id"
);
id!(
    /// An incoming or outgoing webhook.
    HookId, "hook id"
);
id!(
    /// An uploaded file.
    FileId, "file id"
);
id!(
    /// A WebSocket connection, as `hello` names it.
    ConnectionId, "connection id"
);

/// A point in time: milliseconds since 1970, in UTC. 0 means "never" in Mattermost's objects.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// From whole seconds since 1970.
    pub fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since 1970, rounded down.
    pub fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whether this is a time at all, not Mattermost's 0.
    pub fn is_set(self) -> bool {
        self.0 != 0
    }

    /// This much later.
    pub fn plus(self, time: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// This much earlier.
    pub fn minus(self, time: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Self) -> Duration {
        let gap = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(gap).unwrap_or(0))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_26_lower_case_letters_and_digits() {
        let id = PostId::parse("8opm9qx9btdnujnr5xdc9hguya").unwrap();
        assert_eq!(id.to_string(), "8opm9qx9btdnujnr5xdc9hguya");
        assert_eq!(format!("{id:?}"), "PostId(8opm9qx9btdnujnr5xdc9hguya)");
        for wrong in [
            "",
            "short",
            "8OPM9qx9btdnujnr5xdc9hguya",
            "8opm9qx9btdnujnr5xdc9hguyaa",
        ] {
            let error = PostId::parse(wrong).unwrap_err();
            assert_eq!(error.found, wrong);
            assert!(error.to_string().contains("post id"), "{error}");
        }
    }

    #[test]
    fn an_id_from_bytes_is_an_id() {
        for byte in [0, 1, 77, 255] {
            let id = UserId::from_bytes([byte; 16]);
            assert_eq!(UserId::parse(id.as_str()), Ok(id));
            assert_eq!(id.to_bytes(), Some([byte; 16]));
        }
        assert_eq!(UserId::from_bytes([0; 16]).as_str(), "y".repeat(26));
        // 255 in the last byte: the last place holds its 3 low bits and 2 zeros.
        assert!(UserId::from_bytes([255; 16]).as_str().ends_with("9h"));
        assert_ne!(UserId::from_bytes([0; 16]), UserId::from_bytes([128; 16]));
    }

    #[test]
    fn an_id_is_its_bytes_unless_somebody_else_made_it() {
        for text in ["8opm9qx9btdnujnr5xdc9hguya", "5tt4cgq3fjnq7dnt1qyor8y6nh"] {
            let id = ChannelId::parse(text).unwrap();
            assert_eq!(id.to_bytes().map(ChannelId::from_bytes), Some(id));
        }
        // No letter of the alphabet, and bits too many in the last place.
        for odd in ["0".repeat(26), "l".repeat(26), "b".repeat(26)] {
            assert_eq!(ChannelId::parse(&odd).unwrap().to_bytes(), None, "{odd}");
        }
    }

    #[test]
    fn an_id_in_json_is_a_string_and_is_checked() {
        let json = "\"8opm9qx9btdnujnr5xdc9hguya\"";
        let id: UserId = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), json);
        assert!(serde_json::from_str::<UserId>("\"\"").is_err());
    }

    #[test]
    fn times_are_counted_without_overflow() {
        let t = Millis::from_secs(2);
        assert_eq!(t.plus(Duration::from_millis(5)), Millis(2005));
        assert_eq!(Millis(2005).since(t), Duration::from_millis(5));
        assert_eq!(t.since(Millis(2005)), Duration::ZERO);
        assert_eq!(Millis(i64::MAX).plus(Duration::MAX), Millis(i64::MAX));
        assert_eq!(Millis(1999).as_secs(), 1);
    }
}
