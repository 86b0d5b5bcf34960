use std::sync::Arc;
use std::time::Duration;

use super::catch_up::ROUND;
use super::seqs::Stamp;
use super::work::{Reading, UnderWay, Waiting, Work};
use crate::event::Event;
use crate::model::ids::{Millis, PostId};

/// Posts become visible out of the order of their `create_at`, and late where readers ask a
/// replica: so far back is read again.
pub(super) const OVERLAP: Duration = Duration::from_secs(60);
/// A post may also never be told of, while later ones are. Only the round in which all channels
/// are compared finds it, so a cursor stays a round behind what is known to be done.
const BEHIND: Duration = OVERLAP.saturating_add(ROUND);
/// How many other events wait in one channel.
const LATER: usize = 256;

/// One channel: what is under way, what waits, and up to when all is done.
///
/// While posts are missing nothing is handed on, so that they can come first. A bot may be in many
/// thousands of channels, so one where nothing is to do is small.
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
    /// How often in a row posts were missing.
    pub tries: u32,
    /// Whether another read is planned for later.
    pub planned: bool,
    /// Whether it waits for its read.
    pub wanted: bool,
    /// There only while something is to do.
    work: Option<Box<Work>>,
}

impl Line {
    /// All up to `at` is done, or older than the bot's interest.
    pub fn since(at: Millis) -> Self {
        Self {
            saved: at,
            done: at,
            top: at,
            ..Self::default()
        }
    }

    /// As the store remembers it.
    pub fn remembered(at: Millis, done: Millis) -> Self {
        let done = done.max(at);
        Self {
            done,
            before: done,
            top: done,
            remembered: true,
            ..Self::since(at)
        }
    }

    /// Up to when an earlier process had done all that it had heard of.
    pub fn before(&self) -> Millis {
        self.before
    }

    /// A post is to be handed on. `false` where that is under way.
    pub fn add(&mut self, waiting: Waiting) -> bool {
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

    /// The next post to hand on, if fewer than `window` are under way.
    pub fn next(&mut self, window: usize) -> Option<Waiting> {
        if self.holds() || self.under_way() >= window {
            return None;
        }
        let work = self.work.as_mut()?;
        let ((at, post), waiting) = work.queue.pop_first()?;
        work.under_way.push(UnderWay {
            post,
            at,
            stamp: waiting.stamp,
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

    /// A post that was handed on is done with, or lost again; `None` where it wasn't under way.
    pub fn handled(&mut self, post: &PostId, done: bool) -> Option<Option<Stamp>> {
        let work = self.work.as_mut()?;
        let UnderWay { at, stamp, .. } = work.under_way.swap_remove(work.place_of(post)?);
        if done {
            self.passed(at);
            if self.waiting() + self.under_way() == 0 && !self.holds() {
                self.tries = 0;
            }
            self.rest();
        } else {
            self.lost(at);
        }
        Some(stamp)
    }

    /// The post made at this time, and maybe later ones, must be fetched.
    pub fn lost(&mut self, at: Millis) {
        let (before, work) = (Millis(at.0 - 1), self.work());
        work.missing = Some(work.missing.map_or(before, |known| known.min(before)));
    }

    /// Any post that isn't done may be missing.
    pub fn lost_all(&mut self) {
        self.lost(Millis(self.low().0 + 1));
    }

    /// Whether posts are held back because others must come first.
    pub fn holds(&self) -> bool {
        let work = self.work.as_ref();
        work.is_some_and(|work| work.lost().next().is_some())
    }

    /// Whether posts are missing that no read under way will bring.
    pub fn is_dirty(&self) -> bool {
        let work = self.work.as_ref();
        work.is_some_and(|work| work.missing.is_some())
    }

    /// Whether a read is under way.
    pub fn is_reading(&self) -> bool {
        let work = self.work.as_ref();
        work.is_some_and(|work| work.reading.is_some())
    }

    /// Whether a channel with this `last_post_at` has anything to read.
    pub fn wants(&self, last_post_at: Millis) -> bool {
        last_post_at > self.cursor()
    }

    /// Nothing is missing after all.
    pub fn clear(&mut self) {
        self.work().missing = None;
        self.rest();
    }

    /// A read begins; it must bring all after the returned moment.
    pub fn begin(&mut self) -> Millis {
        let since = self.cursor();
        let work = self.work();
        work.reading = Some(Reading {
            missing: work.missing.take(),
        });
        since
    }

    /// A read has brought all posts up to `to`, and they were added.
    pub fn read(&mut self, to: Millis) {
        self.work().reading = None;
        self.passed(to);
        self.rest();
    }

    /// A read has failed: what was missing still is.
    pub fn unread(&mut self) {
        let missing = self.work().reading.take().and_then(|read| read.missing);
        match missing {
            Some(missing) => self.lost(Millis(missing.0 + 1)),
            None => self.rest(),
        }
    }

    /// Up to when everything is done.
    fn low(&self) -> Millis {
        let Some(work) = &self.work else {
            return self.top;
        };
        let waits = work.queue.keys().next().map(|(at, _)| *at);
        let under_way = work.under_way.iter().map(|one| one.at).min();
        let open = [waits, under_way].into_iter().flatten();
        let bounds = open.map(|at| Millis(at.0 - 1)).chain(work.lost());
        bounds.fold(self.top, Millis::min)
    }

    /// Where a read begins: it never goes back, and never passes a post that isn't done.
    pub fn cursor(&self) -> Millis {
        self.saved.max(self.low().minus(BEHIND))
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

    fn work(&mut self) -> &mut Work {
        self.work.get_or_insert_default()
    }

    /// Gives the memory back where nothing is to do.
    fn rest(&mut self) {
        self.work.take_if(|work| work.is_done());
    }
}
