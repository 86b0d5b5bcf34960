use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::event::{Card, CardRow, Home, RowId, Slot, Version};
use crate::model::ids::{Millis, PostId};
use crate::store::CardWrite;

/// How long an inline update may take to be seen before the card counts as free again.
const SETTLES: Duration = Duration::from_secs(2);
/// How many cards that need nothing are kept.
const KEPT: usize = 256;
const RETRY: Duration = Duration::from_secs(5);

/// All cards that need something, and who is writing them: one writer a card at a time.
#[derive(Debug, Default)]
pub(super) struct Cards {
    cards: BTreeMap<Slot, Known>,
    slots: HashMap<PostId, Slot>,
}

#[derive(Debug)]
struct Known {
    row: CardRow,
    writer: Option<Writer>,
    /// A PUT failed: not before then.
    rest: Option<Millis>,
}

#[derive(Debug, Clone, Copy)]
struct Writer {
    version: Version,
    until: Option<Millis>,
}

/// A replacement of a card's post that is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Put {
    pub slot: Slot,
    pub post: PostId,
    pub row: Option<RowId>,
    pub version: Version,
    pub card: Arc<Card>,
}

/// A card that is to be posted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct First {
    pub slot: Slot,
    pub card: Arc<Card>,
    pub version: Version,
    /// In which thread.
    pub root: Option<PostId>,
}

impl First {
    /// As a card is wanted now.
    pub fn of(row: &CardRow) -> Self {
        Self {
            slot: row.slot.clone(),
            card: row.wanted.clone(),
            version: row.wanted_version,
            root: match &row.home {
                Home::Bot { root, .. } => *root,
                Home::Person => None,
            },
        }
    }
}

/// What an edit of a card's post means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    /// It shows this version.
    Shows(Slot, Version),
    /// Somebody else has changed it.
    Altered(Slot),
    /// Nothing that matters.
    Nothing,
}

impl Cards {
    /// What a commit wants shown. `true` where the card isn't known here and must be loaded.
    pub fn wanted(&mut self, write: CardWrite) -> bool {
        if let Some(known) = self.cards.get_mut(&write.slot) {
            if write.version >= known.row.wanted_version {
                known.row.wanted = write.wanted;
                known.row.wanted_version = write.version;
            }
            if let Some(post) = write.post {
                known.row.post = Some(post);
                self.slots.insert(post, write.slot);
            }
            return false;
        }
        let Some(home) = write.home else { return true };
        self.loaded(CardRow {
            slot: write.slot,
            home,
            post: write.post,
            wanted: write.wanted,
            wanted_version: write.version,
            shown_version: 0,
        });
        false
    }

    /// A card as the store has it.
    pub fn loaded(&mut self, row: CardRow) {
        self.forget_idle();
        if let Some(post) = row.post {
            self.slots.insert(post, row.slot.clone());
        }
        let known = self.cards.entry(row.slot.clone()).or_insert(Known {
            row: row.clone(),
            writer: None,
            rest: None,
        });
        // A commit that nobody knew of has gone on without us.
        if row.wanted_version > known.row.wanted_version {
            known.row.wanted = row.wanted;
            known.row.wanted_version = row.wanted_version;
        }
        known.row.post = known.row.post.or(row.post);
    }

    /// Whether a slot's card is in memory.
    pub fn knows(&self, slot: &Slot) -> bool {
        self.cards.contains_key(slot)
    }

    /// What a slot's card should show now.
    pub fn current(&self, slot: &Slot) -> Option<First> {
        self.cards.get(slot).map(|known| First::of(&known.row))
    }

    /// Whether a click's answer may show the card: the latest state, if nobody else is writing it.
    /// A person's own post only ever changes so.
    pub fn grant(
        &mut self,
        slot: &Slot,
        version: Version,
        now: Millis,
    ) -> Option<(Arc<Card>, Version, Option<RowId>)> {
        let known = self.cards.get_mut(slot)?;
        let row = match &known.row.home {
            Home::Person => None,
            Home::Bot { .. } if known.row.wanted_version < version => return None,
            Home::Bot { .. } if known.writer.is_some() || known.row.post.is_none() => return None,
            Home::Bot { row, .. } => {
                let version = known.row.wanted_version;
                known.writer = Some(Writer {
                    version,
                    until: Some(now.plus(SETTLES)),
                });
                Some(row.clone())
            }
        };
        Some((known.row.wanted.clone(), known.row.wanted_version, row))
    }

