use std::collections::BTreeMap;
use std::sync::Arc;

use super::{OpenDialog, Posted, Shown, Stage, render};
use crate::event::{Body, Card, Event, Job, JobKind, Lane, Slot, SlotRow};
use crate::model::ids::PostId;
use crate::skill::{Change, Effects, Outcome, Say, Undelivered};

/// What becomes of a turn.
impl Stage {
    pub(super) fn commit(&mut self, event: &Event, outcome: Outcome) {
        self.seen.extend(event.key);
        if let (Body::Dialog(_), Some(by)) = (&event.body, &event.by) {
            self.dialogs.remove(&by.id);
        }
        let Outcome {
            slot,
            change,
            form,
            card,
            mut effects,
            ..
        } = outcome;
        self.leave(&slot, &mut effects);
        self.delete(&mut effects);
        self.words(event, &mut effects);
        self.schedule(&slot, &mut effects);
        self.open(event, &slot, &mut effects);
        match change {
            Change::Keep(state) => self.keep(slot, state, form, card, &effects),
            Change::End => {
                self.note(format!("({slot} ends)"));
                self.jobs.retain(|job| {
                    job.slot != slot || !matches!(job.kind, JobKind::Timer(_) | JobKind::Work(_))
                });
                self.slots.remove(&slot);
            }
            Change::Nothing => {}
        }
    }

    fn delete(&mut self, effects: &mut Effects) {
        for post in effects.deletes.drain(..) {
            self.note("(the bot deletes a post)".into());
            self.cards.retain(|shown| shown.post != post);
        }
    }

    fn words(&mut self, event: &Event, effects: &mut Effects) {
        for text in std::mem::take(&mut effects.whispers) {
            self.whisper_to(event, text);
        }
        // A screen shows one of them: the dialog.
        let opens = effects.opening.is_some();
        for text in std::mem::take(&mut effects.alerts) {
            if opens {
                self.whisper_to(event, text);
            } else {
                self.alert(event, text);
            }
        }
    }

    fn leave(&mut self, slot: &Slot, effects: &mut Effects) {
        let says = std::mem::take(&mut effects.says);
        for say in says {
            if matches!(&say.lane, Lane::Direct(person) if self.cast.is_shut(person)) {
                self.undelivered(slot, say);
                continue;
            }
            if let Some(Some(listening)) = &mut effects.listening
                && listening.row == say.row
            {
                listening.since = Some(self.now);
            }
            self.post(say.lane, say.draft.root, say.draft.text);
        }
    }

    /// What can't be posted comes back as mail, as the Poster sends it.
    fn undelivered(&mut self, slot: &Slot, say: Say) {
        self.note(format!(
            "(can't be posted) {} {}",
            self.lane_called(&say.lane),
            say.draft.text
        ));
        let what = Undelivered {
            to: say.lane.place(),
            text: say.draft.text,
            reason: "refused with 403".into(),
        };
        let part = self.catalog.part_named(&slot.skill);
        let Some(payload) = part.and_then(|part| part.undelivered(what)) else {
            return;
        };
        self.jobs.push(Job {
            id: self.ids.next(self.now),
            slot: slot.clone(),
            kind: JobKind::Mail,
            due: self.now,
            payload,
            attempts: 0,
            cause: None,
        });
    }

    fn schedule(&mut self, slot: &Slot, effects: &mut Effects) {
        for name in &effects.cancels {
            let timer = JobKind::Timer(name.clone());
            self.jobs
                .retain(|job| job.slot != *slot || job.kind != timer);
        }
        for job in effects.jobs.drain(..) {
            if let JobKind::Timer(_) = job.kind {
                self.jobs
                    .retain(|old| old.slot != job.slot || old.kind != job.kind);
            }
            self.jobs.push(job);
        }
    }

