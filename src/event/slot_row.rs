use std::sync::Arc;

use super::{Listening, Slot, Version};
use crate::model::ids::Millis;

/// A slot as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotRow {
    /// Whose it is.
    pub slot: Slot,
    /// How often it was written, from 1.
    pub version: Version,
    /// The state, as JSON.
    pub state: Arc<str>,
    /// Which form of the state this is, as in `State::VERSION`.
    pub form: u32,
    /// What it waits to hear, if anything.
    pub listening: Option<Listening>,
    /// When it may be forgotten; `None` keeps it.
    pub expires: Option<Millis>,
}
