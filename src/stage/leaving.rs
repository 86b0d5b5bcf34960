use std::sync::Arc;

use super::{SaidPost, ShownPost, Stage, render};
use crate::event::{CardContent, CardRow, Home, Lane, Row, RowKind, Slot};
use crate::model::ids::PostId;
use crate::store::{CardWrite, Settled, Store};
use crate::turns::undelivered;

/// What a commit wants to leave, as the program's poster has it leave.
impl Stage {
    pub(super) async fn leave(&mut self, rows: Vec<Row>, cards: Vec<CardWrite>) {
        for row in rows {
            self.post(row).await;
        }
        for write in cards {
            self.update(&write.slot).await;
        }
        // Former posts of cards that have moved.
        let unsent = self.stored(self.store.unsent(None, usize::MAX).await);
        for row in unsent {
            self.post(row).await;
        }
    }

    async fn post(&mut self, row: Row) {
        if matches!(&row.lane, Lane::Direct(person) if self.cast.is_shut(person)) {
            return self.set_aside(row).await;
        }
        let (id, lane) = (row.id, row.lane);
        let settled = match row.kind {
            RowKind::Post(draft) => {
                let post = self.post_id();
                self.says_in(lane, draft.root, draft.text);
                self.posted(id, post, None)
            }
            RowKind::Card(slot) => match self.stored(self.store.card(&slot).await) {
                Some(card) => {
                    let root = match &card.home {
                        Home::Bot { root, .. } => *root,
                        Home::Person => None,
                    };
                    let post = self.show_new(slot, lane, root, card.wanted);
                    self.posted(id, post, Some(card.wanted_version))
                }
                None => Settled::Left(id),
            },
            RowKind::Withdrawal(post) | RowKind::Delete(post) => {
                self.delete(post).await;
                Settled::Left(id)
            }
            RowKind::Whisper { text, .. } => {
                self.whisper_by(&lane, text);
                Settled::Left(id)
            }
            RowKind::Response { inline, .. } => {
                self.says_in(lane, None, inline.card.text);
                Settled::Left(id)
            }
        };
        self.settle(settled).await;
    }

    /// What can't be posted comes back as mail, where the skill asks for that.
    async fn set_aside(&mut self, row: Row) {
        let what = match &row.kind {
            RowKind::Post(draft) => draft.text.clone(),
            RowKind::Whisper { text, .. } => text.clone(),
            kind => kind.name().to_owned(),
        };
        let lane = self.lane_called(&row.lane);
        self.note(format!("(can't be posted) {lane} {what}"));
        let (reason, now) = ("refused with 403".to_owned(), self.now());
        let services = &self.engine.services;
        let mail = undelivered(&self.engine.catalog, &services.ids, now, &row, &reason);
        let row = row.id;
        self.settle(Settled::SetAside { row, reason, mail }).await;
    }

    /// A known card that changed is shown by its post.
    async fn update(&mut self, slot: &Slot) {
        match self.stored(self.store.card(slot).await) {
            Some(card) if matches!(card.home, Home::Bot { .. }) => self.edit(card).await,
            Some(_) => {}
            None => self.note(format!("(the card of {slot} is deleted)")),
        }
    }

    /// The card's post shows what it should.
    pub(super) async fn edit(&mut self, card: CardRow) {
        let of_slot = |shown: &ShownPost| shown.slot == card.slot;
        let Some(at) = self.cards.iter().position(of_slot) else {
            return;
        };
        let (post, lane) = (self.cards[at].post, self.cards[at].lane.clone());
        if self.cards[at].card != card.wanted {
            let lane = self.lane_called(&lane);
            self.note(format!("{lane} {}", render(&card.wanted)));
            let old = std::mem::replace(&mut self.cards[at].card, card.wanted);
            self.cards[at].before.extend(old.buttons.iter().cloned());
        }
        let (slot, version) = (card.slot, card.wanted_version);
        self.settle(Settled::Shown {
            slot,
            post,
            version,
        })
        .await;
    }

    /// Posts a card, below all others. Its former post stays until it is taken away.
    pub(super) fn show_new(
        &mut self,
        slot: Slot,
        lane: Lane,
        root: Option<PostId>,
        card: Arc<CardContent>,
    ) -> PostId {
        let post = self.post_id();
        let called = self.lane_called(&lane);
        let thread = if root.is_some() { " (in a thread)" } else { "" };
        self.note(format!("{called}{thread} {}", render(&card)));
        self.cards.push(ShownPost {
            slot,
            lane,
            root,
            post,
            card,
            before: Vec::new(),
        });
        post
    }

    pub(super) async fn delete(&mut self, post: PostId) {
        self.note("(the bot deletes a post)".into());
        let gone: Vec<_> = self
            .cards
            .extract_if(.., |shown| shown.post == post)
            .collect();
        for ShownPost { slot, post, .. } in gone {
            self.settle(Settled::Gone { slot, post }).await;
        }
    }

    pub(super) fn says_in(&mut self, lane: Lane, root: Option<PostId>, text: String) {
        self.note(format!("{} {text}", self.lane_called(&lane)));
        self.posts.push(SaidPost { lane, root, text });
    }

    fn posted(
        &self,
        row: crate::event::RowId,
        post: PostId,
        shown: Option<crate::event::Version>,
    ) -> Settled {
        let at = self.now();
        Settled::Posted {
            row,
            post,
            at,
            shown,
        }
    }

    async fn settle(&self, settled: Settled) {
        self.stored(self.store.settle(vec![settled]).await);
    }

    fn lane_called(&self, lane: &Lane) -> String {
        match lane {
            Lane::Channel(channel) => format!("bot in ~{}:", self.cast.channel_called(channel)),
            Lane::Direct(user) => format!("bot to {}:", self.cast.name_of(user)),
        }
    }
}