    fn open(&mut self, event: &Event, slot: &Slot, effects: &mut Effects) {
        let (Some((draft, _)), Some(by)) = (effects.opening.take(), &event.by) else {
            return;
        };
        self.note(format!("(a dialog for {}) {}", by.name, draft.dialog.title));
        let channel = event.channel.unwrap_or(self.scene);
        let nonce = self.next().to_string();
        let open = OpenDialog {
            slot: slot.clone(),
            draft,
            channel,
            nonce,
        };
        self.dialogs.insert(by.id, open);
    }

    fn keep(
        &mut self,
        slot: Slot,
        state: Arc<str>,
        form: u32,
        card: Option<Arc<Card>>,
        effects: &Effects,
    ) {
        let old = self.slots.remove(&slot);
        let listening = match &effects.listening {
            Some(listening) => listening.clone(),
            None => old.as_ref().and_then(|row| row.listening.clone()),
        };
        let expires = effects
            .expires
            .unwrap_or(old.as_ref().and_then(|row| row.expires));
        let anew = effects.repost || old.is_none();
        let row = SlotRow {
            slot: slot.clone(),
            version: old.map_or(0, |row| row.version) + 1,
            state,
            form,
            listening,
            expires,
        };
        self.touched.retain(|other| *other != slot);
        self.touched.push(slot.clone());
        self.slots.insert(slot.clone(), row);
        if let (Some(card), Some(lane)) = (card, Lane::of(&slot.place)) {
            self.show(slot, lane, card, anew);
        }
    }

    /// A card is shown by its post; `anew` by another one, below all others.
    fn show(&mut self, slot: Slot, lane: Lane, card: Arc<Card>, anew: bool) {
        if anew {
            self.lost.remove(&slot);
            self.cards.retain(|shown| shown.slot != slot);
        } else if self.lost.contains(&slot) {
            return self.note(format!("(the card of {slot} is deleted)"));
        }
        let at = self.cards.iter().position(|shown| shown.slot == slot);
        if at.is_some_and(|at| self.cards[at].card == card) {
            return;
        }
        self.note(format!("{} {}", self.lane_called(&lane), render(&card)));
        match at {
            Some(at) => {
                let old = std::mem::replace(&mut self.cards[at].card, card);
                self.cards[at].before.extend(old.buttons.iter().cloned());
            }
            None => {
                let post = self.post_id();
                self.cards.push(Shown {
                    slot,
                    lane,
                    post,
                    card,
                    before: Vec::new(),
                });
            }
        }
    }

    fn post(&mut self, lane: Lane, root: Option<PostId>, text: String) {
        self.note(format!("{} {text}", self.lane_called(&lane)));
        self.posts.push(Posted { lane, root, text });
    }

    pub(super) fn whisper_to(&mut self, event: &Event, text: String) {
        match &event.by {
            Some(by) => {
                self.note(format!("(only {}) {text}", by.name));
                self.whispers.entry(by.id).or_default().push(text);
            }
            None => self.note(format!("(nobody reads) {text}")),
        }
    }

    /// What the person must see: in a message box, where that can open.
    pub(super) fn alert(&mut self, event: &Event, text: String) {
        let (Body::Click(_), Some(by)) = (&event.body, &event.by) else {
            return self.whisper_to(event, text);
        };
        self.note(format!("(a message box for {}) {text}", by.name));
        self.boxes.entry(by.id).or_default().push(text.clone());
        self.whispers.entry(by.id).or_default().push(text);
    }

    pub(super) fn keep_open(
        &mut self,
        event: &Event,
        errors: BTreeMap<String, String>,
        error: Option<String>,
    ) {
        let (Body::Dialog(_), Some(by)) = (&event.body, &event.by) else {
            self.fail("only a dialog's submission can fail with errors at its elements");
        };
        for (name, text) in &errors {
            self.note(format!("(only {}, at {name:?}) {text}", by.name));
        }
        self.errors.insert(by.id, errors);
        if let Some(text) = error {
            self.whisper_to(event, text);
        }
    }

    fn lane_called(&self, lane: &Lane) -> String {
        match lane {
            Lane::Channel(channel) => format!("bot in ~{}:", self.cast.channel_called(channel)),
            Lane::Direct(user) => format!("bot to {}:", self.cast.name_of(user)),
        }
    }
}
