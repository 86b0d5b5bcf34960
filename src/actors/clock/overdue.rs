use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::event::{Job, JobId, JobKind};
use crate::time::{Instant, instant};
use crate::turns::Fate;

/// What is late for so long is told.
const LONG: Duration = Duration::from_secs(60);
/// What isn't brought again so long after its time is gone: its slot has ended, or has set it anew.
const GONE: Duration = Duration::from_secs(180);
/// So many are remembered; where there are more, the same reasons hold.
const MOST: usize = 1_024;

/// Jobs that were brought, aren't done, and are brought again and again.
#[derive(Default)]
pub(super) struct Overdue(HashMap<JobId, Tried>);

struct Tried {
    since: Instant,
    /// When it is brought again; `None` while it is under way.
    next: Option<Instant>,
    what: String,
    why: &'static str,
}

impl Overdue {
    /// It is brought again after this time. What no skill takes waits for the day that one does: that is
    /// no trouble.
    pub fn again(&mut self, job: &Job, fate: Fate, wait: Duration) {
        let why = match fate {
            Fate::Failed => "they fail again and again, and the log says why",
            Fate::Waits => "there is no room for them, or what they do can't be stored",
            Fate::Done | Fate::Unwanted => return self.done(&job.id),
        };
        if self.0.len() >= MOST && !self.0.contains_key(&job.id) {
            return;
        }
        let new = || Tried {
            since: instant(),
            next: None,
            what: format!("{} of `{}`", kind(job), job.slot.skill),
            why,
        };
        let tried = self.0.entry(job.id.clone()).or_insert_with(new);
        tried.why = why;
        tried.next = Some(instant() + wait);
    }

    /// It is under way again.
    pub fn brought(&mut self, id: &JobId) {
        if let Some(tried) = self.0.get_mut(id) {
            tried.next = None;
        }
    }

    /// It is brought no more.
    pub fn done(&mut self, id: &JobId) {
        self.0.remove(id);
    }

    /// A sentence for each sort.
    pub fn problems(&mut self) -> Vec<String> {
        let gone = |next: Instant| next.elapsed() > GONE;
        self.0.retain(|_, tried| !tried.next.is_some_and(gone));
        let mut sorts: BTreeMap<_, usize> = BTreeMap::new();
        let late = self.0.values().filter(|tried| tried.since.elapsed() > LONG);
        for tried in late {
            *sorts.entry((&tried.what, tried.why)).or_default() += 1;
        }
        let sentence = |((what, why), many)| format!("{what} are late ({many}): {why}");
        sorts.into_iter().map(sentence).collect()
    }
}

fn kind(job: &Job) -> &'static str {
    match job.kind {
        JobKind::Timer(_) => "timers",
        JobKind::Mail => "messages between slots",
        JobKind::Work(_) => "pieces of work",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Place, RowId, Slot};
    use crate::model::ids::{ChannelId, Millis};

    fn job() -> Job {
        Job {
            id: RowId::new(Millis(1), 1, 1),
            slot: Slot::new(Place::Channel(ChannelId::from_bytes([1; 16])), "poll", ""),
            kind: JobKind::Timer("end".into()),
            due: Millis(1),
            payload: String::new(),
            attempts: 0,
            cause: None,
        }
    }

    async fn pass(time: Duration) {
        tokio::time::advance(time).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_brought_in_vain_for_a_minute_is_told_until_it_is_done() {
        let (mut overdue, job, wait) = (Overdue::default(), job(), Duration::from_secs(2));
        for _ in 0..31 {
            assert!(overdue.problems().is_empty());
            overdue.again(&job, Fate::Waits, wait);
            pass(wait).await;
            overdue.brought(&job.id);
        }
        assert_eq!(
            overdue.problems(),
            [
                "timers of `poll` are late (1): there is no room for them, or what they do can't be stored"
            ]
        );
        overdue.done(&job.id);
        assert!(overdue.problems().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_whose_slot_has_ended_is_no_trouble_any_more() {
        let (mut overdue, job, wait) = (Overdue::default(), job(), Duration::from_secs(3600));
        overdue.again(&job, Fate::Failed, wait);
        pass(wait).await;
        assert_eq!(overdue.problems().len(), 1);
        pass(GONE + GONE).await;
        assert!(overdue.problems().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_skill_takes_is_no_trouble() {
        let (mut overdue, job) = (Overdue::default(), job());
        overdue.again(&job, Fate::Unwanted, Duration::from_secs(3600));
        pass(LONG + LONG).await;
        assert!(overdue.problems().is_empty());
    }
}
