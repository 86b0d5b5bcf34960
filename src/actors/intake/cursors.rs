use std::sync::Arc;

use super::departed::Departed;
use super::line::{Line, remembered};
use super::lines::Lines;
use super::recent::Recent;
use super::room::Room;
use super::seqs::Stamp;
use super::work::WaitingPost;
use crate::actors::messages::Handled;
use crate::event::{Body, Event};
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::store::Cursor;
use crate::turns::{Fate, Memberships};

/// How many posts of a channel may wait for a live one to join them.
pub(super) const LINE: usize = 256;
/// How many posts of a channel may wait before no more of them are read.
const READ: usize = 2 * LINE;

/// All channels: what is under way, and up to when all is done. Pure: it knows no time and no one.
#[derive(Debug)]
pub(super) struct Cursors {
    pub(super) lines: Lines,
    pub(super) departed: Departed,
    recent: Recent,
    /// How many posts of a channel the Router may have at once.
    window: usize,
    room: Room,
    under_way: usize,
    /// The youngest `create_at` that was seen: Mattermost's clock, at least.
    newest: Millis,
    /// Posts from after it have a wrong time: an import may say anything.
    horizon: Millis,
}

/// What became of a post that was added.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It will be handed on.
    Yes,
    /// It is under way, or done.
    Known,
    /// There is no room: it must be fetched later.
    Full,
}

/// How a post came.
#[derive(Clone, Copy, Debug)]
pub(super) enum CameBy {
    /// By the WebSocket.
    Live(Stamp),
    /// By a read, for which there was room.
    Fetched,
}

impl Cursors {
    /// The channels that a table knows.
    pub fn new(table: Memberships, window: usize) -> Self {
        Self {
            lines: Lines::new(table),
            departed: Departed::default(),
            recent: Recent::default(),
            window: window.clamp(1, LINE),
            room: Room::default(),
            under_way: 0,
            newest: Millis::default(),
            horizon: Millis(i64::MAX),
        }
    }

    /// A channel begins to be followed, with posts made after `at`, or where it was when the bot left it. `false`
    /// where it is known.
    pub fn join(&mut self, channel: ChannelId, at: Millis) -> bool {
        let is_new = !self.lines.has(&channel);
        if is_new {
            let line = match self.departed.take(&channel) {
                Some(known) => Line::woken(&remembered(&known)),
                None => Line::since(at),
            };
            self.lines.follow(channel, line);
        }
        is_new
    }

    /// A channel is followed no more. Gives back the numbers with which its posts came over the WebSocket.
    pub fn leave(&mut self, channel: &ChannelId) -> Vec<Stamp> {
        let Some(gone) = self.lines.unfollow(channel) else {
            return Vec::new();
        };
        let (at, done) = (gone.cursor(), gone.low());
        let channel = *channel;
        self.departed.put(Cursor { channel, at, done }, self.newest);
        self.under_way -= gone.under_way();
        let Some(work) = gone.work else {
            return Vec::new();
        };
        let queued = work.queue.values().map(|one| &one.event);
        queued.for_each(|event| self.room.leaves(event));
        work.later.iter().for_each(|event| self.room.lets_go(event));
        let under_way = work.under_way.into_iter().map(|one| one.waiting);
        let posts = work.queue.into_values().chain(under_way);
        posts.filter_map(|one| one.stamp).collect()
    }

    /// A post is to be handed on, once its channel's turn comes.
    pub fn add(&mut self, event: Arc<Event>, way: CameBy) -> Added {
        let (Some(channel), Body::Post(heard)) = (event.channel, &event.body) else {
            return Added::Known;
        };
        let (post, at) = (heard.post, event.at);
        self.seen(at);
        let (recent, full) = (self.recent.has(&post), self.room.is_full());
        let (waits, horizon) = (event.clone(), self.horizon);
        let line = self.line(channel, at);
        if recent {
            line.passed(at.min(horizon));
            return Added::Known;
        }
        let stamp = match way {
            CameBy::Live(stamp) if line.waiting() < LINE && !full => Some(stamp),
            CameBy::Live(_) => {
                line.lost(at);
                return Added::Full;
            }
            CameBy::Fetched => None,
        };
        if !line.add(WaitingPost { event, post, stamp }) {
            return Added::Known;
        }
        self.room.enters(&waits);
        Added::Yes
    }

