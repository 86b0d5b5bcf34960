use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::scratch::Scratch;
use super::{Effects, Errand, Failure, Live, Services, Undelivered};
use crate::event::{CardContent, Event, Slot, SlotRow};
use crate::model::ids::Millis;

/// What a handler of a skill answers to. Declared triggers feed routing and help.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// `/trigger …`; begins a slot of its own unless `here`.
    Slash {
        /// Without the slash, lower case.
        trigger: String,
        /// What comes after it, such as `"Question" "A" "B"`.
        usage: String,
        /// Whether it takes the place's own slot.
        here: bool,
    },
    /// A press of one of the card's buttons.
    Click,
    /// This dialog, submitted; begins a slot unless `here`.
    Dialog {
        /// The dialog's name.
        form: String,
        /// Whether it takes the slot that opened it.
        here: bool,
    },
    /// This dialog, cancelled.
    Cancelled {
        /// The dialog's name.
        form: String,
    },
    /// The answer to a question.
    Reply,
    /// What is said before the question is there.
    Early,
    /// A post by whom the slot listens to was edited.
    Amended,
    /// A post that matches.
    Hears {
        /// A regular expression, of the crate `regex`.
        pattern: String,
        /// Whether posts of bots and webhooks are heard, too.
        bots: bool,
    },
    /// A post that speaks to the bot and begins with this word.
    Command {
        /// The word, lower case.
        word: String,
        /// What comes after it.
        usage: String,
    },
    /// Being asked for help: `help` to the bot, or `/trigger help`.
    Help,
    /// A post in the bot's direct channel that nothing else hears.
    Otherwise,
    /// A post in a channel that mentions the bot and that nothing else hears.
    Mentioned,
    /// A timer, mail or the result of work.
    Signal,
    /// Something else that happens: `edited`, `deleted`, `reacted`, `membership`.
    Observed {
        /// Which.
        kind: &'static str,
    },
}

impl Trigger {
    /// Whether it is left out where its slot is gone, and nobody need be told.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Signal | Self::Amended | Self::Cancelled { .. })
    }

    /// Whether the handler takes a slot that is there (or starts it), not a new one.
    pub fn takes_slot(&self) -> bool {
        match self {
            Self::Slash { here, .. } | Self::Dialog { here, .. } => *here,
            Self::Click | Self::Reply | Self::Early | Self::Amended => true,
            Self::Signal | Self::Cancelled { .. } => true,
            Self::Hears { .. } | Self::Command { .. } | Self::Help => false,
            Self::Otherwise | Self::Mentioned | Self::Observed { .. } => false,
        }
    }
}

/// One turn to take.
pub struct Call {
    /// Which of the part's handlers.
    pub handler: usize,
    /// The event.
    pub event: Arc<Event>,
    /// The slot it is for; a new one's where the handler begins one.
    pub slot: Slot,
    /// The slot as it is; `None` where there is none.
    pub row: Option<SlotRow>,
    /// Its state, where the last turn left it.
    pub live: Live,
    /// The time of the turn.
    pub now: Millis,
    /// What it may use.
    pub services: Services,
}

impl Call {
    pub(crate) fn scratch(&self) -> Scratch {
        Scratch {
            event: self.event.clone(),
            slot: self.slot.clone(),
            now: self.now,
            services: self.services.clone(),
            effects: Effects::default(),
        }
    }
}

/// What becomes of a slot.
#[derive(Clone, Debug, PartialEq)]
pub enum Change<S> {
    /// It is this now.
    Keep(S),
    /// It is forgotten.
    End,
    /// It stays as it was.
    Nothing,
}

/// A turn as the engine sees it.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// Whose.
    pub slot: Slot,
    /// The state, as JSON.
    pub change: Change<Arc<str>>,
    /// The state that is kept, for the next turn.
    pub live: Live,
    /// The form of the JSON.
    pub form: u32,
    /// The card of the state that is kept.
    pub card: Option<Arc<CardContent>>,
    /// What is wanted.
    pub effects: Effects,
}

/// One state of a skill with its handlers, without its type.
pub trait Part: Send + Sync + 'static {
    /// The state's name.
    fn name(&self) -> &str;

    /// One line for the help.
    fn about(&self) -> &str;

    /// What its handlers answer to, by index.
    fn triggers(&self) -> Vec<Trigger>;

    /// What is missing in its wiring, as sentences that name the method to add.
    fn missing(&self) -> Vec<String>;

    /// Takes a turn.
    fn turn(&self, call: Call) -> BoxFuture<'static, Result<Outcome, Failure>>;

    /// The names of the slow work that it can do.
    fn works(&self) -> Vec<String>;

    /// Does slow work; the payload of the signal that its result is. `Err` is tried again, and after
    /// the last attempt [`Part::gave_up`] makes the signal.
    fn work(
        &self,
        name: &str,
        input: &str,
        errand: Errand,
    ) -> BoxFuture<'static, Result<String, String>>;

    /// The payload of the signal that tells of work that failed for good.
    fn gave_up(&self, name: &str, reason: &str) -> Option<String>;

    /// The payload of the signal that tells of what can never be posted; `None` where the skill leaves
    /// that to others.
    fn undelivered(&self, what: Undelivered) -> Option<String>;
}
