use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Run, ToRun};
use crate::skill::{Address, Context, Never, Person, Place, Post, Skill, State, Turn, escape};

const ANSWER_CHARS: usize = 2_000;
/// Longer than any run lasts; a run that is over says so.
const REMEMBERED: Duration = Duration::from_secs(2 * 24 * 3600);

/// What a person is asked in the direct channel: by one standup at a time, others wait.
#[derive(Serialize, Deserialize)]
pub enum Interview {
    /// Nobody asks.
    Idle,
    /// A question is open.
    Asking(Box<Asking>),
}

/// An interview, and who waits for its end.
#[derive(Serialize, Deserialize)]
pub struct Asking {
    invitation: Invitation,
    /// The answers to the first questions; the next one is open.
    answers: Vec<String>,
    waiting: VecDeque<Invitation>,
}

/// What one run wants to know of one person.
#[derive(Clone, Serialize, Deserialize)]
pub struct Invitation {
    pub(super) run: Address<Run>,
    pub(super) person: Person,
    pub(super) starter: String,
    pub(super) channel: String,
    pub(super) questions: Vec<String>,
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

impl State for Interview {
    const NAME: &'static str = "standup.interview";
    const ASKS: bool = true;
    type Button = Never;
    type Signal = ToInterview;
}

pub(super) fn skill() -> Skill<Interview> {
    Skill::plain()
        .starting(|| Interview::Idle)
        .reply(answer)
        .early(goes_on)
        .signal(told)
        .undelivered(|_| ToInterview::Unreached)
}

async fn told(mut cx: Context<Interview>, signal: ToInterview) -> Turn<Interview> {
    match (signal, &mut cx.state) {
        (ToInterview::Begin(invitation), Interview::Idle) => {
            begin(&mut cx, invitation, VecDeque::new());
            cx.keep()
        }
        (ToInterview::Begin(invitation), Interview::Asking(asking)) => {
            let channel = invitation.channel();
            asking.waiting.push_back(invitation);
            cx.say(format!(
                "After this, {channel} would like to hear from you too."
            ));
            cx.expire_after(REMEMBERED);
            cx.keep()
        }
        (ToInterview::Over(_) | ToInterview::Unreached, Interview::Idle) => cx.end(),
        (ToInterview::Unreached, Interview::Asking(asking)) => {
            let waiting = std::mem::take(&mut asking.waiting);
            for invitation in [asking.invitation.clone()].into_iter().chain(waiting) {
                cx.tell(&invitation.run, ToRun::Unreached(invitation.person.id))?;
            }
            cx.end()
        }
        (ToInterview::Over(run), Interview::Asking(asking)) => {
            let current = asking.invitation.run == run;
            if let Some(channel) = asking.leave(&run) {
                cx.say(format!("The standup in {channel} is over."));
            }
            if current { next(cx) } else { cx.keep() }
        }
    }
}

async fn answer(mut cx: Context<Interview>, post: Post) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.end();
    };
    let text = post.text.trim();
    match text.to_lowercase().as_str() {
        "back" => {
            let first = asking.answers.pop().is_none();
            let before = if first {
                "This is the first question."
            } else {
                ""
            };
            ask(&mut cx, before);
            return cx.keep();
        }
        "cancel" => {
            let (run, channel) = (asking.invitation.run.clone(), asking.invitation.channel());
            cx.tell(&run, ToRun::Declined(post.by.id))?;
            let later = later(&cx, &run);
            cx.say(format!(
                "All right: {channel} hears that you can't make it.{later}"
            ));
            return next(cx);
        }
        "" => ask(&mut cx, "Please answer in words."),
        _ if text.chars().count() > ANSWER_CHARS => {
            let most = format!("That is too long: please use {ANSWER_CHARS} characters at most.");
            ask(&mut cx, &most);
        }
        _ => {
            asking.answers.push(text.to_owned());
            if asking.answers.len() == asking.invitation.questions.len() {
                return done(cx);
            }
            ask(&mut cx, "");
        }
    }
    cx.keep()
}

/// People answer in several posts, and the next question may not be there yet.
async fn goes_on(mut cx: Context<Interview>, post: Post) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.end();
    };
    let Some(last) = asking.answers.last_mut() else {
        return cx.refuse("One moment, please: I'm about to ask you something.");
    };
    let text = format!("{last}\n{}", post.text.trim());
    if text.chars().count() > ANSWER_CHARS {
        let most = format!("That is too long: I took {ANSWER_CHARS} characters at most.");
        return cx.refuse(most);
    }
    *last = text;
    cx.keep()
}

/// All questions are answered.
fn done(mut cx: Context<Interview>) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.end();
    };
    let answers = std::mem::take(&mut asking.answers);
    let heard = ToRun::Heard(asking.invitation.person.clone(), answers);
    let (run, channel) = (asking.invitation.run.clone(), asking.invitation.channel());
    cx.tell(&run, heard)?;
    let later = later(&cx, &run);
    cx.say(format!("Thank you! {channel} will read it.{later}"));
    next(cx)
}

/// What is added to a promise where the channel can't be posted in.
fn later(cx: &Context<Interview>, run: &Address<Run>) -> &'static str {
    match &run.slot().place {
        Place::Channel(channel) if !cx.mattermost().is_in(channel) => {
            " That will be when I'm back there: just now I can't post in it."
        }
        _ => "",
    }
}

/// The next one who waits asks; without one the interview is over.
fn next(mut cx: Context<Interview>) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.end();
    };
    let Some(invitation) = asking.waiting.pop_front() else {
        return cx.end();
    };
    let waiting = std::mem::take(&mut asking.waiting);
    begin(&mut cx, invitation, waiting);
    cx.keep()
}

fn begin(cx: &mut Context<Interview>, invitation: Invitation, waiting: VecDeque<Invitation>) {
    let intro = format!(
        "{} holds a standup, started by {}. Say `back` for the question before, or `cancel` if \
         you can't make it.",
        invitation.channel(),
        escape(&invitation.starter)
    );
    cx.state = Interview::Asking(Box::new(Asking {
        invitation,
        answers: Vec::new(),
        waiting,
    }));
    ask(cx, &intro);
}

/// Asks the question that is open, after a sentence of its own if there is one.
fn ask(cx: &mut Context<Interview>, before: &str) {
    let Interview::Asking(asking) = &cx.state else {
        return;
    };
    let (n, questions) = (asking.answers.len(), &asking.invitation.questions);
    let question = questions.get(n).map_or("", String::as_str);
    let gap = if before.is_empty() { "" } else { "\n\n" };
    let text = format!("{before}{gap}({}/{}) {question}", n + 1, questions.len());
    let person = asking.invitation.person.id;
    cx.ask(&person, text);
    cx.expire_after(REMEMBERED);
}

impl Asking {
    /// Who asks.
    pub fn run(&self) -> &Address<Run> {
        &self.invitation.run
    }

    /// A run is over; its channel's name if it asked or waited to.
    fn leave(&mut self, run: &Address<Run>) -> Option<String> {
        if self.invitation.run == *run {
            return Some(self.invitation.channel());
        }
        let at = self.waiting.iter().position(|other| other.run == *run)?;
        self.waiting
            .remove(at)
            .map(|invitation| invitation.channel())
    }
}

impl Invitation {
    /// The channel's name, bold.
    fn channel(&self) -> String {
        format!("**{}**", escape(&self.channel))
    }
}
