use std::collections::{HashMap, VecDeque};

use crate::model::ids::{ChannelId, Millis};
use crate::time::Instant;
use crate::turns::Spot;

/// Every so many reads one of a channel of which much is read, whoever else waits.
const FAIR: u32 = 4;

/// What is being fetched.
#[derive(Debug)]
pub(super) struct Sweep {
    /// A moment at which nothing was missing.
    pub good: Millis,
    pub started: bool,
    pub listing: bool,
    /// There was a reason to list while it was being done.
    pub again: bool,
    /// A gap: compare once more, later.
    pub later: bool,
    pub tries: u32,
    /// What changed while it was being listed.
    pub changes: HashMap<ChannelId, Option<Spot>>,
    /// Channels in the list of which only the id can be read.
    pub unread: Vec<ChannelId>,
    pub wanted: Wanted,
    /// Where no list comes: how far each channel for itself is wanted by now.
    pub alone: Option<SweptTo>,
    pub reading: usize,
    /// When room was made last.
    pub room: Option<Instant>,
}

impl Sweep {
    /// After a process that left nothing out up to `good`.
    pub fn after(good: Millis) -> Self {
        Self {
            good,
            started: false,
            listing: false,
            again: false,
            later: false,
            tries: 0,
            changes: HashMap::new(),
            unread: Vec::new(),
            wanted: Wanted::default(),
            alone: None,
            reading: 0,
            room: None,
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

/// How far one has come with all channels of which nobody knows whether posts are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SweptTo {
    /// Direct ones come first.
    pub direct: bool,
    pub after: Option<ChannelId>,
}

impl SweptTo {
    /// Before all of them.
    pub fn begins() -> Self {
        Self {
            direct: true,
            after: None,
        }
    }

    /// After these; `None` after all.
    pub fn goes_on(self, some: &[ChannelId], most: usize) -> Option<Self> {
        match some.last() {
            Some(last) if some.len() == most => Some(Self {
                after: Some(*last),
                ..self
            }),
            _ => self.direct.then_some(Self {
                direct: false,
                after: None,
            }),
        }
    }
}

/// How soon a channel is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    /// A person waits for an answer, in a direct channel.
    Direct,
    /// It wasn't read yet.
    First,
    /// More of it, or only to be sure.
    More,
}

/// Channels that wait to be read, a page at a time: so that one with very much to read keeps
/// nobody else waiting, nor they it for ever.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    direct: VecDeque<ChannelId>,
    first: VecDeque<ChannelId>,
    more: VecDeque<ChannelId>,
    turn: u32,
}

impl Wanted {
    pub fn push(&mut self, channel: ChannelId, urgency: Urgency) {
        let queue = match urgency {
            Urgency::Direct => &mut self.direct,
            Urgency::First => &mut self.first,
            Urgency::More => &mut self.more,
        };
        queue.push_back(channel);
    }

    pub fn pop(&mut self) -> Option<ChannelId> {
        self.turn = (self.turn + 1) % FAIR;
        let fair = self.turn == 0;
        let more = self.more.pop_front_if(|_| fair);
        let next = more.or_else(|| self.direct.pop_front());
        let next = next.or_else(|| self.first.pop_front());
        next.or_else(|| self.more.pop_front())
    }

    pub fn len(&self) -> usize {
        self.direct.len() + self.first.len() + self.more.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::fake::channel;

    #[test]
    fn who_waits_for_one_page_comes_before_who_waits_for_many_and_nobody_waits_for_ever() {
        let mut wanted = Wanted::default();
        for n in 1..=3 {
            wanted.push(channel(n), Urgency::More);
        }
        for n in 4..=6 {
            wanted.push(channel(n), Urgency::First);
        }
        wanted.push(channel(7), Urgency::Direct);
        let order: Vec<_> = std::iter::from_fn(|| wanted.pop()).collect();
        assert_eq!(order, [7, 4, 5, 1, 6, 2, 3].map(channel));
        assert_eq!(wanted.len(), 0);
    }
}
