use super::cards::Cards;
use super::outlet::writes::Put;
use crate::event::{RowId, Slot, Version};
use crate::model::ids::PostId;
use crate::store::CardWrite;

/// Which post a card has: cards move, and posts go.
impl Cards {
    /// A known card moves, or begins again elsewhere.
    pub(super) fn settle_home(&mut self, write: &CardWrite) {
        let (Some(known), Some(home)) = (self.cards.get_mut(&write.slot), &write.home) else {
            return;
        };
        if write.moves {
            let former = known.row.post;
            known.row.moves(home.clone());
            if known.row.post.is_none() {
                former.map(|post| self.slots.remove(&post));
            }
        } else if known.row.home != *home {
            self.forget(&write.slot);
        }
    }

    /// A card's first post is there, or the one that it has from now on.
    pub fn posted(&mut self, slot: &Slot, row: &RowId, post: PostId, version: Version) {
        let Some(known) = self.cards.get_mut(slot) else {
            return;
        };
        if known.row.posted(row, post, version) == Some(post) {
            // What is known here is older than the row, or the row is: the store knows which.
            return self.forget(slot);
        }
        self.slots.retain(|_, other| other != slot);
        self.slots.insert(post, slot.clone());
        // Whoever writes it writes the post that it had, and what was refused was that one.
        known.writer = None;
        known.begins_anew();
        self.heard_of(slot);
    }

    /// Whether what a PUT wrote is still the card's post.
    pub fn is_of(&self, put: &Put) -> bool {
        let known = self.cards.get(&put.slot);
        known.is_some_and(|known| known.row.post == Some(put.post))
    }

    /// The card's post is gone.
    pub fn gone(&mut self, slot: &Slot) {
        self.stranded.frees(slot);
        let Some(known) = self.cards.get_mut(slot) else {
            return;
        };
        let (post, forgotten) = (known.row.post, known.row.lost());
        known.writer = None;
        post.map(|post| self.slots.remove(&post));
        if forgotten {
            self.forget(slot);
        }
    }

    /// The row of a card that has no post yet can never leave.
    pub fn never_posted(&mut self, slot: &Slot, row: &RowId) {
        let its = self
            .current(slot)
            .is_some_and(|current| current.is_posted_by(row));
        let known = self.cards.get(slot);
        if its && known.is_some_and(|known| known.row.post.is_none()) {
            self.forget(slot);
        }
    }

    /// The card isn't needed here any more, or isn't as the store has it.
    pub fn forget(&mut self, slot: &Slot) {
        if let Some(post) = self.cards.remove(slot).and_then(|known| known.row.post) {
            self.slots.remove(&post);
        }
    }
}
