use std::time::Duration;

use super::run::{Run, ToRun};
use super::summing::names;
use crate::skill::{Context, Failure, UserId, escape};

/// How long it is gathered who can't be written to, so that the starter reads it at once.
const GATHERS: Duration = Duration::from_secs(30);

/// A person can't be written to: nobody waits for them, and they aren't absent.
pub(super) fn add(cx: &mut Context<Run>, who: &UserId) -> Result<(), Failure> {
    let Run::Begun(round) = &mut cx.state else {
        return Ok(());
    };
    let over = round.over;
    let list = if over {
        &mut round.silent
    } else {
        &mut round.missing
    };
    let Some(at) = list.iter().position(|person| person.id == *who) else {
        return Ok(());
    };
    let person = list.remove(at);
    round.unreached.push(person.clone());
    round.untold.push(person);
    if over {
        tell(cx);
        return Ok(());
    }
    cx.after("unreached", GATHERS, ToRun::TellStarter)?;
    Ok(())
}

/// Tells the starter who can't be written to, unless they know.
pub(super) fn tell(cx: &mut Context<Run>) {
    let Run::Begun(round) = &mut cx.state else {
        return;
    };
    let untold = std::mem::take(&mut round.untold);
    let (starter, channel) = (round.starter.id, escape(&round.channel));
    cx.cancel("unreached");
    if !untold.is_empty() {
        let names = names(&untold);
        cx.say_to(
            &starter,
            format!("For the standup of **{channel}** I couldn't ask: {names}. Mattermost doesn't let me write to them."),
        );
    }
}
