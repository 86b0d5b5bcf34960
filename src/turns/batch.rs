use std::time::Duration;

use super::copy::WorkingCopy;
use super::joined::{joined, merged};
use super::routes::Routes;
use super::verdict::Verdict;
use super::{Memberships, Waiter};
use crate::event::{Answer, Body, CardContent, Event, Inline, JobKind, Opening, RowKind};
use crate::model::ids::Millis;
use crate::sentences::outdated;
use crate::sentences::typed::with_typed;
use crate::settings::LONGEST_DIALOG;
use crate::skill::{Change, Effects, Outcome, RowIds};
use crate::store::{Commit, TimerCancel};

/// How long the key of a post is remembered: far beyond what catching up reads again.
const POST_KEY_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a trigger is: Mattermost's own expire after 30 s.
const TRIGGER_KEY_LIFE: Duration = Duration::from_secs(600);
/// How long a dialog's nonce is: longer than any dialog's envelope.
const NONCE_KEY_LIFE: Duration = LONGEST_DIALOG.saturating_add(Duration::from_secs(24 * 3600));

/// A turn of a batch.
pub(super) struct BatchTurn<W> {
    pub waiter: W,
    pub verdict: Verdict,
    /// It isn't taken again: its event was handled before, or what it made can't be stored.
    pub decided: bool,
}

/// A commit with what is to be said after it.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub commit: Commit,
    /// One for each turn, in order.
    pub answers: Vec<Answer>,
    /// For each key of the commit, the turn it belongs to; likewise for jobs.
    pub key_turns: Vec<usize>,
    pub job_turns: Vec<usize>,
    /// When the first new job is due.
    pub due: Option<Millis>,
}

/// Makes one commit of turns.
pub(super) struct CommitBuilder<'a> {
    routes: Routes<'a>,
    copy: &'a WorkingCopy,
    built: Built,
}

impl<'a> CommitBuilder<'a> {
    /// A commit of now, of turns that this is the copy of.
    pub fn new(
        now: Millis,
        ids: &'a RowIds,
        memberships: &'a Memberships,
        copy: &'a WorkingCopy,
    ) -> Self {
        let routes = Routes {
            now,
            ids,
            memberships,
            rows: Vec::new(),
            cards: Vec::new(),
        };
        Self {
            routes,
            copy,
            built: Built::default(),
        }
    }

    /// Adds a turn. Whether its answer is inline or late is decided here.
    pub fn turn<W: Waiter>(&mut self, index: usize, turn: &BatchTurn<W>) {
        let (event, claimed) = (turn.waiter.event().as_ref(), turn.waiter.claims());
        let answer = match &turn.verdict {
            Verdict::Done(outcome) => self.done(event, outcome, claimed),
            Verdict::Told(text) => self.told(event, text, claimed),
            Verdict::Fields(answer) => self.fields(event, answer, claimed),
            Verdict::Passed | Verdict::Again(_) => Answer::silent(),
        };
        if counts(event, &turn.verdict, turn.decided)
            && let Some(key) = event.key
        {
            let until = self.key_until(&event.body);
            self.built.commit.keys.push((key, until));
            self.built.key_turns.push(index);
        }
        if let (Body::Signal { job, .. }, false) =
            (&event.body, matches!(turn.verdict, Verdict::Again(_)))
        {
            self.built.commit.consumed.push(job.clone());
            self.built.job_turns.push(index);
        }
        self.built.answers.push(answer);
    }

    /// The finished commit.
    pub fn finish(mut self) -> Built {
        let commit = &mut self.built.commit;
        commit.id = fastrand::u128(..).to_le_bytes();
        commit.now = self.routes.now;
        commit.slots = self.copy.writes();
        commit.rows = self.routes.rows;
        commit.cards = self.routes.cards;
        self.built.due = commit.jobs.iter().map(|job| job.due).min();
        self.built
    }

    fn key_until(&self, body: &Body) -> Millis {
        self.routes.now.plus(match body {
            Body::Slash(_) | Body::Click(_) => TRIGGER_KEY_LIFE,
            Body::Dialog(_) => NONCE_KEY_LIFE,
            _ => POST_KEY_LIFE,
        })
    }

    /// Rows of what is said and what goes, and what only the answer can say.
    fn says(&mut self, event: &Event, outcome: &Outcome) -> Option<Inline> {
        let mut inline = None;
        self.routes.deletions(event, outcome);
        for say in &outcome.effects.says {
            if self.routes.must_go_inline(&say.lane, event) {
                let card = CardContent {
                    text: say.draft.text.clone(),
                    ..CardContent::default()
                };
                inline = merged(inline, Inline { slot: None, card });
            } else {
                let kind = RowKind::Post(say.draft.clone());
                self.routes.row(
                    say.row.clone(),
                    say.lane.clone(),
                    kind,
                    event,
                    Some(outcome),
                );
            }
        }
        inline
    }

