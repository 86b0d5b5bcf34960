//! Where a moment is among the pages of a channel, counted from the newest post.

use crate::model::ids::{Millis, PostId};

/// No guess goes further than so many times the pages that are known.
const LEAP: u32 = 8;
/// So close is close enough: a page more to read costs no more than to look again.
const CLOSE: u32 = 2;

/// A search that guesses by how fast people posted, and halves where that misleads.
#[derive(Debug)]
pub(super) struct Search {
    newest: Millis,
    /// A page that is younger than the moment, and its oldest post's time.
    younger: (u32, Millis),
    /// A page that is older, and its newest post's time where it has one.
    older: Option<(u32, Option<Millis>)>,
    anchor: Option<(Millis, PostId)>,
    guesses: u32,
}

impl Search {
    /// The first page goes from `newest` back to `oldest`, and isn't far enough.
    pub fn new(newest: Millis, oldest: Millis) -> Self {
        Self {
            newest,
            younger: (0, oldest),
            older: None,
            anchor: None,
            guesses: 0,
        }
    }

    /// The page to look at next; none where it can't be found any closer.
    pub fn guess(&mut self, at: Millis) -> Option<u32> {
        self.guesses += 1;
        let (low, low_at) = self.younger;
        let away = low_at.0.saturating_sub(at.0).max(0);
        let Some((high, high_at)) = self.older else {
            let span = self.newest.0.saturating_sub(low_at.0).max(1);
            let pages = i64::from(low + 1).saturating_mul(away) / span + 1;
            let most = (low + 1).saturating_mul(LEAP);
            let pages = u32::try_from(pages).unwrap_or(most);
            return Some(low.saturating_add(pages).min(most));
        };
        let between = high - low;
        if between <= 1 || self.anchor.is_some() && between <= CLOSE {
            return None;
        }
        let half = between / 2;
        let by_time = high_at.map(|high_at| {
            let span = low_at.0.saturating_sub(high_at.0).max(1);
            let pages = i64::from(between).saturating_mul(away) / span;
            u32::try_from(pages).unwrap_or(half)
        });
        let step = by_time.filter(|_| self.guesses % 2 == 1).unwrap_or(half);
        Some(low + step.clamp(1, between - 1))
    }

    /// A page is younger than the moment; its oldest post's time, where it has one.
    pub fn younger(&mut self, page: u32, oldest: Option<Millis>) {
        self.younger = (page, oldest.unwrap_or(self.younger.1));
        // People have posted meanwhile, and pages have moved.
        self.older = self.older.filter(|(high, _)| *high > page);
    }

    /// A page is older than the moment, or empty; its newest post.
    pub fn older(&mut self, page: u32, newest: Option<(Millis, PostId)>) {
        self.older = Some((page, newest.map(|(at, _)| at)));
        self.anchor = self.anchor.max(newest);
    }

    /// The oldest page that is known to be younger than the moment.
    pub fn last_younger(&self) -> u32 {
        self.younger.0
    }

    /// The youngest post that was found before the moment.
    pub fn anchor(&self) -> Option<(Millis, PostId)> {
        self.anchor
    }
}
