use std::collections::VecDeque;

use super::course::{REMEMBERED, begin, next, over, rest};
use super::deactivated;
use super::finished::Invitation;
use super::interview::{Interview, ToInterview};
use super::past::Past;
use super::run::{Run, ToRun};
use crate::skill::{Address, Context, Turn};

pub(super) async fn told(cx: Context<Interview>, news: ToInterview) -> Turn<Interview> {
    let speaks = !matches!(news, ToInterview::Unreached);
    if speaks && deactivated::is_so(&cx).await {
        return deactivated::leaves(cx, news);
    }
    match (news, &cx.state) {
        (ToInterview::Begin(invitation), _) => begins(cx, invitation),
        (_, Interview::Idle) => cx.end(),
        (ToInterview::Over(run), _) => ends(cx, &run),
        (ToInterview::Unreached, Interview::Asking(_)) => unreached(cx),
        // All was heard; only the thanks were not.
        (ToInterview::Unreached, Interview::Answered(_) | Interview::Over(_)) => cx.keep(),
    }
}

/// A run would like to ask.
fn begins(mut cx: Context<Interview>, invitation: Invitation) -> Turn<Interview> {
    let finished = match &mut cx.state {
        Interview::Idle | Interview::Over(_) => Vec::new(),
        Interview::Answered(finished) => std::mem::take(finished),
        Interview::Asking(asking) => {
            let sentence = asking.waits(invitation);
            cx.say(sentence);
            cx.expire_after(REMEMBERED);
            return cx.keep();
        }
    };
    begin(&mut cx, invitation, VecDeque::new(), finished);
    cx.keep()
}

/// A run wants no more answers.
fn ends(mut cx: Context<Interview>, run: &Address<Run>) -> Turn<Interview> {
    match &mut cx.state {
        Interview::Idle | Interview::Over(_) => cx.keep(),
        Interview::Answered(finished) => {
            let gone = finished.iter().position(|one| one.run() == run);
            let gone = gone.map(|at| finished.remove(at));
            match gone.filter(|_| finished.is_empty()) {
                Some(last) => over(cx, Past::of(&last)),
                None => cx.keep(),
            }
        }
        Interview::Asking(asking) => {
            let (current, past) = (asking.run() == run, asking.past());
            let sentence = asking.ends(run);
            sentence.into_iter().for_each(|sentence| cx.say(sentence));
            match (current, past) {
                (true, Some(past)) => over(cx, past),
                (true, None) => next(cx),
                (false, _) => cx.keep(),
            }
        }
    }
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
