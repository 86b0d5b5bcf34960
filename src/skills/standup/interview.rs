use serde::{Deserialize, Serialize};

use super::asking::Asking;
use super::finished::{Finished, Invitation};
use super::past::Past;
use super::run::Run;
use crate::skill::{Address, Never, State};

/// What a person is asked in the direct channel: by one standup at a time, others wait.
#[derive(Serialize, Deserialize)]
pub enum Interview {
    /// Nobody asks.
    Idle,
    /// A question is open.
    Asking(Box<Asking>),
    /// All are answered, and these runs are under way yet: what was said can be changed.
    Answered(Vec<Finished>),
    /// The last one is over, and may not have been read yet.
    Over(Past),
}

impl State for Interview {
    const NAME: &'static str = "standup.interview";
    const ASKS: bool = true;
    type Button = Never;
    type Signal = ToInterview;
}

/// What an interview is told by runs.
#[derive(Serialize, Deserialize)]
pub enum ToInterview {
    /// Ask this, now or after others.
    Begin(Invitation),
    /// This run wants no more answers.
    Over(Address<Run>),
    /// The person can't be written to.
    Unreached,
}
