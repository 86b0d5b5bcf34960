use std::fmt::Display;
use std::time::Duration;

use super::{First, Told, Turns};
use crate::event::Answer;
use crate::sentences::unfinished::UNSAVED;
use crate::store::{Commit, CommitError, Store};
use crate::telemetry::names;
use crate::time::sleep;
use crate::turns::batch::{Built, CommitBuilder};
use crate::turns::verdict::{Broken, Verdict};
use crate::turns::{Engine, Fate, Waiter};

/// So often a batch is taken again before its turns are taken one by one, and one of these before it is given back.
const TRIES: usize = 4;
/// Pauses before a commit is repeated whose answer was lost; its id tells the store.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(250)];

/// A commit that is being written.
pub(super) struct PendingWrite {
    built: Built,
    /// How often nobody knew whether it was.
    unsure: usize,
}

impl PendingWrite {
    pub fn of(built: Built) -> Self {
        Self { built, unsure: 0 }
    }

    /// Writes it, or tries once more to; `None` where it is to be tried again. It may be dropped at any time.
    async fn done(&mut self, store: &dyn Store) -> Option<Result<(), CommitError>> {
        if let Some(pause) = self.unsure.checked_sub(1).and_then(|n| PAUSES.get(n)) {
            sleep(*pause).await;
        }
        let commit = &self.built.commit;
        let done = match commit.is_empty() {
            true => Ok(()),
            false => store.commit(commit.clone()).await,
        };
        if is_unsure(&done) && self.unsure < PAUSES.len() {
            self.unsure += 1;
            return None;
        }
        Some(done)
    }
}

/// What becomes of a batch by its commit.
impl<W: Waiter> Turns<W> {
    /// Makes a commit of the batch.
    pub(super) fn build(&mut self, engine: &Engine) {
        let (now, ids) = (engine.time.now(), &engine.services.ids);
        let mut builder = CommitBuilder::new(now, ids, &engine.memberships, &self.copy);
        for (index, turn) in self.batch.iter().enumerate() {
            builder.turn(index, turn);
        }
        self.write = Some(PendingWrite::of(builder.finish()));
    }

    /// Writes the commit, or tries once more to.
    pub(super) async fn write(&mut self, engine: &Engine) {
        let Some(write) = &mut self.write else { return };
        let Some(done) = write.done(&*engine.store).await else {
            return;
        };
        let Some(PendingWrite { built, unsure }) = self.write.take() else {
            return;
        };
        if !built.commit.is_empty() {
            metrics::counter!(names::COMMITS, "outcome" => outcome(&done)).increment(1);
        }
        if done.is_err() && (unsure > 0 || is_unsure(&done)) {
            // A try may have been written all the same, whatever the last one was answered.
            self.told.push_back(Told::Unsure);
        }
        match done {
            Ok(()) => self.committed(built),
            Err(error) => self.failed(error, &built),
        }
    }

    /// After the commit: answers, and hints for others.
    fn committed(&mut self, built: Built) {
        tracing::debug!(
            events = self.events(),
            rows = rows(&built.commit),
            "a batch is committed"
        );
        let changes = self.copy.listening_changes();
        self.copy.committed();
        if !changes.is_empty() {
            self.told.push_back(Told::Listens(changes));
        }
        let (rows, cards) = (built.commit.rows, built.commit.cards);
        if !rows.is_empty() || !cards.is_empty() {
            self.told.push_back(Told::Leaves { rows, cards });
        }
        self.told.extend(built.due.map(Told::Due));
        for (turn, answer) in self.batch.drain(..).zip(built.answers) {
            let fate = match turn.verdict {
                Verdict::Again(fate) => fate,
                _ => Fate::Done,
            };
            let waiter = turn.waiter;
            let settled = Told::Settled {
                waiter,
                answer,
                fate,
            };
            self.told.push_back(settled);
        }
        self.begin();
    }

    /// The next batch begins.
    fn begin(&mut self) {
        (self.closes, self.tries) = (false, 0);
        self.singly &= !self.first.is_empty();
    }

    /// The batch isn't committed: what was started on top of it is void, too, and most of it is taken again.
    fn failed(&mut self, error: CommitError, built: &Built) {
        let (place, events) = (&self.place, self.events());
        if let Some((waiter, ..)) = self.running.take() {
            self.first.push_front(First::Event(waiter));
        }
        self.copy.reset();
        self.tries += 1;
        match error {
            CommitError::Unavailable(error) => {
                let turns = self.batch.len();
                tracing::error!(events, %place, error, turns, "a batch can't be committed");
                return self.give_back();
            }
            CommitError::Duplicate(i) => self.pass(built.turn_of_key(i)),
            CommitError::Gone(i) => self.pass(built.turn_of_job(i)),
            CommitError::Conflict(slot) => tracing::info!(events, %slot, "taking a batch again"),
            CommitError::Refused(error) if self.batch.len() == 1 => self.refuse(error),
            CommitError::Refused(error) => {
                tracing::warn!(events, %place, error, "a batch is refused; taking its turns one by one");
                self.tries = TRIES;
            }
        }
        if self.tries >= TRIES && self.singly {
            return self.give_back();
        }
        if self.tries >= TRIES {
            (self.singly, self.tries) = (true, 0);
        }
        self.closes = false;
        for turn in self.batch.drain(..).rev() {
            self.first.push_front(match turn.decided {
                true => First::Decided(turn),
                false => First::Event(turn.waiter),
            });
        }
    }

    /// Gives turns back: whoever waits is told, and posts and jobs come again.
    fn give_back(&mut self) {
        for turn in self.batch.drain(..) {
            self.told.push_back(Told::Settled {
                waiter: turn.waiter,
                answer: Answer::Refused(UNSAVED.into()),
                fate: Fate::Waits,
            });
        }
        self.begin();
    }

    /// The store will never take what this one turn made.
    fn refuse(&mut self, error: String) {
        let Some(turn) = self.batch.first() else {
            return;
        };
        let event = turn.waiter.event().clone();
        let broken = Broken {
            at: self.place.to_string(),
            reason: "commit",
            error: anyhow::anyhow!(error),
        };
        let verdict = self.broke(&event, broken);
        if let Some(turn) = self.batch.first_mut() {
            (turn.verdict, turn.decided) = (verdict, true);
        }
    }

    /// The batch's events, for the log.
    fn events(&self) -> String {
        let ids = self.batch.iter().map(|turn| turn.waiter.event().id());
        listed(ids)
    }

    /// This turn's event was handled before.
    fn pass(&mut self, index: Option<usize>) {
        if let Some(turn) = index.and_then(|index| self.batch.get_mut(index)) {
            let event = turn.waiter.event();
            tracing::debug!(event = %event.id(), "an event was handled before");
            let kind = event.body.kind();
            metrics::counter!(names::EVENTS, "kind" => kind, "outcome" => "duplicate").increment(1);
            (turn.verdict, turn.decided) = (Verdict::Passed, true);
        }
    }
}

/// A commit's rows, for the log.
fn rows(commit: &Commit) -> String {
    listed(commit.rows.iter().map(|row| &row.id))
}

fn listed(ids: impl Iterator<Item = impl Display>) -> String {
    let ids: Vec<_> = ids.map(|id| id.to_string()).collect();
    ids.join(" ")
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
