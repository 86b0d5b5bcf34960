use serde::{Deserialize, Serialize};

use super::Place;
use crate::model::ids::{ChannelId, UserId};

/// Where posts leave one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// A channel.
    Channel(ChannelId),
    /// The bot's direct channel with this person, opened when it is first needed.
    Direct(UserId),
}

impl Lane {
    /// Where posts of a place go; a desk has no channel.
    pub fn of(place: &Place) -> Option<Self> {
        match place {
            Place::Channel(channel) => Some(Self::Channel(*channel)),
            Place::Direct(user) => Some(Self::Direct(*user)),
            Place::Desk(_) => None,
        }
    }

    /// The place whose posts go here.
    pub fn place(&self) -> Place {
        match self {
            Self::Channel(channel) => Place::Channel(*channel),
            Self::Direct(user) => Place::Direct(*user),
        }
    }
}
