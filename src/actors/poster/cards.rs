use std::collections::{BTreeMap, HashMap};

use super::known::{Known, Unshown};
use super::writes::{First, Put};
use crate::actors::messages::{ShowInline, Shown};
use crate::event::{Card, CardRow, Home, Slot, Version};
use crate::model::ids::{Millis, PostId};
use crate::store::CardWrite;

/// How many cards that need nothing are kept.
const KEPT: usize = 256;

/// All cards that need something, and who is writing them: one writer a card at a time.
#[derive(Debug, Default)]
pub(super) struct Cards {
    pub(super) cards: BTreeMap<Slot, Known>,
    pub(super) slots: HashMap<PostId, Slot>,
}

/// Whether a click's answer may show a card.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Grant {
    /// It shows this.
    Shows(Shown),
    /// It may then, with what is wanted by then.
    Waits(Millis),
    /// Another is writing it, or it isn't known.
    Not,
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
        self.settle_home(&write);
        if let Some(known) = self.cards.get_mut(&write.slot) {
            if write.version >= known.row.wanted_version {
                known.row.wanted = write.wanted;
                known.row.wanted_version = write.version;
            }
            if let (Some(post), None, false) = (write.post, known.row.post, write.moves) {
                known.row.post = Some(post);
                self.slots.insert(post, write.slot);
            }
            return false;
        }
        let Some(home) = write.home.clone() else {
            return true;
        };
        self.loaded(CardRow {
            post: write.post.filter(|_| !write.moves),
            ..write.first(home)
        });
        // The post that it has until then is in the store.
        write.moves
    }

    /// A card as the store has it.
    pub fn loaded(&mut self, row: CardRow) {
        self.forget_idle();
        let known = self
            .cards
            .entry(row.slot.clone())
            .or_insert_with(|| Known::new(row.clone()));
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
            self.slots.insert(post, row.slot);
        }
    }

    /// The bot has come into some channel: what was refused may be shown now.
    pub fn revive(&mut self) {
        self.cards.values_mut().for_each(Known::revive);
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
        let free = self
            .cards
            .iter_mut()
            .filter(|(_, known)| known.needs_put(now));
        free.take(most)
            .filter_map(|(slot, known)| {
                let row = known.row.home.row()?.clone();
                let (post, version) = (known.row.post?, known.row.wanted_version);
                let (row, card) = (Some(row), known.row.wanted.clone());
                known.put();
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

    /// A PUT has ended. `true` where the post shows its version now.
    pub fn put_ended(&mut self, put: &Put, ended: Result<(), Unshown>, now: Millis) -> bool {
        if ended == Err(Unshown::Gone) {
            self.gone(&put.slot);
        }
        let Some(known) = self.cards.get_mut(&put.slot) else {
            return false;
        };
        known.put_ended(put.version, ended, now)
    }

    /// A card's post was edited: by us, or by a stranger.
    pub fn edited(
        &mut self,
        post: &PostId,
        version: Option<Version>,
        now: Millis,
        says: impl Fn(&Card) -> bool,
    ) -> Meaning {
        let Some(slot) = self.slots.get(post) else {
            return Meaning::Nothing;
        };
        let Some(known) = self.cards.get_mut(slot) else {
            return Meaning::Nothing;
        };
        // Whatever we write has its version.
        let ours = |v: &Version| *v != known.row.wanted_version || says(&known.row.wanted);
        let Some(version) = version.filter(ours) else {
            known.altered(now);
            return Meaning::Altered(slot.clone());
        };
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

    /// How many haven't got on for long.
    pub fn late(&self, now: Millis) -> usize {
        self.cards
            .values()
            .filter(|known| known.is_late(now))
            .count()
    }

    /// Whether any card is still to be written. One that the answer to a click has just brought up
    /// to date isn't, though nobody has seen it there yet.
    pub fn is_any_owed(&self) -> bool {
        self.cards.values().any(Known::is_owed)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::known::{REFUSED, RETRY, SETTLES};
    use super::*;
    use crate::event::{Lane, Place, RowId};
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
            from: None,
        });
        CardWrite {
            slot: slot(),
            home,
            moves: false,
            post: None,
            wanted: card(text),
            version,
        }
    }

    /// The version that the answer to a click which made this one may show.
    fn shown(cards: &mut Cards, version: Version, now: Millis) -> Option<Version> {
        let (slot, version) = (slot(), Some(version));
        let post = None;
        match cards.grant(
            &ShowInline {
                slot,
                version,
                post,
            },
            now,
        ) {
            Grant::Shows(shown) => Some(shown.version),
            Grant::Waits(_) | Grant::Not => None,
        }
    }

    fn posted() -> Cards {
        let mut cards = Cards::default();
        assert!(!cards.wanted(write(1, "one")));
        cards.posted(&slot(), &RowId::read("r"), post(), 1);
        cards
    }

    #[test]
    fn only_one_writes_a_card_at_a_time() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        assert_eq!(shown(&mut cards, 2, NOW), Some(2));
        cards.wanted(write(3, "three"));
        assert_eq!(shown(&mut cards, 3, NOW), None);
        assert!(cards.puts(NOW, 9).is_empty());
        // The inline update is seen: now what is wanted by then is PUT.
        assert_eq!(
            cards.edited(&post(), Some(2), NOW, |_| true),
            Meaning::Shows(slot(), 2)
        );
        let puts = cards.puts(NOW, 9);
        assert_eq!((puts.len(), puts[0].version), (1, 3));
        assert_eq!(shown(&mut cards, 3, NOW), None);
        assert!(cards.put_ended(&puts[0], Ok(()), NOW));
        assert!(cards.puts(NOW, 9).is_empty());
    }

    #[test]
    fn answers_that_come_at_once_say_the_same_of_a_post_that_nothing_else_changes() {
        let mut cards = Cards::default();
        let own = |version, text| CardWrite {
            home: Some(Home::Person),
            ..write(version, text)
        };
        cards.wanted(own(1, "one"));
        cards.wanted(own(2, "two"));
        assert_eq!(shown(&mut cards, 2, NOW), Some(2));
        cards.wanted(own(3, "three"));
        let (slot, version) = (slot(), Some(3));
        let third = ShowInline {
            slot,
            version,
            post: None,
        };
        let Grant::Waits(until) = cards.grant(&third, NOW) else {
            panic!("the second answer may come after the third");
        };
        cards.wanted(own(4, "four"));
        // Both that waited, and one that was refused, show the fourth.
        for version in [Some(3), Some(4), None] {
            let waited = ShowInline {
                version,
                ..third.clone()
            };
            let Grant::Shows(shown) = cards.grant(&waited, until) else {
                panic!("{version:?} waits again");
            };
            assert_eq!((shown.version, shown.card), (4, card("four")));
        }
    }

    #[test]
    fn a_click_on_a_post_that_the_card_has_left_shows_nothing_there() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        let (slot, version, post) = (slot(), Some(2), Some(PostId::from_bytes([7; 16])));
        let elsewhere = ShowInline {
            slot,
            version,
            post,
        };
        assert_eq!(cards.grant(&elsewhere, NOW), Grant::Not);
        assert_eq!(cards.puts(NOW, 9).len(), 1);
    }

    #[test]
    fn an_inline_update_that_nobody_saw_is_put() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        assert_eq!(shown(&mut cards, 2, NOW), Some(2));
        cards.expire(NOW.plus(Duration::from_millis(1_999)));
        assert!(cards.puts(NOW, 9).is_empty());
        cards.expire(NOW.plus(SETTLES));
        assert_eq!(cards.puts(NOW, 9).len(), 1);
    }

    #[test]
    fn a_strangers_edit_is_healed_and_our_own_is_not() {
        let mut cards = posted();
        assert_eq!(
            cards.edited(&post(), Some(1), NOW, |c| c.text == "one"),
            Meaning::Shows(slot(), 1)
        );
        assert!(cards.puts(NOW, 9).is_empty());
        assert_eq!(
            cards.edited(&post(), Some(1), NOW, |_| false),
            Meaning::Altered(slot())
        );
        let puts = cards.puts(NOW, 9);
        assert_eq!(puts.len(), 1);
        // One that takes our props away, too; and whether the PUT came before it nobody knows.
        assert_eq!(
            cards.edited(&post(), None, NOW, |_| true),
            Meaning::Altered(slot())
        );
        assert!(!cards.put_ended(&puts[0], Ok(()), NOW));
        assert_eq!(cards.puts(NOW.plus(RETRY), 9).len(), 1);
    }

    #[test]
    fn a_stranger_who_edits_each_time_is_answered_only_now_and_then() {
        let mut cards = posted();
        for round in 0..2 {
            let now = NOW.plus(RETRY * round);
            assert_eq!(
                cards.edited(&post(), None, now, |_| true),
                Meaning::Altered(slot())
            );
            let puts = cards.puts(now, 9);
            assert!(cards.put_ended(&puts[0], Ok(()), now));
            cards.edited(&post(), None, now, |_| true);
            assert!(cards.puts(now, 9).is_empty());
            let puts = cards.puts(now.plus(RETRY), 9);
            assert!(cards.put_ended(&puts[0], Ok(()), now));
        }
    }

    #[test]
    fn a_version_that_is_refused_rests_and_the_next_one_is_tried_at_once() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        let puts = cards.puts(NOW, 9);
        assert!(!cards.put_ended(&puts[0], Err(Unshown::Refused), NOW));
        assert!(cards.puts(NOW.plus(RETRY), 9).is_empty());
        cards.wanted(write(3, "three"));
        let puts = cards.puts(NOW, 9);
        assert_eq!(puts[0].version, 3);
        assert!(!cards.put_ended(&puts[0], Err(Unshown::Refused), NOW));
        assert_eq!(cards.puts(NOW.plus(REFUSED), 9).len(), 1);
    }

    #[test]
    fn a_card_whose_post_is_gone_is_forgotten() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        let puts = cards.puts(NOW, 9);
        assert!(!cards.put_ended(&puts[0], Err(Unshown::Gone), NOW));
        assert!(!cards.knows(&slot()) && cards.slot_of(&post()).is_none());
    }

    #[test]
    fn what_an_answer_shows_is_not_owed_and_what_came_since_is() {
        let mut cards = posted();
        assert!(!cards.is_any_owed());
        cards.wanted(write(2, "two"));
        assert!(cards.is_any_owed());
        assert_eq!(shown(&mut cards, 2, NOW), Some(2));
        assert!(!cards.is_any_owed());
        cards.wanted(write(3, "three"));
        assert!(cards.is_any_owed());
    }

    #[test]
    fn a_failed_put_waits_before_it_is_tried_again() {
        let mut cards = posted();
        cards.wanted(write(2, "two"));
        let puts = cards.puts(NOW, 9);
        assert!(!cards.put_ended(&puts[0], Err(Unshown::Later), NOW));
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
        assert_eq!(shown(&mut cards, 2, NOW), None);
    }
}
