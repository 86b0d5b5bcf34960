use std::time::Duration;

use super::line::Line;
use super::work::{Check, Missing, ReadUnderWay};
use crate::client::rest::{Position, Stretch};
use crate::model::ids::Millis;

/// Mattermost tells of posts a little out of their order. After a gap so much is read again before
/// later posts are handed on; what comes later still is found by the check, which goes further back.
const OUT_OF_ORDER: Duration = Duration::from_secs(5);

/// What is read of a channel, a page at a time.
///
/// *Missing* posts come first: those after a gap, and those for which there was no room. They are
/// read from the oldest on, as room comes free. A *check* looks for what came without a word, and
/// holds nothing up.
impl Line {
    /// Any post that isn't done may be missing.
    pub fn lost_all(&mut self) {
        let at = self.low().minus(OUT_OF_ORDER).max(self.cursor());
        self.misses(Missing::since(at, false));
    }

    /// The channel's last post was made at this time, as the list of channels says. `true` where
    /// something is to be read.
    pub fn compare(&mut self, last_post_at: Millis) -> bool {
        let (cursor, is_reading) = (self.cursor(), self.is_reading());
        let work = self.work();
        let denied = |missing: &mut Missing| !missing.heard && last_post_at <= missing.at;
        if !is_reading {
            work.missing.take_if(denied);
        }
        if last_post_at > cursor {
            let check = work.check.get_or_insert(Check {
                at: cursor,
                place: Position::Since(cursor),
                to: last_post_at,
            });
            check.to = check.to.max(last_post_at);
        }
        let wants = self.wants();
        self.rest();
        wants
    }

    /// Whether posts are missing, or a check is due, that no read under way will bring.
    pub fn wants(&self) -> bool {
        let work = self.work.as_ref();
        work.is_some_and(|work| work.missing.is_some() || work.check.is_some())
    }

    /// Whether the next read begins somewhere, and brings what others wait for.
    pub fn begins(&self) -> bool {
        let missing = self.work.as_ref().and_then(|work| work.missing);
        missing.is_some_and(|missing| missing.place == Position::Since(missing.at))
    }

    /// Whether the next read goes on within a millisecond that a page ended in: only when it is whole
    /// anything of it can go out.
    pub fn is_within_a_millisecond(&self) -> bool {
        let missing = self.work.as_ref().and_then(|work| work.missing);
        let place = missing.map(|missing| missing.place);
        matches!(place, Some(Position::After { page: 1.., .. }))
    }

    /// Whether a read is under way.
    pub fn is_reading(&self) -> bool {
        let work = self.work.as_ref();
        work.is_some_and(|work| work.reading.is_some())
    }

    /// A read begins, from here on; none where there is nothing to read.
    pub fn begin(&mut self) -> Option<Position> {
        let work = self.work.as_mut()?;
        if let Some(missing) = work.missing.take() {
            // All that is younger comes by this way.
            if let Some(check) = &mut work.check {
                check.to = check.to.min(missing.at);
            }
            work.check.take_if(|check| check.at >= check.to);
            work.reading = Some(ReadUnderWay::Missing(missing));
            return Some(missing.place);
        }
        let place = work.check?.place;
        work.reading = Some(ReadUnderWay::Check);
        Some(place)
    }

    /// A read has brought these posts, and they were added. Where they were all there are, all up
    /// to `to` is known.
    pub fn read(&mut self, since: Millis, next: Option<(Millis, Position)>, to: Millis) {
        self.is_new = false;
        let Some(work) = &mut self.work else { return };
        match work.reading.take() {
            Some(ReadUnderWay::Missing(missing)) => {
                work.check.take_if(|check| since <= check.at);
                if let Some((at, place)) = next {
                    let (at, heard) = (at.max(missing.at), missing.heard);
                    self.misses(Missing { at, heard, place });
                }
            }
            Some(ReadUnderWay::Check) => {
                let goes_on = next.filter(|(at, _)| work.check.is_some_and(|c| *at < c.to));
                work.check = work.check.zip(goes_on).map(|(check, (at, place))| Check {
                    at: at.max(check.at),
                    place,
                    ..check
                });
            }
            None => return,
        }
        self.passed(next.map_or(to, |(at, _)| at));
        self.rest();
    }

    /// A read has failed: what was missing still is.
    pub fn unread(&mut self) {
        let Some(work) = &mut self.work else { return };
        if let Some(ReadUnderWay::Missing(missing)) = work.reading.take() {
            self.misses(missing);
        }
        self.rest();
    }

    pub(super) fn misses(&mut self, missing: Missing) {
        let work = self.work();
        let known = work.missing;
        let first = known.filter(|known| known.at < missing.at);
        let heard = missing.heard || known.is_some_and(|known| known.heard);
        work.missing = Some(Missing {
            heard,
            ..first.unwrap_or(missing)
        });
    }
}

/// What a run says of where it goes on.
pub(super) fn brings_nothing(run: &Stretch) -> bool {
    run.posts.is_empty() && run.next.is_some()
}
