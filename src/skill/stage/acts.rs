use std::time::Duration;

use serde_json::Map;

use super::Stage;
use super::events::Where;
use super::form::{filled, unfit};
use crate::event::{Body, Job, JobKind, Key, Observed, Place};
use crate::skill::{Address, State};

impl Stage {
    /// Types a slash command in the scene: `/poll "Lunch?" "A" "B"`.
    pub async fn slash(&mut self, name: &str, line: &str) {
        let place = Place::Channel(self.scene);
        self.summon(name, line, place).await;
    }

    /// Types a slash command in the bot's direct channel.
    pub async fn slash_direct(&mut self, name: &str, line: &str) {
        let place = Place::Direct(self.cast.person(name).id);
        self.summon(name, line, place).await;
    }

    /// Posts in the scene.
    pub async fn says(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Scene, None).await;
    }

    /// Posts in a thread of the scene's.
    pub async fn says_in_thread(&mut self, name: &str, text: &str) {
        let root = self.post_id();
        self.hear(name, text, Where::Scene, Some(root)).await;
    }

    /// Posts in the scene with the bot's mention in front.
    pub async fn mentions(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Mention, None).await;
    }

    /// Writes to the bot in its direct channel.
    pub async fn tells(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Direct, None).await;
    }

    /// Posts in the scene; heard by an outgoing webhook.
    pub async fn says_to_webhook(&mut self, name: &str, text: &str) {
        self.hear(name, text, Where::Webhook, None).await;
    }

    /// Presses the button of this label: the newest card's in the scene, or in the bot's direct
    /// channel with the person, that has one.
    pub async fn click(&mut self, name: &str, label: &str) {
        self.press(name, label, None, false).await;
    }

    /// Presses a button that a card had earlier: on a screen that hasn't seen the change yet.
    pub async fn click_late(&mut self, name: &str, label: &str) {
        self.press(name, label, None, true).await;
    }

    /// Chooses a value from the menu of this label.
    pub async fn choose(&mut self, name: &str, label: &str, value: &str) {
        self.press(name, label, Some(value), false).await;
    }

    /// Fills in the open dialog and submits it; a bool takes `true` or `false`. Panics where
    /// Mattermost wouldn't let it be submitted.
    pub async fn submit(&mut self, name: &str, values: &[(&str, &str)]) {
        let by = self.begin(name, &format!("submits {values:?}"));
        self.errors.remove(&by.id);
        let Some(open) = self.dialogs.get(&by.id) else {
            self.fail(&format!("{name} has no dialog open"));
        };
        let elements = &open.draft.dialog.elements;
        if let Some(wrong) = unfit(elements, values) {
            self.fail(&wrong);
        }
        let values = elements
            .iter()
            .filter_map(|e| Some((e.name.clone(), filled(e, values)?)));
        let values = values.collect();
        self.answer_dialog(by, values, false).await;
    }

    /// Closes the open dialog without submitting.
    pub async fn cancels(&mut self, name: &str) {
        let by = self.begin(name, "closes the dialog");
        let Some(open) = self.dialogs.get(&by.id) else {
            self.fail(&format!("{name} has no dialog open"));
        };
        if open.draft.dialog.notify_on_cancel == Some(true) {
            self.answer_dialog(by.clone(), Map::new(), true).await;
        }
        self.dialogs.remove(&by.id);
    }

    /// Something that is observed happens in the scene.
    pub async fn observes(&mut self, name: &str, what: Observed) {
        let by = self.begin(name, what.kind());
        let key = Key::of(&["observed", &self.next().to_string()]);
        let place = Place::Channel(self.scene);
        let event = self.event(key, place, by, Body::Observed(what));
        self.bring(event).await;
    }

    /// The last event arrives once more, as it may by another way or after a restart. Nothing
    /// happens.
    pub async fn again(&mut self) {
        let Some(event) = self.last.clone() else {
            self.fail("nothing happened yet");
        };
        self.note("(once more)".into());
        self.act(event).await;
    }

    /// Tells a slot something, as another skill or slow work would.
    pub async fn signal<S: State>(&mut self, to: &Address<S>, signal: S::Signal) {
        let payload = match serde_json::to_string(&signal) {
            Ok(payload) => payload,
            Err(error) => self.fail(&format!("the signal is no JSON: {error}")),
        };
        let slot = to.slot().clone();
        self.note(format!("(told to {slot}) {payload}"));
        let id = self.ids.next(self.now);
        self.jobs.push(Job {
            id,
            slot,
            kind: JobKind::Mail,
            due: self.now,
            payload,
            attempts: 0,
        });
        self.pass(Duration::ZERO).await;
    }

    /// Time passes; timers that fall due are brought at their time.
    pub async fn after(&mut self, time: Duration) {
        self.note(format!("--- {time:?} later ---"));
        self.pass(time).await;
    }
}
