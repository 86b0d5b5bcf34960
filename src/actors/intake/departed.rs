use std::collections::HashMap;

use crate::model::ids::{ChannelId, Millis};
use crate::store::Cursor;

/// So many channels are remembered: more than any bot leaves within a day.
const MOST: usize = 65_536;

/// How far the channels were handled that the bot has left. Where it comes back, what people had written before
/// it left is still to be answered: it may have been down by then.
#[derive(Debug, Default)]
pub(super) struct Departed(HashMap<ChannelId, (Cursor, Millis)>);

impl Departed {
    /// The bot has left a channel at this time, or before.
    pub fn put(&mut self, cursor: Cursor, at: Millis) {
        if self.0.len() < MOST {
            self.0.insert(cursor.channel, (cursor, at));
        }
    }

    /// Whether the bot was in a channel before.
    pub fn has(&self, channel: &ChannelId) -> bool {
        self.0.contains_key(channel)
    }

    /// The bot is back.
    pub fn take(&mut self, channel: &ChannelId) -> Option<Cursor> {
        Some(self.0.remove(channel)?.0)
    }

    /// Channels that were left before this time, so that nothing there is young enough to be answered.
    pub fn take_older(&mut self, than: Millis) -> Vec<ChannelId> {
        let old = self.0.extract_if(|_, (_, at)| *at < than);
        old.map(|(channel, _)| channel).collect()
    }
}