    /// Cards whose post shows less than what is wanted and that nobody writes: they are now written.
    pub fn puts(&mut self, now: Millis, most: usize) -> Vec<Put> {
        let free = self
            .cards
            .iter_mut()
            .filter(|(_, known)| known.needs_put(now));
        free.take(most)
            .filter_map(|(slot, known)| {
                let Home::Bot { row, .. } = &known.row.home else {
                    return None;
                };
                let (post, version) = (known.row.post?, known.row.wanted_version);
                known.writer = Some(Writer {
                    version,
                    until: None,
                });
                let (row, card) = (Some(row.clone()), known.row.wanted.clone());
                Some(Put {
                    slot: slot.clone(),
                    post,
                    row,
                    version,
                    card,
                })
            })
            .collect()
    }

    /// Inline updates that nobody has seen in time: the card is free, and is PUT.
    pub fn expire(&mut self, now: Millis) {
        for known in self.cards.values_mut() {
            if known
                .writer
                .and_then(|writer| writer.until)
                .is_some_and(|until| until <= now)
            {
                known.writer = None;
            }
        }
    }

    /// A card's first post is there.
    pub fn posted(&mut self, slot: &Slot, post: PostId, version: Version) {
        if let Some(known) = self.cards.get_mut(slot) {
            known.row.post = Some(post);
            known.row.shown_version = known.row.shown_version.max(version);
            self.slots.insert(post, slot.clone());
        }
    }

    /// A PUT has ended. `false` where it failed and is tried again later.
    pub fn put_ended(&mut self, put: &Put, done: bool, now: Millis) {
        if let Some(known) = self.cards.get_mut(&put.slot) {
            known.writer = None;
            known.rest = (!done).then(|| now.plus(RETRY));
            if done {
                known.row.shown_version = known.row.shown_version.max(put.version);
            }
        }
    }

    /// A card's post was edited: by us, or by a stranger.
    pub fn edited(
        &mut self,
        post: &PostId,
        version: Option<Version>,
        says: impl Fn(&Card) -> bool,
    ) -> Meaning {
        let Some(slot) = self.slots.get(post) else {
            return Meaning::Nothing;
        };
        let Some(known) = self.cards.get_mut(slot) else {
            return Meaning::Nothing;
        };
        let version = version.unwrap_or(0);
        if version == known.row.wanted_version && !says(&known.row.wanted) {
            known.row.shown_version = 0;
            return Meaning::Altered(slot.clone());
        }
        if known.writer.is_some_and(|writer| writer.version <= version) {
            known.writer = None;
        }
        known.row.shown_version = known.row.shown_version.max(version);
        Meaning::Shows(slot.clone(), version)
    }

    /// Whose card a post is.
    pub fn slot_of(&self, post: &PostId) -> Option<&Slot> {
        self.slots.get(post)
    }

    /// The card's post is gone.
    pub fn gone(&mut self, slot: &Slot) {
        if let Some(post) = self.cards.remove(slot).and_then(|known| known.row.post) {
            self.slots.remove(&post);
        }
    }

    /// How many show less than what is wanted.
    pub fn behind(&self) -> usize {
        self.cards
            .values()
            .filter(|known| known.is_behind())
            .count()
    }

    fn forget_idle(&mut self) {
        if self.cards.len() < KEPT {
            return;
        }
        self.cards
            .retain(|_, known| known.is_behind() || known.writer.is_some());
        let cards = &self.cards;
        self.slots.retain(|_, slot| cards.contains_key(slot));
    }
}

impl Known {
    fn is_behind(&self) -> bool {
        matches!(self.row.home, Home::Bot { .. })
            && self.row.shown_version < self.row.wanted_version
    }

