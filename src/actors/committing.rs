use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::batch::{Builder, Built, Turn, Verdict};
use super::copy::WorkingCopy;
use super::engine::{Engine, apply, failed};
use super::messages::{Fate, JobsDue, Leaves, Listens, Reload, Unsure};
use crate::event::{Answer, Place};
use crate::store::CommitError;
use crate::telemetry::names;
use crate::time::sleep;

const UNSAVED: &str = "Nothing can be saved right now, so most likely nothing was done. Please look before you \
    try again in a moment.";
/// So often a batch is taken again before its turns are taken one by one.
const TRIES: usize = 4;

impl Engine {
    /// Commits a batch and tells everybody. `false` where it had to be taken again, so that what was
    /// started on top of it is void.
    pub(super) async fn commit(
        &self,
        place: &Place,
        mut turns: Vec<Turn>,
        copy: &mut WorkingCopy,
    ) -> bool {
        for attempt in 0..TRIES {
            if turns.is_empty() {
                return true;
            }
            let built = self.build(&turns, copy);
            match self.write(&built).await {
                Ok(()) => {
                    self.finish(turns, built, copy);
                    return attempt == 0;
                }
                Err(CommitError::Unavailable(error)) => {
                    tracing::error!(%place, error, turns = turns.len(), "a batch can't be committed");
                    copy.reset();
                    give_back(turns);
                    return false;
                }
                Err(CommitError::Duplicate(i)) => pass(&mut turns, built.turn_of_key(i)),
                Err(CommitError::Gone(i)) => pass(&mut turns, built.turn_of_job(i)),
                Err(CommitError::Conflict(slot)) => tracing::info!(%slot, "taking a batch again"),
                Err(CommitError::Refused(error)) if turns.len() == 1 => {
                    copy.reset();
                    refuse(&mut turns[0], place, error);
                    continue;
                }
                Err(CommitError::Refused(error)) => {
                    tracing::warn!(%place, error, "a batch is refused; taking its turns one by one");
                    break;
                }
            }
            self.retake(&mut turns, copy).await;
        }
        self.one_by_one(place, turns, copy).await;
        false
    }

    /// Writes a commit; one whose answer was lost is repeated, its id tells the store.
    async fn write(&self, built: &Built) -> Result<(), CommitError> {
        if built.commit.is_empty() {
            return Ok(());
        }
        let mut done = self.store.commit(built.commit.clone()).await;
        let unsure = is_unsure(&done);
        for wait in [50, 250] {
            if !is_unsure(&done) {
                break;
            }
            sleep(Duration::from_millis(wait)).await;
            done = self.store.commit(built.commit.clone()).await;
        }
        if unsure && done.is_err() {
            // A try may have been written all the same, whatever the last one was answered.
            self.hubs.outbox.do_send(Unsure);
            self.hubs.router.do_send(Reload);
        }
        metrics::counter!(names::COMMITS, "outcome" => outcome(&done)).increment(1);
        done
    }

    async fn retake(&self, turns: &mut [Turn], copy: &mut WorkingCopy) {
        copy.reset();
        let mut keys = Vec::new();
        for turn in turns.iter_mut().filter(|turn| !turn.passed) {
            turn.verdict = self.take(&turn.pending.event, copy, &keys).await;
            apply(copy, &mut turn.verdict);
            keys.extend(turn.pending.event.key);
        }
    }

    /// Each turn in a commit of its own, so that only the poisonous one fails.
    fn one_by_one<'a>(
        &'a self,
        place: &'a Place,
        turns: Vec<Turn>,
        copy: &'a mut WorkingCopy,
    ) -> LocalBoxFuture<'a, ()> {
        async move {
            copy.reset();
            for mut turn in turns {
                if !turn.passed {
                    turn.verdict = self.take(&turn.pending.event, copy, &[]).await;
                    apply(copy, &mut turn.verdict);
                }
                if let Some(turn) = self.commit_one(place, turn, copy).await {
                    copy.reset();
                    give_back(vec![turn]);
                }
            }
        }
        .boxed_local()
    }

    /// A single turn's commit; gives it back where it still doesn't go through.
    async fn commit_one(&self, place: &Place, turn: Turn, copy: &mut WorkingCopy) -> Option<Turn> {
        let mut turns = vec![turn];
        for _ in 0..TRIES {
            let built = self.build(&turns, copy);
            match self.write(&built).await {
                Ok(()) => {
                    self.finish(turns, built, copy);
                    return None;
                }
                Err(CommitError::Duplicate(_) | CommitError::Gone(_)) => {
                    copy.reset();
                    pass(&mut turns, Some(0));
                }
                Err(CommitError::Conflict(_)) => self.retake(&mut turns, copy).await,
                Err(CommitError::Refused(error)) => {
                    copy.reset();
                    refuse(&mut turns[0], place, error);
                }
                Err(CommitError::Unavailable(_)) => break,
            }
        }
        turns.pop()
    }

    fn build(&self, turns: &[Turn], copy: &WorkingCopy) -> Built {
        let (ids, presence) = (&*self.services.ids, &self.presence);
        let built = Built::default();
        let mut builder = Builder {
            now: self.time.now(),
            ids,
            presence,
            copy,
            built,
        };
        for (index, turn) in turns.iter().enumerate() {
            builder.turn(index, turn);
        }
        builder.finish()
    }

    /// After the commit: answers, and hints for the hubs.
    fn finish(&self, turns: Vec<Turn>, built: Built, copy: &mut WorkingCopy) {
        let changes = copy.listening_changes();
        copy.committed();
        if !changes.is_empty() {
            self.hubs.router.do_send(Listens(changes));
        }
        if !built.commit.rows.is_empty() || !built.commit.cards.is_empty() {
            self.hubs.poster.do_send(Leaves {
                rows: built.commit.rows,
                cards: built.commit.cards,
            });
        }
        if let Some(due) = built.due {
            self.hubs.alarm.do_send(JobsDue(due));
        }
        for (turn, answer) in turns.into_iter().zip(built.answers) {
            match turn.verdict {
                Verdict::Again(fate) => turn.pending.back(answer, fate),
                _ => turn.pending.done(answer),
            }
        }
    }
}

/// The store will never take what this turn made.
fn refuse(turn: &mut Turn, place: &Place, error: String) {
    let error = anyhow::anyhow!(error);
    turn.verdict = failed(&turn.pending.event, place, "commit", &error);
    turn.passed = true;
}

/// Gives turns back: whoever waits is told, and posts and jobs come again.
fn give_back(turns: Vec<Turn>) {
    for turn in turns {
        let answer = Answer::Refused(UNSAVED.into());
        turn.pending.back(answer, Fate::Waits);
    }
}

fn pass(turns: &mut [Turn], index: Option<usize>) {
    if let Some(turn) = index.and_then(|i| turns.get_mut(i)) {
        let kind = turn.pending.event.body.kind();
        metrics::counter!(names::EVENTS, "kind" => kind, "outcome" => "duplicate").increment(1);
        turn.verdict = Verdict::Passed;
        turn.passed = true;
    }
}

fn is_unsure(done: &Result<(), CommitError>) -> bool {
    matches!(done, Err(CommitError::Unavailable(_)))
}

fn outcome(done: &Result<(), CommitError>) -> &'static str {
    match done {
        Ok(()) => "done",
        Err(CommitError::Conflict(_)) => "conflict",
        Err(CommitError::Duplicate(_) | CommitError::Gone(_)) => "duplicate",
        Err(CommitError::Unavailable(_)) => "unavailable",
        Err(CommitError::Refused(_)) => "refused",
    }
}