    fn done(&mut self, event: &Event, outcome: &Outcome, claimed: bool) -> Answer {
        let mut inline = self.says(event, outcome);
        let version = self.copy.next_version(&outcome.slot);
        let shown = self.routes.card(event, outcome, version, &mut inline);
        self.jobs(outcome);
        let (mut whisper, alert) = self.words(event, outcome);
        if claimed && has_no_whisper(&event.body) {
            whisper
                .take()
                .into_iter()
                .for_each(|text| self.routes.late(event, text));
        }
        let opening = outcome.effects.opening.clone().map(|(draft, trigger_id)| {
            Box::new(Opening {
                slot: outcome.slot.clone(),
                draft,
                trigger_id,
            })
        });
        if claimed {
            let card = shown.then(|| (outcome.slot.clone(), version));
            return Answer::Done {
                whisper,
                alert,
                inline: inline.map(Box::new),
                opening,
                card,
            };
        }
        self.routes.late_words(event, opening, whisper, alert);
        if let Some(inline) = inline {
            self.routes.late_inline(event, inline);
        }
        Answer::silent()
    }

    /// What is whispered, and what must be seen: only after a click that is another way.
    fn words(&self, event: &Event, outcome: &Outcome) -> (Option<String>, Option<String>) {
        let (whispers, alerts) = (&outcome.effects.whispers, &outcome.effects.alerts);
        match &event.body {
            Body::Click(_) => (joined(whispers), joined(alerts)),
            _ => (joined(&[&whispers[..], alerts].concat()), None),
        }
    }

    /// A sentence for the person of a turn that changes nothing.
    fn told(&mut self, event: &Event, text: &str, claimed: bool) -> Answer {
        let hooked = matches!(&event.body, Body::Post(heard) if heard.hooked);
        // All would read what an outgoing webhook is answered, so that it is only said where there
        // is no other way.
        if !claimed || hooked && self.routes.memberships.has_account() {
            self.routes
                .late_alert(event, with_typed(text.to_owned(), &event.body));
            return Answer::silent();
        }
        Answer::Refused(text.to_owned())
    }

    /// A dialog that stays open; one that has closed meanwhile is told of.
    fn fields(&mut self, event: &Event, answer: &Answer, claimed: bool) -> Answer {
        if claimed {
            return answer.clone();
        }
        if let Some(why) = answer.complaint() {
            self.routes.late_alert(event, outdated::not_accepted(&why));
        }
        Answer::silent()
    }

    fn jobs(&mut self, outcome: &Outcome) {
        let commit = &mut self.built.commit;
        for name in &outcome.effects.cancels {
            let timer = JobKind::Timer(name.clone());
            commit
                .jobs
                .retain(|job| job.slot != outcome.slot || job.kind != timer);
            commit.cancels.push(TimerCancel {
                slot: outcome.slot.clone(),
                name: name.clone(),
            });
        }
        for job in &outcome.effects.jobs {
            if matches!(job.kind, JobKind::Timer(_)) {
                commit
                    .jobs
                    .retain(|other| other.slot != job.slot || other.kind != job.kind);
            }
            commit.jobs.push(job.clone());
        }
        if outcome.change == Change::End {
            let own = |kind: &JobKind| !matches!(kind, JobKind::Mail);
            commit
                .jobs
                .retain(|job| job.slot != outcome.slot || !own(&job.kind));
        }
    }
}

impl Built {
    /// The turn whose event was handled before, by the index of its key.
    pub fn turn_of_key(&self, index: usize) -> Option<usize> {
        self.key_turns.get(index).copied()
    }

    /// The turn whose job is gone, by the job's index.
    pub fn turn_of_job(&self, index: usize) -> Option<usize> {
        self.job_turns.get(index).copied()
    }
}

/// Whether the event's key must be remembered. A turn that wrote nothing may be taken again, and
/// a dialog that stays open must be; one that was cancelled never is, whatever became of the turn.
fn counts(event: &Event, verdict: &Verdict, decided: bool) -> bool {
    if event.body.is_cancelled() {
        return !decided;
    }
    match verdict {
        Verdict::Done(outcome) => {
            outcome.change != Change::Nothing || outcome.effects != Effects::default()
        }
        Verdict::Told(_) => matches!(event.body, Body::Post(_)),
        Verdict::Fields(_) | Verdict::Passed | Verdict::Again(_) => false,
    }
}

/// Whether no answer can say something to the person alone: a dialog closes without a word, and what
/// an outgoing webhook is answered is for all.
fn has_no_whisper(body: &Body) -> bool {
    match body {
        Body::Dialog(_) => true,
        Body::Post(heard) => heard.hooked,
        _ => false,
    }
}
