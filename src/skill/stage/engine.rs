use std::sync::Arc;
use std::time::Duration;

use super::{OpenDialog, Posted, Shown, Stage, render};
use crate::event::{Body, Card, Event, Job, JobKind, Lane, Question, Slot, SlotRow};
use crate::model::ids::{Millis, PostId};
use crate::skill::{Call, Change, Effects, Errand, Failure, Outcome, Refusal, Services};

/// More jobs than that after one event are a skill that talks to itself without end.
const MOST_JOBS: usize = 10_000;

impl Stage {
    /// One event, and all that is due after it.
    pub(super) async fn act(&mut self, event: Event) {
        self.take(event).await;
        self.run_due().await;
    }

    /// Virtual time passes; what falls due on the way is brought at its time.
    pub(super) async fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while let Some(due) = self.jobs.iter().map(|job| job.due).min()
            && due <= end
        {
            self.now = self.now.max(due);
            self.run_due().await;
        }
        self.now = end;
        self.forget_expired();
    }

    async fn run_due(&mut self) {
        for _ in 0..MOST_JOBS {
            self.forget_expired();
            let due = self.jobs.iter().filter(|job| job.due <= self.now);
            let Some(next) = due
                .min_by_key(|job| (job.due, &job.id))
                .map(|job| job.id.clone())
            else {
                return;
            };
            let Some(index) = self.jobs.iter().position(|job| job.id == next) else {
                return;
            };
            let job = self.jobs.remove(index);
            match &job.kind {
                JobKind::Work(name) => self.work(&job, name).await,
                _ => self.take(self.brought_by(&job)).await,
            }
        }
        self.fail("the skill has jobs without end");
    }

    /// Work is done at once, and once: an error is final.
    async fn work(&mut self, job: &Job, name: &str) {
        let Some(part) = self.catalog.part_named(&job.slot.skill).cloned() else {
            return;
        };
        let errand = Errand {
            key: job.id.to_string(),
            attempt: 0,
        };
        let payload = match part.work(name, &job.payload, errand).await {
            Ok(payload) => Some(payload),
            Err(reason) => {
                self.note(format!("(the work {name} failed: {reason})"));
                part.gave_up(name, &reason)
            }
        };
        if let Some(payload) = payload {
            let result = Job {
                payload,
                kind: JobKind::Mail,
                ..job.clone()
            };
            self.take(self.brought_by(&result)).await;
        }
    }

    fn brought_by(&self, job: &Job) -> Event {
        Event {
            key: None,
            place: job.slot.place.clone(),
            at: self.now,
            by: None,
            channel: None,
            team: None,
            root: None,
            body: Body::Signal {
                attempts: 0,
                slot: job.slot.clone(),
                job: job.id.clone(),
                payload: job.payload.clone(),
            },
        }
    }

    /// One turn: nothing, or all of it.
    async fn take(&mut self, event: Event) {
        if event.key.is_some_and(|key| self.seen.contains(&key)) {
            return self.note("(it was handled before)".into());
        }
        let (route, slot) = match self.catalog.route(&event, &self.listening(&event)) {
            Ok(found) => found,
            Err(Refusal::Unwanted) => return self.note("(nobody hears it)".into()),
            Err(Refusal::Unknown(sentence)) => return self.whisper_to(&event, sentence),
        };
        let event = Arc::new(event);
        let call = Call {
            handler: route.handler,
            event: event.clone(),
            row: self.slots.get(&slot).cloned(),
            slot,
            now: self.now,
            services: Services {
                directory: self.cast.clone(),
                catalog: self.catalog.clone(),
                ids: self.ids.clone(),
            },
        };
        let turn = self.catalog.part(route).turn(call);
        match turn.await {
            Ok(outcome) => self.commit(&event, outcome),
            Err(Failure::Refused(sentence)) => self.whisper_to(&event, sentence),
            Err(Failure::Fields { errors, error }) => self.keep_open(&event, errors, error),
            Err(Failure::Broken(chain)) => self.fail(&format!("the turn failed: {chain:#}")),
        }
    }

    fn listening(&self, event: &Event) -> Vec<Question> {
        let here = self.slots.values().filter(|r| r.slot.place == event.place);
        let question = |row: &SlotRow| {
            row.listening.clone().map(|listening| Question {
                slot: row.slot.clone(),
                listening,
            })
        };
        here.filter_map(question).collect()
    }

    fn commit(&mut self, event: &Event, outcome: Outcome) {
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
        } = outcome;
        let says = std::mem::take(&mut effects.says);
        for say in says {
            if let Some(Some(listening)) = &mut effects.listening
                && listening.row == say.row
            {
                listening.since = Some(self.now);
            }
            self.post(say.lane, say.draft.root, say.draft.text);
        }
        for text in std::mem::take(&mut effects.whispers) {
            self.whisper_to(event, text);
        }
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
        state: String,
        form: u32,
        card: Option<Card>,
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
            self.show(slot, lane, card);
        }
    }

    fn show(&mut self, slot: Slot, lane: Lane, card: Card) {
        let at = self.cards.iter().position(|shown| shown.slot == slot);
        if at.is_some_and(|at| self.cards[at].card == card) {
            return;
        }
        self.note(format!("{} {}", self.lane_called(&lane), render(&card)));
        match at {
            Some(at) => {
                let old = std::mem::replace(&mut self.cards[at].card, card);
                self.cards[at].before.extend(old.buttons);
            }
            None => self.cards.push(Shown {
                slot,
                lane,
                card,
                before: Vec::new(),
            }),
        }
    }

    fn post(&mut self, lane: Lane, root: Option<PostId>, text: String) {
        self.note(format!("{} {text}", self.lane_called(&lane)));
        self.posts.push(Posted { lane, root, text });
    }

    fn whisper_to(&mut self, event: &Event, text: String) {
        match &event.by {
            Some(by) => {
                self.note(format!("(only {}) {text}", by.name));
                self.whispers.entry(by.id).or_default().push(text);
            }
            None => self.note(format!("(nobody reads) {text}")),
        }
    }

    fn keep_open(
        &mut self,
        event: &Event,
        errors: std::collections::BTreeMap<String, String>,
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

    fn forget_expired(&mut self) {
        let now = self.now;
        let gone = |row: &SlotRow| row.expires.is_some_and(|at: Millis| at <= now);
        let (slots, jobs) = (&mut self.slots, &mut self.jobs);
        slots.retain(|slot, row| {
            let gone = gone(row);
            if gone {
                jobs.retain(|job| job.slot != *slot || job.kind == JobKind::Mail);
            }
            !gone
        });
    }

    fn lane_called(&self, lane: &Lane) -> String {
        match lane {
            Lane::Channel(channel) => format!("bot in ~{}:", self.cast.channel_called(channel)),
            Lane::Direct(user) => format!("bot to {}:", self.cast.name_of(user)),
        }
    }
}