    fn needs_put(&self, now: Millis) -> bool {
        self.is_behind()
            && self.writer.is_none()
            && self.row.post.is_some()
            && self.rest.is_none_or(|rest| rest <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Lane, Place};
    use crate::model::ids::ChannelId;

    const NOW: Millis = Millis(1_000_000);

    fn slot() -> Slot {
        Slot::new(Place::Desk("d".into()), "poll", "1")
    }

    fn card(text: &str) -> Arc<Card> {
        Arc::new(Card {
            text: text.into(),
            ..Card::default()
        })
    }

    fn post() -> PostId {
        PostId::from_bytes([1; 16])
    }

    fn write(version: Version, text: &str) -> CardWrite {
        let lane = Lane::Channel(ChannelId::from_bytes([2; 16]));
        let home = Some(Home::Bot {
            row: RowId::read("r"),
            lane,
            root: None,
        });
        CardWrite {
            slot: slot(),
            home,
            post: None,
            wanted: card(text),
            version,
        }
    }

    fn posted() -> Cards {
        let mut cards = Cards::default();
        assert!(!cards.wanted(write(1, "one")));
        cards.posted(&slot(), post(), 1);
        cards
    }

    #[test]
    fn only_one_writes_a_card_at_a_time() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        assert_eq!(cards.grant(&slot(), 2, NOW).unwrap().0, card("two"));
        cards.wanted(write(3, "three"));
        assert!(cards.grant(&slot(), 3, NOW).is_none());
        assert!(cards.puts(NOW, 9).is_empty());
        // The inline update is seen: now what is wanted by then is PUT.
        assert_eq!(
            cards.edited(&post(), Some(2), |_| true),
            Meaning::Shows(slot(), 2)
        );
        let puts = cards.puts(NOW, 9);
        assert_eq!((puts.len(), puts[0].version), (1, 3));
        assert!(cards.grant(&slot(), 3, NOW).is_none());
        cards.put_ended(&puts[0], true, NOW);
        assert!(cards.puts(NOW, 9).is_empty());
    }

    #[test]
    fn an_inline_update_that_nobody_saw_is_put() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        cards.grant(&slot(), 2, NOW).unwrap();
        cards.expire(NOW.plus(Duration::from_millis(1_999)));
        assert!(cards.puts(NOW, 9).is_empty());
        cards.expire(NOW.plus(SETTLES));
        assert_eq!(cards.puts(NOW, 9).len(), 1);
    }

    #[test]
    fn a_strangers_edit_is_healed_and_our_own_is_not() {
        let mut cards = posted();
        assert_eq!(
            cards.edited(&post(), Some(1), |c| c.text == "one"),
            Meaning::Shows(slot(), 1)
        );
        assert!(cards.puts(NOW, 9).is_empty());
        assert_eq!(
            cards.edited(&post(), Some(1), |_| false),
            Meaning::Altered(slot())
        );
        assert_eq!(cards.puts(NOW, 9).len(), 1);
    }

    #[test]
    fn a_failed_put_waits_before_it_is_tried_again() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        let puts = cards.puts(NOW, 9);
        cards.put_ended(&puts[0], false, NOW);
        assert!(cards.puts(NOW, 9).is_empty());
        assert_eq!(cards.puts(NOW.plus(RETRY), 9).len(), 1);
    }

    #[test]
    fn a_known_card_that_the_store_has_further_on_is_put() {
        let mut cards = posted();
        let mut further = cards.cards[&slot()].row.clone();
        (further.wanted, further.wanted_version) = (card("two"), 2);
        further.post = None;
        cards.loaded(further);
        let puts = cards.puts(NOW, 9);
        assert_eq!((puts.len(), &puts[0].card), (1, &card("two")));
    }

    #[test]
    fn a_card_that_is_not_known_is_loaded() {
        let mut cards = Cards::default();
        assert!(cards.wanted(CardWrite {
            home: None,
            ..write(2, "two")
        }));
        assert!(cards.grant(&slot(), 2, NOW).is_none());
    }
}
