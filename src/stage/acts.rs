use std::panic::Location;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Map;

use super::Stage;
use super::events::Where;
use super::form::{filled, unfit};
use crate::event::{Body, Job, JobKind, Key, Lane, Observed, Place};
use crate::skill::{Address, State};
use crate::store::{Commit, Settled, Store};

impl Stage {
    /// Types a slash command in the scene: `/poll "Lunch?" "A" "B"`.
    #[track_caller]
    pub fn slash(&mut self, name: &str, line: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let place = Place::Channel(self.scene);
            self.summon(name, line, place).await;
        }
    }

    /// Types a slash command in the bot's direct channel.
    #[track_caller]
    pub fn slash_direct(&mut self, name: &str, line: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let place = Place::Direct(self.cast.person(name).id);
            self.summon(name, line, place).await;
        }
    }

    /// Posts in the scene.
    #[track_caller]
    pub fn says(&mut self, name: &str, text: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.hear(name, text, Where::Scene, None, &[]).await;
        }
    }

    /// Posts in a thread of the scene's.
    #[track_caller]
    pub fn says_in_thread(&mut self, name: &str, text: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let root = self.post_id();
            self.hear(name, text, Where::Scene, Some(root), &[]).await;
        }
    }

    /// Posts in the scene with the bot's mention in front.
    #[track_caller]
    pub fn mentions(&mut self, name: &str, text: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.hear(name, text, Where::Mention, None, &[]).await;
        }
    }

    /// Writes to the bot in its direct channel.
    #[track_caller]
    pub fn tells(&mut self, name: &str, text: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.hear(name, text, Where::Direct, None, &[]).await;
        }
    }

    /// Writes to the bot in its direct channel, with files of these ids.
    #[track_caller]
    pub fn sends(&mut self, name: &str, text: &str, files: &[&str]) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.hear(name, text, Where::Direct, None, files).await;
        }
    }

    /// Edits the newest post that says `before`.
    #[track_caller]
    pub fn edits(&mut self, name: &str, before: &str, text: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let by = self.begin(name, &format!("edits {before:?} to {text:?}"));
            let mut said = self.said.iter_mut().rev();
            let Some((post, place, last)) = said.find(|(_, _, last)| last == before) else {
                self.fail(&format!("nobody has said {before:?}"));
            };
            text.clone_into(last);
            let (post, place, text) = (*post, place.clone(), text.to_owned());
            let key = Key::of(&["edited", &self.next().to_string()]);
            let what = Observed::Edited { post, text };
            let event = self.event(key, place, by, Body::Observed(what));
            self.bring(event).await;
        }
    }

    /// Deletes the newest post that says this.
    #[track_caller]
    pub fn deletes(&mut self, name: &str, text: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let by = self.begin(name, &format!("deletes {text:?}"));
            let mut said = self.said.iter().rev();
            let Some((post, place, _)) = said.find(|(_, _, last)| last == text) else {
                self.fail(&format!("nobody has said {text:?}"));
            };
            let (post, place) = (*post, place.clone());
            let key = Key::of(&["deleted", &self.next().to_string()]);
            let what = Observed::Deleted { post };
            let event = self.event(key, place, by, Body::Observed(what));
            self.bring(event).await;
        }
    }

    /// Posts in the scene; heard by an outgoing webhook.
    #[track_caller]
    pub fn says_to_webhook(&mut self, name: &str, text: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.hear(name, text, Where::Webhook, None, &[]).await;
        }
    }

    /// Presses the button of this label: the newest card's in the scene, or in the bot's direct
    /// channel with the person, that has one.
    #[track_caller]
    pub fn click(&mut self, name: &str, label: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.press(name, label, None, false).await;
        }
    }

    /// Presses a button that a card had earlier: on a screen that hasn't seen the change yet.
    #[track_caller]
    pub fn click_late(&mut self, name: &str, label: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.press(name, label, None, true).await;
        }
    }

    /// Chooses a value from the menu of this label.
    #[track_caller]
    pub fn choose(&mut self, name: &str, label: &str, value: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.press(name, label, Some(value), false).await;
        }
    }

    /// Fills in the open dialog and submits it; a bool takes `true` or `false`. Panics where
    /// Mattermost wouldn't let it be submitted.
    #[track_caller]
    pub fn submit(&mut self, name: &str, values: &[(&str, &str)]) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
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
    }

    /// Closes the open dialog without submitting.
    #[track_caller]
    pub fn cancels(&mut self, name: &str) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let by = self.begin(name, "closes the dialog");
            let Some(open) = self.dialogs.get(&by.id) else {
                self.fail(&format!("{name} has no dialog open"));
            };
            if open.draft.dialog.notify_on_cancel == Some(true) {
                self.answer_dialog(by.clone(), Map::new(), true).await;
            }
            self.dialogs.remove(&by.id);
        }
    }

    /// Somebody who may deletes the newest card of the scene: nothing shows it any more, unless it is posted
    /// anew.
    #[track_caller]
    pub fn deletes_card(&mut self, name: &str) {
        self.at = Location::caller();
        self.begin(name, "deletes the card");
        let scene = Lane::Channel(self.scene);
        let Some(at) = self.cards.iter().rposition(|shown| shown.lane == scene) else {
            self.fail("there is no card here");
        };
        let gone = self.cards.remove(at);
        let (slot, post) = (gone.slot, gone.post);
        let settled = self.store.settle(vec![Settled::Gone { slot, post }]);
        self.stored(settled.now_or_never().unwrap_or(Ok(())));
    }

    /// Something that is observed happens in the scene.
    #[track_caller]
    pub fn observes(&mut self, name: &str, what: Observed) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let by = self.begin(name, what.kind());
            let key = Key::of(&["observed", &self.next().to_string()]);
            let place = Place::Channel(self.scene);
            let event = self.event(key, place, by, Body::Observed(what));
            self.bring(event).await;
        }
    }

    /// The last event arrives once more, as it may by another way or after a restart. Nothing
    /// happens.
    #[track_caller]
    pub fn again(&mut self) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let Some(event) = self.last.clone() else {
                self.fail("nothing happened yet");
            };
            self.note("(once more)".into());
            self.act(event).await;
        }
    }

    /// Tells a slot something, as another skill or slow work would.
    #[track_caller]
    pub fn signal<S: State>(
        &mut self,
        to: &Address<S>,
        signal: S::Signal,
    ) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            let payload = match serde_json::to_string(&signal) {
                Ok(payload) => payload,
                Err(error) => self.fail(&format!("the signal is no JSON: {error}")),
            };
            let slot = to.slot().clone();
            self.note(format!("(told to {slot}) {payload}"));
            let now = self.now();
            let job = Job {
                id: self.engine.services.ids.next(now),
                slot,
                kind: JobKind::Mail,
                due: now,
                payload,
                attempts: 0,
                cause: None,
            };
            let jobs = vec![job];
            let commit = Commit {
                now,
                jobs,
                ..Commit::default()
            };
            self.stored(self.store.commit(commit).await);
            self.pass(Duration::ZERO).await;
        }
    }

    /// Time passes; timers that fall due are brought at their time.
    #[track_caller]
    pub fn after(&mut self, time: Duration) -> impl Future<Output = ()> {
        self.at = Location::caller();
        async move {
            self.note(format!("--- {time:?} later ---"));
            self.pass(time).await;
        }
    }
}
