pub(super) mod stranded;

use std::collections::{BTreeMap, HashMap};

use self::stranded::Stranded;
use super::cached_card::{CachedCard, PutEnded, Unshown};
use super::outlet::writes::{CardToPost, Put};
use crate::actors::messages::{Edited, Shown};
use crate::event::{CardContent, CardRow, Home, Slot, Version};
use crate::model::ids::{Millis, PostId};
use crate::store::CardWrite;

/// How many cards that need nothing are kept.
const KEPT: usize = 256;

/// All cards that need something, and who is writing them: one writer a card at a time.
#[derive(Debug, Default)]
pub(super) struct Cards {
    pub(super) cards: BTreeMap<Slot, CachedCard>,
    pub(super) slots: HashMap<PostId, Slot>,
    /// Those of them, and more, that wait for the bot's return to a channel.
    pub(super) stranded: Stranded,
    /// How many reads of the store have begun.
    pub(super) reads: u64,
    /// With how many cards those that need nothing are looked for.
    full: usize,
}

/// May the answer to a click on this card show it? Not where another is writing it; one that only answers
/// change may be waited for.
#[derive(Clone, Debug)]
pub(super) struct ShowInline {
    /// Whose card.
    pub slot: Slot,
    /// The version that the click made; `None` where it was refused, perhaps because the post is
    /// behind: that only matters where nothing else brings it up to date.
    pub version: Option<Version>,
    /// The post that was clicked: a card that has moved is shown by another.
    pub post: Option<PostId>,
}

/// Whether a click's answer may show a card.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Grant {
    Shows(Shown),
    /// It may then, with what is wanted by then.
    Waits(Millis),
    /// Another is writing it, or it isn't known.
    Not,
}

/// What an edit of a card's post means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum EditMeaning {
    /// It shows this version.
    Shows(Slot, Version),
    /// Somebody else has changed it.
    Altered(Slot),
    /// Nothing that matters.
    Nothing,
}

impl Cards {
    /// What a commit wants shown. `true` where the card isn't known here and must be loaded.
    pub fn wanted(&mut self, write: CardWrite, now: Millis) -> bool {
        self.settle_home(&write);
        if let Some(known) = self.cards.get_mut(&write.slot) {
            if write.version >= known.row.wanted_version {
                known.row.wanted = write.wanted;
                known.row.wanted_version = write.version;
            }
            if let (Some(post), None, false) = (write.post, known.row.post, write.moves) {
                known.row.post = Some(post);
                self.slots.insert(post, write.slot.clone());
            }
            self.heard_of(&write.slot);
            return false;
        }
        let Some(home) = write.home.clone() else {
            return true;
        };
        let row = CardRow {
            post: write.post.filter(|_| !write.moves),
            ..write.first(home)
        };
        self.loaded(row, now);
        // The post that it has until then is in the store.
        write.moves
    }

    /// A card as the store has it.
    pub fn loaded(&mut self, row: CardRow, now: Millis) {
        self.forget_idle();
        let known = self
            .cards
            .entry(row.slot.clone())
            .or_insert_with(|| CachedCard::new(row.clone(), now));
        // A commit that nobody knew of has gone on without us.
        if row.wanted_version > known.row.wanted_version {
            known.row.wanted = row.wanted.clone();
            known.row.wanted_version = row.wanted_version;
        }
        if known.row.post.is_none() && known.row.posts_as(&row) {
            known.row.home = row.home;
            known.row.post = row.post;
            known.row.shown_version = row.shown_version;
        }
        if let Some(post) = known.row.post {
            self.slots.insert(post, row.slot.clone());
        }
        self.heard_of(&row.slot);
    }

    /// Whether a slot's card is in memory.
    pub fn knows(&self, slot: &Slot) -> bool {
        self.cards.contains_key(slot)
    }

    /// What a slot's card should show now.
    pub fn current(&self, slot: &Slot) -> Option<CardToPost> {
        self.cards.get(slot).map(|known| CardToPost::of(&known.row))
    }

    /// Whether a click's answer may show the card: the latest state, if nobody else is writing it.
    /// A person's own post only ever changes so.
    pub fn grant(&mut self, show: &ShowInline, now: Millis) -> Grant {
        let Some(known) = self.cards.get_mut(&show.slot) else {
            return Grant::Not;
        };
        let latest = |version| known.row.wanted_version >= version;
        let here = show.post.is_none() || show.post == known.row.post;
        let free = known.writer.is_none() && known.row.post.is_some() && here;
        let row = match &known.row.home {
            Home::Person => match known.spread(now) {
                Ok(()) => None,
                Err(until) => return Grant::Waits(until),
            },
            Home::Bot { .. } if free && show.version.is_some_and(latest) => {
                let row = known.row.home.row().cloned();
                known.shown_inline(now);
                row
            }
            Home::Bot { .. } => return Grant::Not,
        };
        Grant::Shows(Shown {
            slot: show.slot.clone(),
            version: known.row.wanted_version,
            card: known.row.wanted.clone(),
            row,
        })
    }

