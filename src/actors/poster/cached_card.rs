use std::time::Duration;

use super::overdue::Since;
use super::refusals::{CardRefusals, RETRY};
use crate::event::{CardRow, Home, Version};
use crate::model::ids::Millis;

/// How long an inline update may take to be seen before the card counts as free again.
pub(super) const SETTLES: Duration = Duration::from_secs(2);
/// How long Mattermost takes at most, usually, from an answer to the post that shows it.
const SPREADS: Duration = Duration::from_millis(300);
/// How long a PUT may be on its way after nobody waits for its answer any more: it may come after later
/// ones.
pub(super) const STRAYS: Duration = Duration::from_secs(60);

/// A card in memory, and who is writing it.
#[derive(Debug)]
pub(super) struct CachedCard {
    pub row: CardRow,
    pub writer: Option<CardWriter>,
    /// A PUT failed, or a stranger edits again and again: not before then.
    rest: Option<Millis>,
    pub refusals: CardRefusals,
    /// When a stranger's edit was last put right.
    healed: Option<Millis>,
    /// Since when it has shown this version, though more is wanted.
    behind: Option<(Since, Version)>,
    /// The `update_at` of what its post shows, as far as is known.
    changed: Millis,
    /// Until then an earlier write may still come. Then it is written once more.
    doubt: Option<Millis>,
    /// The number of the read of the store since which it is known to be there.
    pub heard: u64,
}

/// Who is writing a card.
#[derive(Debug, Clone, Copy)]
pub(super) struct CardWriter {
    pub version: Version,
    /// An inline update, which counts as seen by then; none for a PUT.
    pub until: Option<Millis>,
    /// A stranger has changed the post meanwhile, before the write or after it.
    altered: bool,
}

/// Why a card's post wasn't replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unshown {
    /// It isn't there any more.
    Gone,
    /// This version can't be shown as things are.
    Refused,
    /// It isn't shown; it may go well soon.
    Later,
    /// It may be shown, now or at any time.
    Unsure,
}

/// What the end of a PUT means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PutEnded {
    /// The post shows its version now, and no earlier write can come any more.
    Shown,
    /// The post isn't there any more.
    Gone,
    /// It is shown later.
    Again,
    /// It is refused, and that is no race.
    Refused,
}

impl CachedCard {
    /// A card that nobody writes; an earlier process may have.
    pub fn new(row: CardRow, now: Millis) -> Self {
        let mut known = Self {
            row,
            writer: None,
            rest: None,
            refusals: CardRefusals::default(),
            healed: None,
            behind: None,
            changed: Millis::default(),
            doubt: None,
            heard: 0,
        };
        if known.is_behind() && known.row.post.is_some() {
            known.doubt = Some(now.plus(STRAYS));
        }
        known
    }

    /// What was refused may be taken now, and what is refused now may be a race.
    pub fn begins_anew(&mut self) {
        (self.refusals, self.behind) = (CardRefusals::default(), None);
    }

    /// A click's answer writes it.
    pub fn shown_inline(&mut self, now: Millis) {
        self.writes(Some(now.plus(SETTLES)));
    }

    /// A click's answer writes a post that nothing else changes. Mattermost does what several answers
    /// say in any order, so those that come at once must say the same; `Err` is until when one waits.
    pub fn spread(&mut self, now: Millis) -> Result<(), Millis> {
        let others = self
            .writer
            .filter(|writer| writer.version < self.row.wanted_version);
        let until = others.and_then(|writer| writer.until);
        if let Some(until) = until.filter(|until| *until > now) {
            return Err(until);
        }
        self.writes(Some(now.plus(SPREADS)));
        Ok(())
    }

    /// A PUT writes it.
    pub fn put(&mut self) {
        self.writes(None);
    }

    fn writes(&mut self, until: Option<Millis>) {
        self.writer = Some(CardWriter {
            version: self.row.wanted_version,
            until,
            altered: false,
        });
    }

