use std::time::Duration;

use super::{Engine, Fate};
use crate::event::{Body, Event, Job};
use crate::model::ids::Millis;
use crate::skill::Errand;

/// How often a job's turn, or work, may fail before it is given up.
pub(super) const TRIES: u32 = 8;
/// How long a job waits that there was no room or no store for.
const WAIT: Duration = Duration::from_secs(2);
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LAST: Duration = Duration::from_secs(3600);

/// What came of slow work.
#[derive(Debug, PartialEq, Eq)]
pub enum Worked {
    /// The payload of the signal that its result is.
    Done(String),
    /// It failed for good.
    GaveUp {
        /// The payload of the signal that tells so.
        payload: String,
        /// Why.
        reason: String,
    },
    /// It failed, and is tried again.
    Failed(String),
    /// No skill does it. It stays for the day that one does.
    Unwanted,
}

impl Engine {
    /// Does slow work, outside of any turn.
    pub async fn work(&self, job: &Job) -> Worked {
        let Some(part) = self.catalog.part_named(&job.slot.skill) else {
            return Worked::Unwanted;
        };
        let errand = Errand {
            key: job.id.to_string(),
            attempt: job.attempts,
        };
        let (worker, name, input) = (
            part.clone(),
            job.kind.name().to_owned(),
            job.payload.clone(),
        );
        let work = move || worker.work(&name, &input, errand);
        let done = self.workshop.run_errand(work).await;
        let reason = match done.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(payload) => return Worked::Done(payload),
            Err(reason) => reason,
        };
        let last = job.attempts + 1 >= TRIES;
        match part.gave_up(job.kind.name(), &reason).filter(|_| last) {
            Some(payload) => Worked::GaveUp { payload, reason },
            None => Worked::Failed(reason),
        }
    }
}

/// How long a job that isn't done waits until it is brought again, and how many attempts are behind it then. Only
/// what it did itself is an attempt of its own: a full server must not give a timer up.
pub fn again(job: &Job, fate: Fate) -> (Duration, u32) {
    let growing = RETRY_FIRST.saturating_mul(1 << job.attempts.min(12));
    match fate {
        Fate::Waits => (WAIT, job.attempts),
        Fate::Unwanted => (RETRY_LAST, job.attempts),
        Fate::Failed | Fate::Done => (growing.min(RETRY_LAST), job.attempts + 1),
    }
}

/// The event that a job's time has come, or that its work is done: `payload` is the slot's signal.
pub fn brought(job: &Job, payload: String, at: Millis) -> Event {
    Event {
        key: None,
        place: job.slot.place.clone(),
        at,
        by: None,
        channel: None,
        team: None,
        root: None,
        body: Body::Signal {
            slot: job.slot.clone(),
            job: job.id.clone(),
            payload,
            attempts: job.attempts,
            cause: job.cause,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{JobKind, Place, RowId, Slot};

    fn job(attempts: u32) -> Job {
        Job {
            id: RowId::read("job"),
            slot: Slot::new(Place::Desk("d".into()), "poll", ""),
            kind: JobKind::Timer("end".into()),
            due: Millis(1),
            payload: String::new(),
            attempts,
            cause: None,
        }
    }

    #[test]
    fn what_fails_waits_twice_as_long_each_time_but_never_more_than_an_hour() {
        let waits = |attempts| again(&job(attempts), Fate::Failed).0.as_secs();
        assert_eq!([0, 1, 2, 11].map(waits), [1, 2, 4, 2048]);
        assert_eq!([12, 40].map(waits), [3600, 3600]);
    }

    #[test]
    fn only_what_a_job_did_itself_is_an_attempt() {
        let attempts = |fate| again(&job(3), fate).1;
        assert_eq!(attempts(Fate::Failed), 4);
        assert_eq!([Fate::Waits, Fate::Unwanted].map(attempts), [3, 3]);
    }
}