    /// Cards whose post shows less than what is wanted and that nobody writes: they are now written.
    pub fn puts(&mut self, now: Millis, most: usize) -> Vec<Put> {
        let stranded = &self.stranded;
        let free = self
            .cards
            .iter_mut()
            .filter(|(_, known)| known.needs_put(now) && !stranded.holds(&known.row));
        free.take(most)
            .filter_map(|(slot, known)| {
                let row = known.row.home.row()?.clone();
                let (post, version) = (known.row.post?, known.row.wanted_version);
                let (row, card) = (Some(row), known.row.wanted.clone());
                let channel = known.row.home.channel().copied();
                known.put();
                Some(Put {
                    slot: slot.clone(),
                    channel,
                    post,
                    row,
                    version,
                    card,
                })
            })
            .collect()
    }

    /// Inline updates that nobody has seen in time, and what may have come late by now.
    pub fn expire(&mut self, now: Millis) {
        self.cards.values_mut().for_each(|known| known.expire(now));
    }

    /// A PUT has ended, with the `update_at` that it gave the post.
    pub fn put_ended(
        &mut self,
        put: &Put,
        ended: Result<Millis, Unshown>,
        now: Millis,
    ) -> PutEnded {
        let Some(known) = self.cards.get_mut(&put.slot) else {
            return PutEnded::Again;
        };
        let ended = known.put_ended(put.version, ended, now);
        if ended == PutEnded::Gone {
            self.gone(&put.slot);
        }
        ended
    }

    /// A card's post was edited: by us, or by a stranger.
    pub fn edited(
        &mut self,
        edited: &Edited,
        now: Millis,
        says: impl Fn(&CardContent) -> bool,
    ) -> EditMeaning {
        let Some(slot) = self.slots.get(&edited.post) else {
            return EditMeaning::Nothing;
        };
        let Some(known) = self.cards.get_mut(slot) else {
            return EditMeaning::Nothing;
        };
        // Whatever we write has its version.
        let ours = |v: &Version| *v != known.row.wanted_version || says(&known.row.wanted);
        let version = edited.version.filter(ours);
        let Some(version) = version.filter(|version| !known.strayed(*version, edited.at)) else {
            known.altered(now);
            let slot = slot.clone();
            self.heard_of(&slot);
            return EditMeaning::Altered(slot);
        };
        if known.writer.is_some_and(|writer| writer.version <= version) {
            known.writer = None;
        }
        match known.shows(version, edited.at) {
            true => EditMeaning::Shows(slot.clone(), version),
            false => EditMeaning::Nothing,
        }
    }

    /// Whose card a post is.
    pub fn slot_of(&self, post: &PostId) -> Option<&Slot> {
        self.slots.get(post)
    }

    /// How many show less than what is wanted.
    pub fn behind(&self) -> usize {
        self.cards
            .values()
            .filter(|known| known.is_behind())
            .count()
    }

    /// Looks which cards don't get on.
    pub fn look(&mut self, now: Millis) {
        self.cards.values_mut().for_each(|known| known.look(now));
    }

    /// How many haven't got on for long. One without a post waits for its row, which is late itself or was set aside.
    pub fn late(&self, now: Millis) -> usize {
        let late = |known: &&CachedCard| known.row.post.is_some() && known.is_late(now);
        let late = self.cards.values().filter(late);
        late.filter(|known| !self.stranded.holds(&known.row))
            .count()
    }

    /// Whether any card is still to be written. One that the answer to a click has just brought up
    /// to date isn't, though nobody has seen it there yet.
    pub fn is_any_owed(&self) -> bool {
        let owed = |known: &CachedCard| known.is_owed() && !self.stranded.holds(&known.row);
        self.cards.values().any(owed)
    }

    /// What waits for the bot's return needs nothing either: it is read again by then.
    fn forget_idle(&mut self) {
        if self.cards.len() < self.full.max(KEPT) {
            return;
        }
        let (stranded, read) = (&mut self.stranded, self.reads);
        let mut waits = |known: &CachedCard| {
            known.is_unshown() && known.writer.is_none() && stranded.takes(&known.row, read)
        };
        self.cards
            .retain(|_, known| !known.is_idle() && !waits(known));
        let cards = &self.cards;
        self.slots.retain(|_, slot| cards.contains_key(slot));
        // Many that do need something aren't looked through for each one more.
        self.full = 2 * self.cards.len();
    }
}

#[cfg(test)]
mod tests;
