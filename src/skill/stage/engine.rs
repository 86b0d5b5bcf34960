use std::sync::Arc;
use std::time::Duration;

use super::Stage;
use crate::event::{Body, Event, Job, JobKind, Question, SlotRow};
use crate::model::ids::Millis;
use crate::skill::{Call, Errand, Failure, Live, Refusal, Services};

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
                slot: job.slot.clone(),
                job: job.id.clone(),
                payload: job.payload.clone(),
                attempts: job.attempts,
                cause: job.cause,
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
            Err(Refusal::Unknown(sentence)) => return self.alert(&event, sentence),
        };
        let event = Arc::new(event);
        let call = Call {
            handler: route.handler,
            event: event.clone(),
            row: self.slots.get(&slot).cloned(),
            // Each turn reads what was stored, so that tests see what isn't.
            live: Live::default(),
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
            Err(Failure::Refused(sentence)) => self.alert(&event, sentence),
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
}
