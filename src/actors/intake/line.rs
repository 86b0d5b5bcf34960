use std::sync::Arc;
use std::time::Duration;

use super::seqs::Stamp;
use super::work::{Missing, PostsUnderWay, WaitingPost, Work};
use crate::event::Event;
use crate::model::ids::{Millis, PostId};
use crate::store::Cursor;
use crate::turns::Mark;

/// Posts become visible out of the order of their `create_at`, and late where readers ask a
/// replica: so far back is read again.
pub(super) const OVERLAP: Duration = Duration::from_secs(60);
/// How often all channels are compared with what was heard: Mattermost can lose an event without
/// a trace.
pub(super) const ROUND: Duration = Duration::from_secs(300);
/// A post may also never be told of, while later ones are. Only the round in which all channels
/// are compared finds it, so a cursor stays a round behind what is known to be done.
pub(super) const BEHIND: Duration = OVERLAP.saturating_add(ROUND);
/// How many other events wait in one channel.
const LATER: usize = 256;

/// One channel: what is under way, what waits, and up to when all is done.
///
/// Its queue is whole up to where posts are missing, and what is older is handed on; what is
/// younger waits for the missing ones to come first. How to read them is in `reading.rs`. A bot may be
/// in hundreds of thousands of channels, so one where nothing is to do has none: see [`Line::mark`].
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The cursor as it was remembered; nothing before it is ever read again.
    saved: Millis,
    /// Up to when all was done, as it was remembered.
    done: Millis,
    /// Up to when an earlier process had done all.
    before: Millis,
    /// The youngest post that is done with.
    top: Millis,
    /// Whether the cursor was remembered at all: a new channel's first one is, too, or the next
    /// process would take what came since for history.
    remembered: bool,
    /// Nobody has looked yet whether the bot came into it after posts were made.
    pub is_new: bool,
    /// Where it is read the bot was no member.
    pub is_absent: bool,
    /// How often in a row a read failed.
    pub tries: u32,
    /// How often in a row nobody had room for a post.
    pub refusals: u32,
    /// Whether another read is planned for later.
    pub planned: bool,
    /// Whether it is known when posts are handed on again.
    pub pausing: bool,
    /// Whether it waits for its read.
    pub wanted: bool,
    /// There only while something is to do.
    pub(super) work: Option<Box<Work>>,
}

/// What is known of a channel as the store remembers it.
pub(super) fn remembered(cursor: &Cursor) -> Mark {
    let done = cursor.done.max(cursor.at);
    Mark {
        at: cursor.at,
        done,
        before: done,
        ..Mark::default()
    }
}

impl Line {
    /// All up to `at` is done, or older than the bot's interest.
    pub fn since(at: Millis) -> Self {
        Self {
            saved: at,
            done: at,
            top: at,
            is_new: true,
            ..Self::default()
        }
    }

    /// As the table has it, where nothing was to do.
    pub fn woken(mark: &Mark) -> Self {
        Self {
            saved: mark.at,
            done: mark.done,
            before: mark.before,
            top: mark.done,
            remembered: true,
            is_new: mark.is_new,
            is_absent: mark.is_absent,
            ..Self::default()
        }
    }

    /// What is to be known of it where nothing is to do, and all is remembered.
    pub fn mark(&self) -> Option<Mark> {
        let waits = self.planned || self.pausing || self.wanted || self.work.is_some();
        let failed = self.tries > 0 || self.refusals > 0;
        (!waits && !failed && self.moved().is_none()).then_some(Mark {
            at: self.saved,
            done: self.done,
            before: self.before,
            is_new: self.is_new,
            is_absent: self.is_absent,
        })
    }

    /// Up to when an earlier process had done all that it had heard of.
    pub fn before(&self) -> Millis {
        self.before
    }

    /// A post is to be handed on. `false` where that is under way.
    pub fn add(&mut self, waiting: WaitingPost) -> bool {
        let place = (waiting.event.at, waiting.post);
        let work = self.work();
        if work.place_of(&waiting.post).is_some() || work.queue.contains_key(&place) {
            return false;
        }
        work.queue.insert(place, waiting);
        true
    }

    /// Another event is to be handed on, after the posts that wait. `false` where there is no room.
    pub fn add_later(&mut self, event: Arc<Event>) -> bool {
        let later = &mut self.work().later;
        let room = later.len() < LATER;
        if room {
            later.push_back(event);
        }
        room
    }

    /// The next post to hand on, if fewer than `window` are under way; one at a time where nobody had
    /// room, until somebody has.
    pub fn next(&mut self, window: usize) -> Option<WaitingPost> {
        let window = if self.refusals > 0 { 1 } else { window };
        let work = self.work.as_mut()?;
        let whole_to = work.whole_to().unwrap_or(Millis(i64::MAX));
        let first = work.queue.first_entry()?;
        let at = first.key().0;
        if at > whole_to || work.rests || work.under_way.len() >= window {
            return None;
        }
        let waiting = first.remove();
        work.under_way.push(PostsUnderWay {
            waiting: waiting.clone(),
            at,
        });
        Some(waiting)
    }

