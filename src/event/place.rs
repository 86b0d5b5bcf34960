use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::ids::{ChannelId, UserId};

/// The unit of order: everything in one place happens one after the other.
///
/// Written `c:CHANNEL`, `d:USER` or `k:NAME` in stores, envelopes and logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Place {
    /// A channel of any kind but the bot's own direct channels.
    Channel(ChannelId),
    /// The direct channel between the bot and this person, whether or not it is open yet.
    Direct(UserId),
    /// A named place without a channel, for state that belongs to none.
    Desk(String),
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place: expected c:CHANNEL, d:USER or k:NAME")]
pub struct PlaceError(pub String);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(channel) => write!(f, "c:{channel}"),
            Self::Direct(user) => write!(f, "d:{user}"),
            Self::Desk(name) => write!(f, "k:{name}"),
        }
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let wrong = || PlaceError(text.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        match kind {
            "c" => rest.parse().map(Self::Channel).map_err(|_| wrong()),
            "d" => rest.parse().map(Self::Direct).map_err(|_| wrong()),
            "k" if !rest.is_empty() => Ok(Self::Desk(rest.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Place {
    type Error = PlaceError;

    fn try_from(text: String) -> Result<Self, PlaceError> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for text in [
            "c:km7qshsrt7bpzg5ub4gs6wyago",
            "d:oxf15agrypnrbphqkg3nhtugby",
            "k:rota",
        ] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "c:",
            "c:short",
            "k:",
            "x:y",
            "km7qshsrt7bpzg5ub4gs6wyago",
        ] {
            assert_eq!(text.parse::<Place>(), Err(PlaceError(text.to_owned())));
        }
    }
}
