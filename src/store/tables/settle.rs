use super::{Outgoing, Tables};
use crate::event::{CardRow, Row, RowId, RowKind, Slot, Version};
use crate::model::ids::{Millis, PostId};
use crate::store::Settled;

impl Tables {
    /// Writes what became of a row or a card; what is unknown is passed over.
    pub fn settle(&mut self, settled: &Settled) {
        match settled {
            Settled::Posted {
                row,
                post,
                at,
                shown,
            } => self.posted(row, *post, *at, *shown),
            Settled::Left(row) => {
                self.outbox.remove(row);
            }
            Settled::SetAside { row, reason } => {
                if let Some(outgoing) = self.outbox.get_mut(row) {
                    outgoing.aside = Some(reason.clone());
                }
            }
            Settled::Shown {
                slot,
                post,
                version,
            } => self.shown(slot, *post, *version),
            Settled::Altered(slot) => {
                if let Some(card) = self.cards.get_mut(slot) {
                    card.shown_version = 0;
                }
            }
            Settled::Gone(slot) => {
                if self.cards.get_mut(slot).is_none_or(CardRow::lost) {
                    self.cards.remove(slot);
                }
            }
        }
    }

    fn posted(&mut self, row: &RowId, post: PostId, at: Millis, shown: Option<Version>) {
        let Some(outgoing) = self.outbox.remove(row) else {
            return;
        };
        if let RowKind::Card(slot) = &outgoing.row.kind
            && let Some(card) = self.cards.get_mut(slot)
            && let Some(post) = card.posted(row, post, shown.unwrap_or(0))
        {
            self.take_away(outgoing.row, post, at);
        }
        let asked = self
            .slots
            .values_mut()
            .filter_map(|slot| slot.listening.as_mut());
        for listening in asked.filter(|listening| listening.row == *row) {
            listening.since = Some(at);
        }
    }

    /// A card's post is one too many after this row has left.
    fn take_away(&mut self, after: Row, post: PostId, at: Millis) {
        let row = Row {
            id: after.id.next(),
            kind: RowKind::Delete(post),
            created: at,
            blame: None,
            ..after
        };
        let aside = None;
        self.outbox.insert(row.id.clone(), Outgoing { row, aside });
    }

    fn shown(&mut self, slot: &Slot, post: PostId, version: Version) {
        let Some(card) = self.cards.get_mut(slot) else {
            return;
        };
        // Another post is one that the card had before it moved.
        if card.post.is_none_or(|known| known == post) {
            card.post = Some(post);
            card.shown_version = card.shown_version.max(version);
        }
    }
}