    /// An event that isn't a post is to be handed on. `false` where there is no room.
    pub fn add_later(&mut self, channel: ChannelId, event: Arc<Event>) -> bool {
        let waits = event.clone();
        let room = !self.room.is_full() && self.line(channel, event.at).add_later(event);
        if room {
            self.room.holds(&waits);
        }
        room
    }

    /// What is to be handed on now, in order.
    pub fn next(&mut self, channel: &ChannelId) -> Option<Arc<Event>> {
        let line = self.lines.of_awake(channel)?;
        if let Some(waiting) = line.next(self.window) {
            self.room.leaves(&waiting.event);
            self.under_way += 1;
            return Some(waiting.event);
        }
        let later = line.next_later();
        if let Some(event) = &later {
            self.room.lets_go(event);
        }
        later
    }

    /// A post that nobody has to be told of.
    pub fn passed(&mut self, channel: ChannelId, at: Millis) {
        self.seen(at);
        let horizon = self.horizon;
        self.line(channel, at).passed(at.min(horizon));
    }

    /// What became of a post; the number that it came with, if it did so over the WebSocket.
    pub fn handled(&mut self, handled: &Handled) -> Option<Stamp> {
        let line = self.lines.of_awake(&handled.channel)?;
        let stamp = match handled.fate {
            Fate::Done => {
                let stamp = line.handled(&handled.post, self.horizon)?.stamp;
                self.recent.put(handled.post);
                stamp
            }
            _ => {
                let (waiting, stamp) = line.came_back(&handled.post)?;
                self.room.enters(&waiting);
                stamp
            }
        };
        self.under_way -= 1;
        stamp
    }

    /// A channel, if it is followed.
    pub fn get(&mut self, channel: &ChannelId) -> Option<&mut Line> {
        self.lines.get(channel)
    }

    /// Channels in which posts wait, are under way or are missing.
    pub fn busy(&self) -> impl Iterator<Item = (ChannelId, &Line)> {
        self.lines.awake().filter(|(_, line)| line.is_busy())
    }

    /// The youngest `create_at` that was seen.
    pub fn newest(&self) -> Millis {
        self.newest
    }

    /// A `create_at` was seen.
    pub fn seen(&mut self, at: Millis) {
        if at <= self.horizon {
            self.newest = self.newest.max(at);
        }
    }

    /// No post that is made before this has a later time, unless it is wrong: no cursor goes
    /// further, or all that is made until then would count as done.
    pub fn reckon(&mut self, horizon: Millis) {
        self.horizon = horizon;
    }

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
            self.room.leaves(&gone.event);
            freed.extend(gone.stamp);
        }
    }

    /// Whether no more may wait.
    pub fn is_full(&self) -> bool {
        self.room.is_full()
    }

    /// The latest time that a post can have.
    pub fn horizon(&self) -> Millis {
        self.horizon
    }

    /// A post is done that was never handed on by us.
    pub fn done_before(&mut self, post: PostId) {
        self.recent.put(post);
    }

    /// Posts that wait.
    pub fn waiting(&self) -> usize {
        self.room.posts()
    }

    /// Posts that the Router has.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// Channels whose posts are held back.
    pub fn dirty(&self) -> usize {
        let held = self.lines.awake().filter(|(_, line)| line.holds());
        held.count() + self.lines.unsure().map_or(0, |(_, count)| count)
    }

    /// A channel that is heard for the first time is followed from this post on.
    fn line(&mut self, channel: ChannelId, at: Millis) -> &mut Line {
        let first = || Line::since(Millis(at.0 - 1));
        self.lines.get_or_follow(channel, first)
    }
}
