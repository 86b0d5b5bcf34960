use std::collections::HashMap;
use std::time::Duration;

use super::course::left;
use super::interview::{Interview, ToInterview};
use super::past::Past;
use super::run::{Run, ToRun};
use crate::skill::{Context, Failure, Place, Turn, UserId};

/// A standup doesn't wait longer to see who is in use: who can't be seen is asked, and waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What ends a standup, or may end it, doesn't wait for those who were deactivated.
pub(super) async fn let_go_before(cx: &mut Context<Run>, signal: &ToRun) -> Result<(), Failure> {
    match signal {
        ToRun::Heard(..) | ToRun::Declined(_) | ToRun::TimeIsUp => let_go(cx).await,
        _ => Ok(()),
    }
}

/// Nobody waits for those who were deactivated or have left the channel meanwhile, and they aren't absent. They may be
/// back before it is over: what they say then counts.
pub(super) async fn let_go(cx: &mut Context<Run>) -> Result<(), Failure> {
    let Place::Channel(channel) = *cx.place() else {
        return Ok(());
    };
    if !matches!(&cx.state, Run::Begun(round) if !round.over && !round.missing.is_empty()) {
        return Ok(());
    }
    let members = cx.within(PATIENCE, cx.mattermost().members(&channel)).await;
    let Some(Ok(members)) = members else {
        return Ok(());
    };
    let here = members
        .into_iter()
        .map(|member| (member.person.id, member.active));
    let here: HashMap<_, _> = here.collect();
    let Run::Begun(round) = &mut cx.state else {
        return Ok(());
    };
    let missing = std::mem::take(&mut round.missing).into_iter();
    let (gone, missing): (Vec<_>, _) =
        missing.partition(|person| here.get(&person.id) != Some(&true));
    round.missing = missing;
    // What others have said stays in the sum-up, as not finished.
    let silent = gone.iter().filter(|person| !round.has_begun(&person.id));
    let (left, deactivated): (Vec<_>, Vec<_>) = silent
        .cloned()
        .partition(|person| !here.contains_key(&person.id));
    round.left.extend(left);
    round.deactivated.extend(deactivated);
    round.gone.extend(gone);
    Ok(())
}

/// A person who was to be asked next was deactivated.
pub(super) fn add(cx: &mut Context<Run>, who: &UserId) {
    let Run::Begun(round) = &mut cx.state else {
        return;
    };
    let list = if round.over {
        &mut round.silent
    } else {
        &mut round.missing
    };
    if let Some(at) = list.iter().position(|person| person.id == *who) {
        let person = list.remove(at);
        if !round.has_begun(who) {
            round.deactivated.push(person);
        }
    }
}

/// Whether this interview's person is deactivated.
pub(super) async fn is_so(cx: &Context<Interview>) -> bool {
    let Place::Direct(person) = cx.place() else {
        return false;
    };
    let found = cx.within(PATIENCE, cx.mattermost().user(person)).await;
    matches!(found, Some(Ok(member)) if !member.active)
}

/// Says nothing more to a person who is deactivated; all who ask hear of it.
pub(super) fn leaves(mut cx: Context<Interview>, news: ToInterview) -> Turn<Interview> {
    let Place::Direct(person) = *cx.place() else {
        return cx.keep();
    };
    let (mut runs, past) = match &mut cx.state {
        Interview::Asking(asking) => {
            let past = Past::new(&asking.invitation, &asking.answers);
            (asking.runs(), Some(past))
        }
        Interview::Answered(finished) => (Vec::new(), finished.last().map(Past::of)),
        Interview::Idle => (Vec::new(), None),
        Interview::Over(past) => (Vec::new(), Some(past.clone())),
    };
    match news {
        ToInterview::Begin(invitation) => runs.push(invitation.run),
        ToInterview::Over(over) => runs.retain(|run| *run != over),
        ToInterview::Unreached => {}
    }
    for run in runs {
        cx.tell(&run, ToRun::Deactivated(person))?;
    }
    match past {
        Some(past) => left(cx, past),
        None => cx.end(),
    }
}
