use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::finished::{Finished, Invitation};
use super::past::Past;
use super::run::{Run, ToRun};
use crate::skill::{Address, PostId, UserId};

/// An interview, and who waits for its end.
#[derive(Serialize, Deserialize)]
pub struct Asking {
    pub(super) invitation: Invitation,
    /// The answers to the first questions; the next one is open.
    pub(super) answers: Vec<Answer>,
    /// A post that was too long for the open question, or whose answer was taken back: once it is edited, it
    /// answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) untaken: Option<PostId>,
    pub(super) waiting: VecDeque<Invitation>,
    /// Those that went before, while their runs are under way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) finished: Vec<Finished>,
}

impl Asking {
    /// Who asks.
    pub fn run(&self) -> &Address<Run> {
        &self.invitation.run
    }

    /// The name of its channel, bold.
    pub(super) fn channel(&self) -> String {
        self.invitation.channel()
    }

    /// All that is answered.
    pub(super) fn heard(&self) -> ToRun {
        ToRun::Heard(self.invitation.person.clone(), self.answers.clone())
    }

    /// What is answered so far.
    pub(super) fn said(&self) -> ToRun {
        ToRun::Said(self.invitation.person.clone(), self.answers.clone())
    }

    /// The last answer is taken back; whether there was none.
    pub(super) fn back(&mut self) -> bool {
        let last = self.answers.pop();
        self.untaken = last.as_ref().and_then(|answer| answer.posts().last());
        last.is_none()
    }

    /// One that was finished goes on, before these that were, too.
    pub(super) fn again(one: Finished, finished: Vec<Finished>) -> Self {
        let mut answers = one.answers;
        // What has become `cancel` is no answer.
        answers.pop_if(|last| last.word().is_some());
        Self {
            invitation: one.invitation,
            answers,
            untaken: None,
            waiting: VecDeque::new(),
            finished,
        }
    }

    /// It asks no more, and can be taken up again as long as its run is under way.
    pub(super) fn finish(&mut self, declined: bool) {
        self.finished.push(Finished {
            invitation: self.invitation.clone(),
            answers: std::mem::take(&mut self.answers),
            declined,
        });
    }

    /// Whether all questions are answered.
    pub(super) fn is_full(&self) -> bool {
        self.answers.len() >= self.invitation.questions.len()
    }

    /// Whom it asks.
    pub fn person(&self) -> UserId {
        self.invitation.person.id
    }

    /// Who asks, and who waits to.
    pub fn runs(&self) -> Vec<Address<Run>> {
        let all = std::iter::once(&self.invitation).chain(&self.waiting);
        all.map(|invitation| invitation.run.clone()).collect()
    }

    /// What is left of it once its run is over, if it is the last one.
    pub(super) fn past(&self) -> Option<Past> {
        let last = self.waiting.is_empty() && self.finished.is_empty();
        last.then(|| Past::new(&self.invitation, &self.answers))
    }

    /// Another standup asks after this one; what the person reads of it.
    pub fn waits(&mut self, invitation: Invitation) -> String {
        let channel = invitation.channel();
        self.waiting.push_back(invitation);
        format!("After this, {channel} would like to hear from you too.")
    }

    /// A run is over: what the person reads of it, if it asked or waited to.
    pub fn ends(&mut self, run: &Address<Run>) -> Option<String> {
        let there = match *self.run() == *run && !self.answers.is_empty() {
            true => " What you have answered is in its sum-up.",
            false => "",
        };
        let channel = self.leave(run)?;
        Some(format!("The standup in {channel} is over.{there}"))
    }

    /// A run is over; its channel's name if it asked or waited to.
    pub fn leave(&mut self, run: &Address<Run>) -> Option<String> {
        self.finished.retain(|one| one.run() != run);
        if self.invitation.run == *run {
            return Some(self.invitation.channel());
        }
        let at = self.waiting.iter().position(|other| other.run == *run)?;
        self.waiting
            .remove(at)
            .map(|invitation| invitation.channel())
    }
}
