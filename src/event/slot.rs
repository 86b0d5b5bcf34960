use serde::{Deserialize, Serialize};

use super::Place;

/// The unit of state, version and expiry: one skill's memory of one topic in one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// Where; also the unit of order.
    pub place: Place,
    /// The state's name, as in `State::NAME`.
    pub skill: String,
    /// Empty, or what sets it apart from the skill's other slots here: a card, a person, a thread.
    #[serde(default)]
    pub topic: String,
}

impl Slot {
    /// A slot of `skill` in `place`.
    pub fn new(place: Place, skill: impl Into<String>, topic: impl Into<String>) -> Self {
        Self {
            place,
            skill: skill.into(),
            topic: topic.into(),
        }
    }
}

impl std::fmt::Display for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.place, self.skill, self.topic)
    }
}

/// How often a slot has been written; 0 is a slot that doesn't exist.
pub type Version = i64;
