use super::{OutboxRow, StoredTables};
use crate::event::{Job, Row, RowId, RowKind, Slot, Version};
use crate::model::ids::{Millis, PostId};
use crate::store::Settled;

impl StoredTables {
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
            Settled::SetAside { row, reason, mail } => self.put_aside(row, reason, mail.as_ref()),
            Settled::Waits { rows, since } => {
                for row in rows {
                    if let Some(outgoing) = self.outbox.get_mut(row) {
                        outgoing.waits.get_or_insert(*since);
                    }
                }
            }
            Settled::Told { rows, notice } => self.told(rows, notice),
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
            Settled::Gone { slot, post } => self.gone(slot, *post),
        }
    }

    fn gone(&mut self, slot: &Slot, post: PostId) {
        let card = self.cards.get_mut(slot);
        if card.is_some_and(|card| card.loses(post)) {
            self.cards.remove(slot);
        }
    }

    fn put_aside(&mut self, row: &RowId, reason: &str, mail: Option<&Job>) {
        let known = self.outbox.get_mut(row);
        // It may be repeated, and the mail may have been taken meanwhile.
        let Some(outgoing) = known.filter(|outgoing| outgoing.aside.is_none()) else {
            return;
        };
        outgoing.aside = Some(reason.to_owned());
        self.jobs
            .extend(mail.map(|mail| (mail.id.clone(), mail.clone())));
    }

    fn told(&mut self, rows: &[RowId], notice: &Row) {
        let mut news = false;
        for row in rows {
            if let Some(outgoing) = self.outbox.get_mut(row) {
                news |= !std::mem::replace(&mut outgoing.told, true);
            }
        }
        if news {
            let notice = OutboxRow::new(notice.clone());
            self.outbox.insert(notice.row.id.clone(), notice);
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
            from: None,
            ..after
        };
        self.outbox.insert(row.id.clone(), OutboxRow::new(row));
    }

    fn shown(&mut self, slot: &Slot, post: PostId, version: Version) {
        if let Some(card) = self.cards.get_mut(slot) {
            card.shows(post, version);
        }
    }
}
