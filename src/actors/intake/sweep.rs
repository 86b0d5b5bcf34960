use std::collections::{HashMap, VecDeque};

use super::post::Spot;
use crate::model::ids::{ChannelId, Millis};

/// What is being fetched.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// A moment at which nothing was missing; none at the first start ever.
    pub good: Option<Millis>,
    pub started: bool,
    pub listing: bool,
    /// There was a reason to list while it was being done.
    pub again: bool,
    /// A gap: compare once more, later.
    pub later: bool,
    pub tries: u32,
    /// What changed while it was being listed.
    pub changes: HashMap<ChannelId, Option<Spot>>,
    pub wanted: VecDeque<ChannelId>,
    pub reading: usize,
}

impl Sweep {
    /// After a process that left these cursors.
    pub fn after(good: Option<Millis>) -> Self {
        Self {
            good,
            ..Self::default()
        }
    }

    /// Whether nothing was listed by this process.
    pub fn is_first(&self) -> bool {
        !self.started
    }

    /// The bot came into or left a channel.
    pub fn changed(&mut self, channel: ChannelId, spot: Option<Spot>) {
        if self.listing {
            self.changes.insert(channel, spot);
        }
    }

    /// Channels that are read or wait for it.
    pub fn reading(&self) -> usize {
        self.reading + self.wanted.len()
    }
}