    /// A PUT has ended, with the `update_at` that it gave the post.
    pub fn put_ended(
        &mut self,
        version: Version,
        ended: Result<Millis, Unshown>,
        now: Millis,
    ) -> PutEnded {
        let writer = self.writer.take();
        if matches!(ended, Err(Unshown::Later | Unshown::Unsure)) {
            self.rest = Some(now.plus(RETRY));
        }
        if ended == Err(Unshown::Unsure) {
            self.doubt = Some(now.plus(STRAYS));
        }
        let race = match ended {
            // What was refused for good was no race, and isn't one at its next try.
            Err(Unshown::Refused) if self.refusals.is_for_good() => None,
            Err(Unshown::Refused | Unshown::Gone) => self.refusals.pause(now),
            _ => None,
        };
        if let Some(pause) = race {
            self.rest = Some(now.plus(pause));
            return PutEnded::Again;
        }
        self.refusals.no_race();
        match ended {
            Ok(at) => self.was_put(version, at, writer),
            Err(Unshown::Gone) => PutEnded::Gone,
            Err(Unshown::Refused) => {
                self.refusals.counts(version, now);
                PutEnded::Refused
            }
            Err(Unshown::Later | Unshown::Unsure) => PutEnded::Again,
        }
    }

    fn was_put(&mut self, version: Version, at: Millis, writer: Option<CardWriter>) -> PutEnded {
        self.refusals = CardRefusals::default();
        let altered = writer.is_some_and(|writer| writer.altered);
        match !altered && self.shows(version, at) {
            true => PutEnded::Shown,
            false => PutEnded::Again,
        }
    }

    /// Its post shows a version since then. `true` where that is for good.
    pub fn shows(&mut self, version: Version, at: Millis) -> bool {
        self.changed = self.changed.max(at);
        self.row.shown_version = self.row.shown_version.max(version);
        self.doubt.is_none()
    }

    /// Whether a change to this version, made then, came after a later version was shown: a write
    /// that was long on its way.
    pub fn strayed(&self, version: Version, at: Millis) -> bool {
        version < self.row.shown_version && at >= self.changed
    }

    /// An inline update that nobody has seen in time: the card is free. And what may have come late
    /// by then is written over.
    pub fn expire(&mut self, now: Millis) {
        let until = self.writer.and_then(|writer| writer.until);
        if until.is_some_and(|until| until <= now) {
            self.writer = None;
        }
        if self.writer.is_none() && self.doubt.is_some_and(|doubt| doubt <= now) {
            self.doubt = None;
            self.row.shown_version = 0;
        }
    }

    /// Whether it can be forgotten until somebody asks for it.
    pub fn is_idle(&self) -> bool {
        !self.is_behind() && self.doubt.is_none() && self.writer.is_none()
    }

    /// Somebody else has changed the post. It is put right at once, and not again soon: they may
    /// do it each time.
    pub fn altered(&mut self, now: Millis) {
        self.row.shown_version = 0;
        self.rest = self.healed.map(|at| at.plus(RETRY)).max(self.rest);
        self.healed = Some(now);
        if let Some(writer) = &mut self.writer {
            writer.altered = writer.until.is_none();
        }
    }

    /// Looks whether its post shows less than what is wanted, and doesn't get on.
    pub fn look(&mut self, now: Millis) {
        let shown = self.row.shown_version;
        self.behind = match self.behind.filter(|(_, seen)| *seen == shown) {
            _ if !self.is_behind() => None,
            None => Some((Since::of(now), shown)),
            known => known,
        };
    }

    /// Whether it was so for long.
    pub fn is_late(&self, now: Millis) -> bool {
        self.behind.is_some_and(|(since, _)| since.is_late(now))
    }

    /// Whether its post shows less than what is wanted.
    pub fn is_behind(&self) -> bool {
        matches!(self.row.home, Home::Bot { .. })
            && self.row.shown_version < self.row.wanted_version
    }

    /// Whether its post shows less than what is wanted, so that the store has it among those.
    pub fn is_unshown(&self) -> bool {
        self.is_behind() && self.row.post.is_some()
    }

    /// Whether something is to be sent before the program may end.
    pub fn is_owed(&self) -> bool {
        let wanted = self.row.wanted_version;
        let inline = |writer: CardWriter| writer.until.is_some() && writer.version >= wanted;
        self.is_unshown() && !self.writer.is_some_and(inline) && !self.refusals.is_of(wanted)
    }

    /// Whether it is to be PUT now.
    pub fn needs_put(&self, now: Millis) -> bool {
        self.is_unshown()
            && self.writer.is_none()
            && self.rest.is_none_or(|rest| rest <= now)
            && !self.refusals.rests(self.row.wanted_version, now)
    }
}
