use serde::{Deserialize, Serialize};

use super::Plan;
use super::answer::Answer;
use super::round::Round;
use crate::skill::{Person, State, UserId};

/// One standup in a channel.
#[derive(Serialize, Deserialize)]
pub enum Run {
    /// Before it is told whom to ask.
    Planned,
    /// Answers come in, or have.
    Begun(Box<Round>),
}

/// A run's button.
#[derive(Serialize, Deserialize)]
pub enum Press {
    /// By who started it.
    EndNow,
}

/// What a run is told.
#[derive(Serialize, Deserialize)]
pub enum ToRun {
    /// By its floor.
    Begin(Box<Plan>),
    /// A person has answered all questions, or has edited an answer.
    Heard(Person, Vec<Answer>),
    /// The same of the first questions.
    Said(Person, Vec<Answer>),
    /// A person answers once more.
    Reopened(UserId),
    /// A person has cancelled the interview.
    Declined(UserId),
    /// A person can't be written to.
    Unreached(UserId),
    /// A person isn't asked, as they were deactivated.
    Deactivated(UserId),
    /// The starter is to hear who can't be written to.
    TellStarter,
    /// The time limit is reached.
    TimeIsUp,
    /// Somebody would like to see the card, which may have scrolled away.
    Sought,
}

impl State for Run {
    const NAME: &'static str = "standup.run";
    type Button = Press;
    type Signal = ToRun;
}
