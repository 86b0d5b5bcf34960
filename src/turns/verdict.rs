use super::Fate;
use crate::event::Answer;
use crate::skill::Outcome;

/// What a turn came to, before its batch commits.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It has a state and effects.
    Done(Box<Outcome>),
    /// It changes nothing; the person reads the sentence.
    Told(String),
    /// A dialog stays open.
    Fields(Answer),
    /// Nobody wants the event, or it was handled before.
    Passed,
    /// It may go well later: a job's row stays, a post is fetched again.
    Again(Fate),
}

/// Why a turn has no verdict: the program failed.
pub(super) struct Broken {
    /// Its slot, or its place.
    pub at: String,
    /// `failure`, `panic`, `limit` or `commit`, for counters.
    pub reason: &'static str,
    /// What happened, for the log.
    pub error: anyhow::Error,
}
