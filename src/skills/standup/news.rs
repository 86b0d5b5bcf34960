use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::deactivated;
use super::interview::{Interview, REMEMBERED, begin, next, rest};
use super::past::{Past, over};
use super::{Invitation, Run, ToRun};
use crate::skill::{Address, Context, Turn};

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

pub(super) async fn told(mut cx: Context<Interview>, news: ToInterview) -> Turn<Interview> {
    let speaks = !matches!(news, ToInterview::Unreached);
    if speaks && deactivated::is_so(&cx).await {
        return deactivated::leaves(cx, news);
    }
    match (news, &mut cx.state) {
        (ToInterview::Begin(invitation), Interview::Idle | Interview::Over(_)) => {
            begin(&mut cx, invitation, VecDeque::new(), Vec::new());
        }
        (ToInterview::Begin(invitation), Interview::Answered(finished)) => {
            let finished = std::mem::take(finished);
            begin(&mut cx, invitation, VecDeque::new(), finished);
        }
        (ToInterview::Begin(invitation), Interview::Asking(asking)) => {
            let sentence = asking.waits(invitation);
            cx.say(sentence);
            cx.expire_after(REMEMBERED);
        }
        (ToInterview::Over(_) | ToInterview::Unreached, Interview::Idle) => return cx.end(),
        (ToInterview::Over(_) | ToInterview::Unreached, Interview::Over(_)) => {}
        (ToInterview::Over(run), Interview::Answered(finished)) => {
            let gone = finished.iter().position(|one| *one.run() == run);
            let gone = gone.map(|at| finished.remove(at));
            if finished.is_empty() {
                return match gone {
                    Some(gone) => over(cx, Past::of(&gone)),
                    None => cx.end(),
                };
            }
        }
        // All was heard; only the thanks were not.
        (ToInterview::Unreached, Interview::Answered(_)) => {}
        (ToInterview::Unreached, Interview::Asking(_)) => return unreached(cx),
        (ToInterview::Over(run), Interview::Asking(asking)) => {
            let current = *asking.run() == run;
            let past = asking.past();
            let sentence = asking.ends(&run);
            sentence.into_iter().for_each(|sentence| cx.say(sentence));
            return match (current, past) {
                (true, Some(past)) => over(cx, past),
                (true, None) => next(cx),
                (false, _) => cx.keep(),
            };
        }
    }
    cx.keep()
}

/// All who ask hear that it is in vain.
fn unreached(mut cx: Context<Interview>) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.keep();
    };
    let (person, finished) = (asking.person(), std::mem::take(&mut asking.finished));
    for run in asking.runs() {
        cx.tell(&run, ToRun::Unreached(person))?;
    }
    rest(cx, &person, finished)
}
