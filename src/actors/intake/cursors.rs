use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::line::Line;
use super::seqs::Stamp;
use super::work::Waiting;
use crate::actors::messages::{Handled, Handling};
use crate::event::{Body, Event};
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::store::Cursor;

/// How many live posts wait in one channel; a catch-up may bring four times as many.
const LINE: usize = 256;
/// How many posts wait in all channels.
const TOTAL: usize = 16_384;
/// How many posts are remembered after they are done.
const RECENT: usize = 8_192;

/// All channels: what is under way, and up to when all is done. Pure: it knows no time and no one.
#[derive(Debug)]
pub(super) struct Cursors {
    lines: HashMap<ChannelId, Line>,
    touched: HashSet<ChannelId>,
    recent: Recent,
    /// How many posts of a channel the Router may have at once.
    window: usize,
    waiting: usize,
    under_way: usize,
    /// The youngest `create_at` that was seen: Mattermost's clock, at least.
    newest: Millis,
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
pub(super) enum Way {
    /// By the WebSocket.
    Live(Stamp),
    /// By a catch-up.
    Fetched,
}

impl Cursors {
    /// The channels that a store knows.
    pub fn new(known: Vec<Cursor>, window: usize) -> Self {
        let lines = known
            .iter()
            .map(|c| (c.channel, Line::remembered(c.at, c.done)));
        Self {
            lines: lines.collect(),
            touched: HashSet::new(),
            recent: Recent::default(),
            window: window.clamp(1, LINE),
            waiting: 0,
            under_way: 0,
            newest: Millis::default(),
        }
    }

    /// A channel begins to be followed, with posts made after `at`. `false` where it is known.
    pub fn join(&mut self, channel: ChannelId, at: Millis) -> bool {
        let is_new = !self.lines.contains_key(&channel);
        if is_new {
            self.lines.insert(channel, Line::since(at));
            self.touched.insert(channel);
        }
        is_new
    }

    /// A channel is followed no more.
    pub fn leave(&mut self, channel: &ChannelId) -> bool {
        let gone = self.lines.remove(channel);
        self.waiting -= gone.as_ref().map_or(0, Line::waiting);
        self.under_way -= gone.as_ref().map_or(0, Line::under_way);
        gone.is_some()
    }

    /// A post is to be handed on, once its channel's turn comes.
    pub fn add(&mut self, event: Arc<Event>, way: Way) -> Added {
        let (Some(channel), Body::Post(heard)) = (event.channel, &event.body) else {
            return Added::Known;
        };
        let (post, at) = (heard.post, event.at);
        self.seen(at);
        let recent = self.recent.has(&post);
        let total = self.waiting;
        let line = self.line(channel, at);
        if recent {
            line.passed(at);
            return Added::Known;
        }
        let (stamp, most) = match way {
            Way::Live(stamp) => (Some(stamp), LINE),
            Way::Fetched => (None, 4 * LINE),
        };
        if line.waiting() >= most || total >= TOTAL {
            line.lost(at);
            return Added::Full;
        }
        if !line.add(Waiting { event, post, stamp }) {
            return Added::Known;
        }
        self.waiting += 1;
        Added::Yes
    }

    /// An event that isn't a post is to be handed on. `false` where there is no room.
    pub fn add_later(&mut self, channel: ChannelId, event: Arc<Event>) -> bool {
        self.line(channel, event.at).add_later(event)
    }

    /// What is to be handed on now, in order.
    pub fn next(&mut self, channel: &ChannelId) -> Option<Arc<Event>> {
        let line = self.lines.get_mut(channel)?;
        if let Some(waiting) = line.next(self.window) {
            self.waiting -= 1;
            self.under_way += 1;
            return Some(waiting.event);
        }
        line.next_later()
    }

    /// A post that nobody has to be told of.
    pub fn passed(&mut self, channel: ChannelId, at: Millis) {
        self.seen(at);
        self.line(channel, at).passed(at);
    }

    /// What became of a post; the number that it came with, if it did so over the WebSocket.
    pub fn handled(&mut self, handled: &Handled) -> Option<Stamp> {
        let done = handled.how == Handling::Done;
        let line = self.lines.get_mut(&handled.channel)?;
        let stamp = line.handled(&handled.post, done)?;
        self.under_way -= 1;
        self.touched.insert(handled.channel);
        if done {
            self.recent.put(handled.post);
        }
        stamp
    }

    /// Posts may be missing in all channels.
    pub fn gap(&mut self) {
        self.lines.values_mut().for_each(Line::lost_all);
    }

    /// A channel, if it is followed.
    pub fn get(&mut self, channel: &ChannelId) -> Option<&mut Line> {
        let line = self.lines.get_mut(channel)?;
        self.touched.insert(*channel);
        Some(line)
    }

    /// All channels that are followed.
    pub fn channels(&self) -> HashSet<ChannelId> {
        self.lines.keys().copied().collect()
    }

    /// The cursors that have moved since they were remembered.
    pub fn moves(&mut self) -> Vec<Cursor> {
        let touched = std::mem::take(&mut self.touched);
        let moved = touched.into_iter().filter_map(|channel| {
            let (at, done) = self.lines.get(&channel)?.moved()?;
            Some(Cursor { channel, at, done })
        });
        moved.collect()
    }

    /// These could not be remembered.
    pub fn unsaved(&mut self, cursors: &[Cursor]) {
        self.touched.extend(cursors.iter().map(|c| c.channel));
    }

    /// These were remembered.
    pub fn saved(&mut self, cursors: &[Cursor]) {
        for cursor in cursors {
            if let Some(line) = self.lines.get_mut(&cursor.channel) {
                line.saved(cursor.at, cursor.done);
            }
        }
    }

    /// The youngest cursor: a moment at which all was well.
    pub fn youngest(&self) -> Option<Millis> {
        self.lines.values().map(Line::cursor).max()
    }

    /// The youngest `create_at` that was seen.
    pub fn newest(&self) -> Millis {
        self.newest
    }

    /// A `create_at` was seen.
    pub fn seen(&mut self, at: Millis) {
        self.newest = self.newest.max(at);
    }

    /// A post is done that was never handed on by us.
    pub fn done_before(&mut self, post: PostId) {
        self.recent.put(post);
    }

    /// Posts that wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Posts that the Router has.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// Channels whose posts are held back.
    pub fn dirty(&self) -> usize {
        self.lines.values().filter(|line| line.holds()).count()
    }

    /// A channel that is heard for the first time is followed from this post on.
    fn line(&mut self, channel: ChannelId, at: Millis) -> &mut Line {
        self.touched.insert(channel);
        let first = || Line::since(Millis(at.0 - 1));
        self.lines.entry(channel).or_insert_with(first)
    }
}

/// Posts that were done a while ago, so that none is handed on twice; further back the keys in the
/// store know.
#[derive(Debug, Default)]
struct Recent {
    order: VecDeque<PostId>,
    posts: HashSet<PostId>,
}

impl Recent {
    fn put(&mut self, post: PostId) {
        if self.posts.insert(post) {
            self.order.push_back(post);
        }
        if self.order.len() > RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.posts.remove(&oldest);
        }
    }

    fn has(&self, post: &PostId) -> bool {
        self.posts.contains(post)
    }
}