    /// The next other event to hand on.
    pub fn next_later(&mut self) -> Option<Arc<Event>> {
        if self.holds() || self.waiting() > 0 {
            return None;
        }
        let next = self.work.as_mut()?.later.pop_front();
        self.rest();
        next
    }

    /// A post that nobody has to be told of.
    pub fn passed(&mut self, at: Millis) {
        self.top = self.top.max(at);
    }

    /// A post that was handed on is done with; `None` where it wasn't under way. One from after the
    /// horizon counts as made then.
    pub fn handled(&mut self, post: &PostId, horizon: Millis) -> Option<WaitingPost> {
        let work = self.work.as_mut()?;
        let PostsUnderWay { at, waiting } = work.under_way.swap_remove(work.place_of(post)?);
        if !work.rests {
            self.refusals = 0;
        }
        self.passed(at.min(horizon));
        self.rest();
        Some(waiting)
    }

    /// A post that was handed on came back, as nobody had room: it is the first in the queue again,
    /// and nothing goes out until [`Line::go_on`]. `None` where it wasn't under way.
    pub fn came_back(&mut self, post: &PostId) -> Option<(Arc<Event>, Option<Stamp>)> {
        let work = self.work.as_mut()?;
        let PostsUnderWay { at, mut waiting } = work.under_way.swap_remove(work.place_of(post)?);
        let stamp = waiting.stamp.take();
        let event = waiting.event.clone();
        work.queue.insert((at, *post), waiting);
        work.rests = true;
        Some((event, stamp))
    }

    /// Posts are handed on again.
    pub fn go_on(&mut self) {
        if let Some(work) = &mut self.work {
            work.rests = false;
        }
        self.rest();
    }

    /// A post that was heard has no room: it must be fetched, and maybe later ones.
    pub fn lost(&mut self, at: Millis) {
        self.misses(Missing::since(Millis(at.0 - 1), true));
    }

    /// The youngest of what waits is forgotten, if it must wait for others anyhow: it is read
    /// again with these.
    pub fn forget_held(&mut self) -> Vec<WaitingPost> {
        let Some(work) = &mut self.work else {
            return Vec::new();
        };
        let Some(whole_to) = work.whole_to() else {
            return Vec::new();
        };
        let mut held = Vec::new();
        work.queue.retain(|(at, _), waiting| {
            let stays = *at <= whole_to;
            if !stays {
                held.push(waiting.clone());
            }
            stays
        });
        if let Some(first) = held.first() {
            self.lost(first.event.at);
        }
        held
    }

    /// Whether posts are held back because others must come first.
    pub fn holds(&self) -> bool {
        let work = self.work.as_ref();
        work.is_some_and(|work| work.rests || work.whole_to().is_some())
    }

    /// Whether posts wait, are under way or are missing.
    pub fn is_busy(&self) -> bool {
        self.holds() || self.waiting() + self.under_way() > 0
    }

    /// Up to when everything is done.
    pub fn low(&self) -> Millis {
        let Some(work) = &self.work else {
            return self.top;
        };
        let waits = work.queue.keys().next().map(|(at, _)| *at);
        let under_way = work.under_way.iter().map(|one| one.at).min();
        let open = [waits, under_way].into_iter().flatten();
        let bounds = open.map(|at| Millis(at.0 - 1)).chain(work.whole_to());
        bounds.fold(self.top, Millis::min)
    }

    /// Where a read begins: it never goes back, and never passes a post that isn't done, or that
    /// may have come without a word.
    pub fn cursor(&self) -> Millis {
        let check = self.work.as_ref().and_then(|work| work.check);
        let behind = self.low().minus(BEHIND);
        let at = check.map_or(behind, |check| behind.min(check.at));
        self.saved.max(at)
    }

    /// The cursor and up to when all is done, if they have moved.
    pub fn moved(&self) -> Option<(Millis, Millis)> {
        let (at, done) = (self.cursor(), self.low());
        let moved = at > self.saved || done > self.done || !self.remembered;
        moved.then_some((at, done))
    }

    /// They were remembered.
    pub fn saved(&mut self, at: Millis, done: Millis) {
        self.saved = self.saved.max(at);
        self.done = self.done.max(done);
        self.remembered = true;
    }

    /// Posts that wait here.
    pub fn waiting(&self) -> usize {
        self.work.as_ref().map_or(0, |work| work.queue.len())
    }

    /// Posts that the Router has.
    pub fn under_way(&self) -> usize {
        self.work.as_ref().map_or(0, |work| work.under_way.len())
    }

    pub(super) fn work(&mut self) -> &mut Work {
        self.work.get_or_insert_default()
    }

    /// Gives the memory back where nothing is to do.
    pub(super) fn rest(&mut self) {
        self.work.take_if(|work| work.is_done());
    }
}
