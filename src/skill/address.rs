use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::State;
use crate::event::{Place, Slot};
use crate::model::ids::{ChannelId, UserId};

/// Where a slot of the state `S` is: whom a `tell` goes to. It can be kept in other states.
pub struct Address<S> {
    slot: Slot,
    state: PhantomData<fn() -> S>,
}

impl<S: State> Address<S> {
    /// The slot in the bot's direct channel with this person.
    pub fn direct(person: &UserId) -> Self {
        Self::at(Place::Direct(*person))
    }

    /// The slot in a channel.
    pub fn channel(channel: &ChannelId) -> Self {
        Self::at(Place::Channel(*channel))
    }

    /// The slot in any place.
    pub fn at(place: Place) -> Self {
        Self::of(Slot::new(place, S::NAME, ""))
    }

    /// The slot of this topic in the same place.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.slot.topic = topic.into();
        self
    }

    pub(crate) fn of(slot: Slot) -> Self {
        Self {
            slot,
            state: PhantomData,
        }
    }
}

impl<S> Address<S> {
    /// The slot itself.
    pub fn slot(&self) -> &Slot {
        &self.slot
    }
}

impl<S> Clone for Address<S> {
    fn clone(&self) -> Self {
        Self {
            slot: self.slot.clone(),
            state: PhantomData,
        }
    }
}

impl<S> PartialEq for Address<S> {
    fn eq(&self, other: &Self) -> bool {
        self.slot == other.slot
    }
}

impl<S> Eq for Address<S> {}

impl<S> fmt::Debug for Address<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.slot)
    }
}

impl<S> Serialize for Address<S> {
    fn serialize<Ser: Serializer>(&self, serializer: Ser) -> Result<Ser::Ok, Ser::Error> {
        self.slot.serialize(serializer)
    }
}

impl<'de, S> Deserialize<'de> for Address<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Slot::deserialize(deserializer).map(|slot| Self {
            slot,
            state: PhantomData,
        })
    }
}
