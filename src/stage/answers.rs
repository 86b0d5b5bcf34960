use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ShownDialog, Stage};
use crate::event::{Answer, Body, Event, Home, Inline, Lane, Opening};
use crate::store::Store;

/// What people read of a turn, each for themselves.
impl Stage {
    pub(super) async fn answer(&mut self, event: &Event, answer: Answer) {
        match answer {
            Answer::Done {
                whisper,
                alert,
                inline,
                opening,
                card,
            } => {
                if let (Body::Dialog(_), Some(by)) = (&event.body, &event.by) {
                    self.dialogs.remove(&by.id);
                }
                if let Some(inline) = inline {
                    self.show_inline(event, *inline);
                }
                if let Some((slot, _)) = card
                    && let Some(card) = self.stored(self.store.card(&slot).await)
                    && card.home == Home::Person
                {
                    self.edit(card).await;
                }
                self.words(event, whisper, alert, opening.is_some());
                if let Some(opening) = opening {
                    self.open(event, *opening);
                }
            }
            Answer::Fields { errors, error } => self.keep_open(event, errors, error),
            Answer::Refused(sentence) => self.alert(event, sentence),
        }
    }

    /// A screen shows one window: the dialog.
    fn words(
        &mut self,
        event: &Event,
        whisper: Option<String>,
        alert: Option<String>,
        opens: bool,
    ) {
        if let Some(text) = whisper {
            self.whisper_to(event, text);
        }
        match alert {
            Some(text) if opens => self.whisper_to(event, text),
            Some(text) => self.alert(event, text),
            None => {}
        }
    }

    /// What goes out as the person's own, where the bot can't post.
    fn show_inline(&mut self, event: &Event, inline: Inline) {
        let lane = Lane::Channel(event.channel.unwrap_or(self.scene));
        match inline.slot {
            Some(slot) => drop(self.show_new(slot, lane, event.root, Arc::new(inline.card))),
            None => self.says_in(lane, event.root, inline.card.text),
        }
    }

    fn open(&mut self, event: &Event, opening: Opening) {
        let Some(by) = &event.by else { return };
        let Opening { slot, draft, .. } = opening;
        self.note(format!("(a dialog for {}) {}", by.name, draft.dialog.title));
        let channel = event.channel.unwrap_or(self.scene);
        let nonce = self.next().to_string();
        let open = ShownDialog {
            slot,
            draft,
            channel,
            nonce,
        };
        self.dialogs.insert(by.id, open);
    }

    fn whisper_to(&mut self, event: &Event, text: String) {
        match &event.by {
            Some(by) => self.whisper_by(&Lane::Direct(by.id), text),
            None => self.note(format!("(nobody reads) {text}")),
        }
    }

    /// What only the person of this lane sees.
    pub(super) fn whisper_by(&mut self, lane: &Lane, text: String) {
        let Lane::Direct(person) = lane else { return };
        self.note(format!("(only {}) {text}", self.cast.name_of(person)));
        self.whispers.entry(*person).or_default().push(text);
    }

    /// What the person must see: in a message box, where that can open.
    fn alert(&mut self, event: &Event, text: String) {
        let (Body::Click(_), Some(by)) = (&event.body, &event.by) else {
            return self.whisper_to(event, text);
        };
        self.note(format!("(a message box for {}) {text}", by.name));
        self.boxes.entry(by.id).or_default().push(text.clone());
        self.whispers.entry(by.id).or_default().push(text);
    }

    fn keep_open(
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
}
