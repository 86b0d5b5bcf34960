use std::collections::{BTreeSet, VecDeque};

use crate::event::CardRow;
use crate::store::Settled;

/// What was settled of cards, for as long as a read of the store may not know of it: one that began before it was
/// written. A card as such a read has it would else stand for what it was before, and never get on.
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    /// In the order in which the store is told; and which read was next once it was.
    words: VecDeque<(Settled, Option<u64>)>,
    /// Reads under way.
    reads: BTreeSet<u64>,
    next: u64,
}

impl Unsettled {
    /// The store is to be told.
    pub fn add(&mut self, settled: &Settled) {
        if is_of_card(settled) {
            self.words.push_back((settled.clone(), None));
        }
    }

    /// The store has been told these, in the order in which they were added; others may stand between them.
    pub fn written(&mut self, settled: &[Settled]) {
        let unwritten = self.words.iter_mut().filter(|(_, at)| at.is_none());
        let mut unwritten = unwritten.peekable();
        for settled in settled {
            if let Some((_, at)) = unwritten.next_if(|(word, _)| word == settled) {
                *at = Some(self.next);
            }
        }
        self.forget();
    }

    /// A read of cards begins.
    pub fn read_begins(&mut self) -> u64 {
        self.next += 1;
        self.reads.insert(self.next - 1);
        self.next - 1
    }

    /// It has ended.
    pub fn read_ended(&mut self, number: u64) {
        self.reads.remove(&number);
        self.forget();
    }

    /// A card with all that its read may not know; `None` where it is no more.
    pub fn told(&self, mut card: CardRow) -> Option<CardRow> {
        for (settled, _) in &self.words {
            match settled {
                Settled::Posted {
                    row, post, shown, ..
                } => {
                    card.posted(row, *post, shown.unwrap_or(0));
                }
                Settled::Shown {
                    slot,
                    post,
                    version,
                } if card.slot == *slot => card.shows(*post, *version),
                Settled::Altered(slot) if card.slot == *slot => card.shown_version = 0,
                Settled::Gone { slot, post } if card.slot == *slot && card.loses(*post) => {
                    return None;
                }
                _ => {}
            }
        }
        Some(card)
    }

    /// What all reads that are under way know is needed no more.
    fn forget(&mut self) {
        let oldest = self.reads.first().copied().unwrap_or(self.next);
        let known = |at: &Option<u64>| at.is_some_and(|at| at <= oldest);
        while self.words.front().is_some_and(|(_, at)| known(at)) {
            self.words.pop_front();
        }
    }
}

/// A row that posts something else is no card's: it changes none.
fn is_of_card(settled: &Settled) -> bool {
    matches!(
        settled,
        Settled::Posted { .. } | Settled::Shown { .. } | Settled::Altered(_) | Settled::Gone { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::fake::{card_row, home, post};
    use crate::event::{RowId, Slot};
    use crate::model::ids::Millis;

    fn slot() -> Slot {
        card_row(None).slot
    }

    /// As the store has it: its post is there and, if it `moves`, the next one is on its way.
    fn card(moves: bool) -> CardRow {
        let mut card = CardRow {
            wanted_version: 2,
            shown_version: 1,
            ..card_row(Some(post(1)))
        };
        if moves {
            card.moves(home("b"));
        }
        card
    }

    fn posted(row: &str, n: u8) -> Settled {
        Settled::Posted {
            row: RowId::read(row),
            post: post(n),
            at: Millis(1),
            shown: Some(2),
        }
    }

    fn gone(n: u8) -> Settled {
        Settled::Gone {
            slot: slot(),
            post: post(n),
        }
    }

    #[test]
    fn a_card_that_is_read_before_the_store_knows_of_its_new_post_has_that() {
        let mut unsettled = Unsettled::default();
        let reads = unsettled.read_begins();
        unsettled.add(&posted("b", 2));
        let told = unsettled.told(card(true)).unwrap();
        assert_eq!((told.post, told.shown_version), (Some(post(2)), 2));
        unsettled.written(&[posted("b", 2)]);
        // The read began before.
        assert_eq!(unsettled.told(card(true)).unwrap().post, Some(post(2)));
        // What knows of it is the same with it.
        assert_eq!(unsettled.told(told.clone()), Some(told));
        unsettled.read_ended(reads);
        assert_eq!(unsettled.told(card(true)).unwrap().post, Some(post(1)));
    }

    #[test]
    fn a_card_whose_post_is_gone_is_none_unless_it_is_being_posted_anew() {
        let mut unsettled = Unsettled::default();
        unsettled.add(&gone(1));
        assert_eq!(unsettled.told(card(false)), None);
        let moves = unsettled.told(card(true)).unwrap();
        assert_eq!((moves.post, moves.home.clone()), (None, home("b")));
        assert_eq!(unsettled.told(moves.clone()), Some(moves), "once is enough");
        let other = unsettled.told(CardRow {
            post: Some(post(9)),
            ..card(false)
        });
        assert!(other.is_some());
    }

    #[test]
    fn what_every_read_knows_is_forgotten_and_a_late_one_holds_only_what_came_since() {
        let mut unsettled = Unsettled::default();
        unsettled.add(&gone(1));
        unsettled.add(&Settled::Left(RowId::read("w")));
        unsettled.written(&[gone(1), Settled::Left(RowId::read("w"))]);
        assert!(unsettled.words.is_empty(), "nobody reads");
        let first = unsettled.read_begins();
        unsettled.add(&gone(2));
        unsettled.written(&[gone(2)]);
        let second = unsettled.read_begins();
        unsettled.add(&gone(3));
        unsettled.written(&[gone(3)]);
        unsettled.read_ended(first);
        assert_eq!(
            unsettled.words.len(),
            1,
            "the second one doesn't know of the last"
        );
        unsettled.read_ended(second);
        assert!(unsettled.words.is_empty());
    }
}
