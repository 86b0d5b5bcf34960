use std::collections::HashSet;
use std::time::Duration;

use super::run::finish_if_complete;
use super::{Interview, Run, ToInterview, ToRun};
use crate::skill::{Address, Context, Failure, Place, Turn, UserId};
use crate::time::timeout;

/// A standup doesn't wait longer to see who is in use: who can't be seen is asked, and waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What ends a standup, or may end it, doesn't wait for those who were deactivated.
pub(super) async fn let_go_before(cx: &mut Context<Run>, signal: &ToRun) -> Result<(), Failure> {
    match signal {
        ToRun::Heard(..) | ToRun::Declined(_) | ToRun::TimeIsUp => let_go(cx).await,
        _ => Ok(()),
    }
}

/// Nobody waits for those who were deactivated meanwhile, and they aren't absent.
pub(super) async fn let_go(cx: &mut Context<Run>) -> Result<(), Failure> {
    let Place::Channel(channel) = *cx.place() else {
        return Ok(());
    };
    if !matches!(&cx.state, Run::Begun(round) if !round.over && !round.missing.is_empty()) {
        return Ok(());
    }
    let members = timeout(PATIENCE, cx.mattermost().members(&channel)).await;
    let Ok(Ok(members)) = members else {
        return Ok(());
    };
    let unused = members.into_iter().filter(|member| !member.active);
    let unused: HashSet<_> = unused.map(|member| member.person.id).collect();
    let Run::Begun(round) = &mut cx.state else {
        return Ok(());
    };
    let missing = std::mem::take(&mut round.missing).into_iter();
    let (gone, missing): (Vec<_>, _) = missing.partition(|person| unused.contains(&person.id));
    round.missing = missing;
    // What others have said stays in the sum-up, as not finished.
    let silent = gone.iter().filter(|person| !round.has_begun(&person.id));
    let silent: Vec<_> = silent.cloned().collect();
    round.deactivated.extend(silent);
    let me = cx.me();
    for person in gone {
        let interview = Address::<Interview>::direct(&person.id);
        cx.tell(&interview, ToInterview::Over(me.clone()))?;
    }
    Ok(())
}

/// A person who was to be asked next was deactivated.
pub(super) async fn add(cx: &mut Context<Run>, who: &UserId) -> Result<(), Failure> {
    let Run::Begun(round) = &mut cx.state else {
        return Ok(());
    };
    let list = if round.over {
        &mut round.absent
    } else {
        &mut round.missing
    };
    if let Some(at) = list.iter().position(|person| person.id == *who) {
        let person = list.remove(at);
        if !round.has_begun(who) {
            round.deactivated.push(person);
        }
    }
    finish_if_complete(cx).await
}

/// Whether this interview's person is deactivated.
pub(super) async fn is_so(cx: &Context<Interview>) -> bool {
    let Place::Direct(person) = cx.place() else {
        return false;
    };
    let found = timeout(PATIENCE, cx.mattermost().user(person)).await;
    matches!(found, Ok(Ok(member)) if !member.active)
}

/// Says nothing more to a person who is deactivated; all who ask hear of it.
pub(super) fn leaves(mut cx: Context<Interview>, news: ToInterview) -> Turn<Interview> {
    let Place::Direct(person) = *cx.place() else {
        return cx.keep();
    };
    let mut runs = match &cx.state {
        Interview::Asking(asking) => asking.runs(),
        Interview::Idle | Interview::Answered(_) => Vec::new(),
    };
    match news {
        ToInterview::Begin(invitation) => runs.push(invitation.run),
        ToInterview::Over(over) => runs.retain(|run| *run != over),
        ToInterview::Unreached => {}
    }
    for run in runs {
        cx.tell(&run, ToRun::Deactivated(person))?;
    }
    cx.end()
}
