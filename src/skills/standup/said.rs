use super::asking::Asking;
use super::interview::{Interview, ask, later, next, rest};
use super::{Finished, ToRun};
use crate::skill::{Context, Post, Turn, UserId, asks_help, word};

const HOW: &str = "what you write is your answer.";

/// What a person may say instead of an answer.
pub(super) enum Word {
    Help,
    Back,
    Cancel,
}

impl Word {
    /// What people are told of them.
    pub const KNOWN: &str = "Say `back` for the question before, or `cancel` if you can't make it.";

    /// The word that a post is, however it is typed.
    pub fn of(post: &Post) -> Option<Self> {
        if !post.files.is_empty() {
            return None;
        }
        Self::typed(&post.text)
    }

    /// The word that a text is.
    pub fn typed(text: &str) -> Option<Self> {
        if asks_help(text) {
            return Some(Self::Help);
        }
        match word(text).as_str() {
            "back" | "go back" | "previous" => Some(Self::Back),
            "cancel" | "stop" | "quit" | "abort" => Some(Self::Cancel),
            _ => None,
        }
    }

    /// Does what is said.
    pub fn said(self, mut cx: Context<Interview>, by: &UserId) -> Turn<Interview> {
        match (&mut cx.state, self) {
            (Interview::Idle | Interview::Over(_), _) => cx.end(),
            (Interview::Asking(asking), Self::Help) => {
                let text = format!(
                    "{} holds a standup: {HOW} {}",
                    asking.channel(),
                    Self::KNOWN
                );
                ask(&mut cx, &text);
                cx.keep()
            }
            (Interview::Asking(asking), Self::Back) => {
                let first = asking.back();
                ask(
                    &mut cx,
                    if first {
                        "This is the first question."
                    } else {
                        ""
                    },
                );
                cx.keep()
            }
            (Interview::Asking(asking), Self::Cancel) => {
                let (run, channel) = (asking.run().clone(), asking.channel());
                cx.tell(&run, ToRun::Declined(*by))?;
                let later = later(&cx, &run);
                cx.say(declined(&channel, later));
                next(cx)
            }
            (Interview::Answered(finished), word) => {
                let mut finished = std::mem::take(finished);
                match finished.pop() {
                    Some(last) => word.changes(cx, last, finished, by),
                    None => cx.end(),
                }
            }
        }
    }

    /// All is answered, and the standup is under way.
    fn changes(
        self,
        mut cx: Context<Interview>,
        last: Finished,
        mut finished: Vec<Finished>,
        by: &UserId,
    ) -> Turn<Interview> {
        let (run, channel) = (last.run().clone(), last.channel());
        match self {
            Self::Help => {
                finished.push(last);
                let known = Self::KNOWN;
                cx.say(format!(
                    "{channel} has your answers. {known} Once it is over, `help` tells what else I can do."
                ));
                rest(cx, by, finished)
            }
            Self::Back => {
                cx.tell(&run, ToRun::Reopened(*by))?;
                let mut asking = Asking::again(last, finished);
                asking.back();
                cx.state = Interview::Asking(Box::new(asking));
                ask(&mut cx, "");
                cx.keep()
            }
            Self::Cancel => {
                cx.tell(&run, ToRun::Declined(*by))?;
                let later = later(&cx, &run);
                cx.say(declined(&channel, later));
                rest(cx, by, finished)
            }
        }
    }
}

fn declined(channel: &str, later: &str) -> String {
    format!("All right: {channel} hears that you can't make it.{later}")
}
