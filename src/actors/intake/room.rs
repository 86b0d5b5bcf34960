use super::cursors::{Cursors, LINE};
use super::line::Line;
use super::seqs::Stamp;
use super::weight::weight;
use crate::model::ids::ChannelId;

/// How many posts of a channel may wait before no more of them are read.
const READ: usize = 2 * LINE;
/// How much the posts that wait in all channels may weigh, in bytes.
const TOTAL: usize = 16 << 20;

/// How much may wait. What can go out goes by itself, so that there is room again; what must wait
/// for others that have to be read first is forgotten rather than be in their way, and read later.
impl Cursors {
    /// Whether there is room to read more of a channel. What can't go out before it is read is
    /// forgotten, if need be: so room comes free by itself, whatever waits.
    pub fn has_room(&mut self, channel: &ChannelId, freed: &mut Vec<Stamp>) -> bool {
        let Some(line) = self.lines.of_awake(channel) else {
            return true;
        };
        if line.is_within_a_millisecond() {
            return true;
        }
        if line.waiting() >= READ {
            self.forget(channel, freed);
        }
        let line = self.lines.of_awake(channel);
        line.is_none_or(|line| line.waiting() < READ)
    }

    /// Whether no more may wait.
    pub fn is_full(&self) -> bool {
        self.weight >= TOTAL
    }

    /// Forgets all that can't go out before others were read. What still waits goes by itself.
    pub fn make_room(&mut self) -> Vec<Stamp> {
        let mut freed = Vec::new();
        let holding = self.lines.awake().filter(|(_, line)| line.holds());
        let holding: Vec<ChannelId> = holding.map(|(id, _)| id).collect();
        for channel in holding {
            self.forget(&channel, &mut freed);
        }
        freed
    }

    fn forget(&mut self, channel: &ChannelId, freed: &mut Vec<Stamp>) {
        let line = self.lines.of_awake(channel);
        for gone in line.map(Line::forget_held).unwrap_or_default() {
            self.waiting -= 1;
            self.weight -= weight(&gone.event);
            freed.extend(gone.stamp);
        }
    }
}
