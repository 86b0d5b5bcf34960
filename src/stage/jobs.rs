use std::time::Duration;

use super::Stage;
use crate::event::{Job, JobKind};
use crate::store::Store;
use crate::turns::{Fate, Worked, again, brought};

/// More jobs than that after one event are a skill that talks to itself without end.
const MOST_JOBS: usize = 10_000;

/// What falls due, as the program's clock brings it.
impl Stage {
    /// Virtual time passes; what falls due on the way is brought at its time.
    pub(super) async fn pass(&mut self, time: Duration) {
        let end = self.now().plus(time);
        self.run_due().await;
        while let Some(due) = self.stored(self.store.next_due(self.now()).await)
            && due <= end
        {
            self.hand.set(due);
            self.run_due().await;
        }
        self.hand.set(end);
        self.prune().await;
    }

    pub(super) async fn run_due(&mut self) {
        for _ in 0..MOST_JOBS {
            self.prune().await;
            let due = self.stored(self.store.due(self.now(), 1).await);
            let Some(job) = due.into_iter().next() else {
                return;
            };
            let fate = match &job.kind {
                JobKind::Work(_) => self.work(&job).await,
                _ => self.bring_job(&job, job.payload.clone()).await,
            };
            if fate != Fate::Done {
                let (wait, attempts) = again(&job, fate);
                let due = self.now().plus(wait);
                let postponed = self.store.postpone(&job.id, due, attempts).await;
                self.stored(postponed);
            }
        }
        self.fail("the skill has jobs without end");
    }

    async fn work(&mut self, job: &Job) -> Fate {
        let (name, tries) = (job.kind.name(), job.attempts + 1);
        match self.engine.work(job).await {
            Worked::Done(payload) => self.bring_job(job, payload).await,
            Worked::GaveUp { payload, reason } => {
                self.note(format!("(the work {name} is given up: {reason})"));
                self.bring_job(job, payload).await
            }
            Worked::Failed(reason) => {
                self.note(format!("(the work {name} failed, try {tries}: {reason})"));
                Fate::Failed
            }
            Worked::Unwanted => Fate::Unwanted,
        }
    }

    async fn bring_job(&mut self, job: &Job, payload: String) -> Fate {
        let event = brought(job, payload, self.now());
        self.take(event).await
    }
}
