use super::asking::Asking;
use super::course::{ask, done, later, next, rest};
use super::finished::Finished;
use super::interview::Interview;
use super::run::{Run, ToRun};
use super::word::{AFTER_ALL, Word};
use crate::skill::{Address, Context, Failure, Turn, UserId};

const HOW: &str = "what you write is your answer.";

impl Word {
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
                let before = if first {
                    "This is the first question."
                } else {
                    ""
                };
                let (run, said) = (asking.run().clone(), asking.said());
                cx.tell(&run, said)?;
                ask(&mut cx, before);
                cx.keep()
            }
            (Interview::Asking(asking), Self::Cancel) => {
                let (run, channel) = (asking.run().clone(), asking.channel());
                asking.finish(true);
                decline(&mut cx, &run, &channel, by)?;
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
                let known = match last.declined {
                    true => format!("{channel} hears that you can't make it. {AFTER_ALL}"),
                    false => format!("{channel} has your answers. {}", Self::KNOWN),
                };
                finished.push(last);
                cx.say(format!(
                    "{known} Once it is over, `help` tells what else I can do."
                ));
                rest(cx, by, finished)
            }
            Self::Back => back(cx, last, finished),
            Self::Cancel => {
                finished.push(Finished {
                    declined: true,
                    ..last
                });
                decline(&mut cx, &run, &channel, by)?;
                rest(cx, by, finished)
            }
        }
    }
}

/// The last question is asked again, or the one that was open when the person cancelled.
fn back(cx: Context<Interview>, last: Finished, finished: Vec<Finished>) -> Turn<Interview> {
    let mut asking = Asking::again(last, finished);
    if asking.is_full() {
        asking.back();
    }
    taken_up(cx, asking)
}

/// An interview that was over goes on, with what is answered so far.
pub(super) fn taken_up(mut cx: Context<Interview>, asking: Asking) -> Turn<Interview> {
    let run = asking.run().clone();
    cx.tell(&run, ToRun::Reopened(asking.person()))?;
    cx.tell(&run, asking.said())?;
    let full = asking.is_full();
    cx.state = Interview::Asking(Box::new(asking));
    if full {
        return done(cx, "");
    }
    ask(&mut cx, "");
    cx.keep()
}

/// The run and the person hear that the person can't make it.
fn decline(
    cx: &mut Context<Interview>,
    run: &Address<Run>,
    channel: &str,
    by: &UserId,
) -> Result<(), Failure> {
    cx.tell(run, ToRun::Declined(*by))?;
    let later = later(cx, run);
    cx.say(format!(
        "All right: {channel} hears that you can't make it.{later} {AFTER_ALL}"
    ));
    Ok(())
}
