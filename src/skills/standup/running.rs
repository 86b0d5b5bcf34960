//! What is done with what a run is told, and its card.

use std::time::Duration;

use super::answer::Answer;
use super::finished::Invitation;
use super::interview::{Interview, ToInterview};
use super::round::Round;
use super::run::{Press, Run, ToRun};
use super::summing::{answered, listed, say};
use super::{Plan, ToFloor, anew, deactivated, unreached};
use crate::skill::{Address, Card, Click, Context, Failure, Person, Skill, Style, Turn, escape};
use crate::skills::rights::Right;

/// How long answers may come late, and the card is known.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn skill() -> Skill<Run> {
    Skill::card(view)
        .starting(|| Run::Planned)
        .click(press)
        .signal(told)
}

async fn press(mut cx: Context<Run>, click: Click<Press>) -> Turn<Run> {
    let Press::EndNow = click.button;
    let round = match &cx.state {
        Run::Begun(round) if !round.over => round,
        _ => return cx.refuse("This standup is over."),
    };
    let right = Right {
        owner: &round.starter,
        role: "who started it",
        deed: "end this standup",
        conversation: false,
    };
    right.check(&cx, &click.by.id, &click.channel).await?;
    deactivated::let_go(&mut cx).await?;
    finish(&mut cx).await?;
    cx.keep()
}

async fn told(mut cx: Context<Run>, signal: ToRun) -> Turn<Run> {
    deactivated::let_go_before(&mut cx, &signal).await?;
    match (signal, &mut cx.state) {
        (ToRun::Begin(plan), Run::Planned) => begin(&mut cx, *plan)?,
        (ToRun::Heard(by, answers) | ToRun::Said(by, answers), Run::Begun(round)) if round.over => {
            came_late(&mut cx, &by, &answers);
        }
        (ToRun::Heard(by, answers), Run::Begun(round)) => {
            round.hear(by, answers);
            finish_if_complete(&mut cx).await?;
        }
        (ToRun::Said(by, answers), Run::Begun(round)) => round.notes(by, answers),
        (ToRun::Reopened(by), Run::Begun(round)) if round.over => {
            let me = cx.me();
            cx.tell(&Address::<Interview>::direct(&by), ToInterview::Over(me))?;
        }
        (ToRun::Reopened(by), Run::Begun(round)) => {
            round.reopens(&by);
        }
        (ToRun::Declined(by), Run::Begun(round)) if !round.over => {
            round.declines(&by);
            finish_if_complete(&mut cx).await?;
        }
        (ToRun::Unreached(who), Run::Begun(_)) => {
            unreached::add(&mut cx, &who)?;
            finish_if_complete(&mut cx).await?;
        }
        (ToRun::Deactivated(who), Run::Begun(_)) => {
            deactivated::add(&mut cx, &who);
            finish_if_complete(&mut cx).await?;
        }
        (ToRun::Sought, Run::Begun(round)) if !round.over => cx.repost(),
        (ToRun::TellStarter, Run::Begun(_)) => unreached::tell(&mut cx),
        (ToRun::TimeIsUp, Run::Begun(round)) if !round.over => finish(&mut cx).await?,
        (_, Run::Planned) => return cx.end(),
        _ => {}
    }
    cx.keep()
}

/// Somebody has answered although it was over.
fn came_late(cx: &mut Context<Run>, by: &Person, answers: &[Answer]) {
    let Run::Begun(round) = &cx.state else {
        return;
    };
    let (starter, by) = (round.starter.id, escape(&by.name));
    let mut parts = vec![format!("**{by}** answered after the standup:")];
    parts.extend(answered(&round.questions, answers));
    cx.concerns(&starter, format!("What {by} answered to the standup"));
    say(cx, parts);
}

fn begin(cx: &mut Context<Run>, plan: Plan) -> Result<(), Failure> {
    for person in &plan.people {
        let invitation = Invitation {
            run: cx.me(),
            person: person.clone(),
            starter: plan.starter.name.clone(),
            channel: plan.channel.clone(),
            questions: plan.questions.clone(),
        };
        let interview = Address::<Interview>::direct(&person.id);
        cx.tell(&interview, ToInterview::Begin(invitation))?;
    }
    cx.at("end", plan.until, ToRun::TimeIsUp)?;
    cx.state = Run::Begun(Box::new(Round {
        floor: plan.floor,
        starter: plan.starter,
        channel: plan.channel,
        questions: plan.questions,
        missing: plan.people,
        heard: Vec::new(),
        begun: Vec::new(),
        absent: Vec::new(),
        silent: Vec::new(),
        left: Vec::new(),
        gone: Vec::new(),
        deactivated: Vec::new(),
        unreached: Vec::new(),
        untold: Vec::new(),
        over: false,
    }));
    Ok(())
}

async fn finish_if_complete(cx: &mut Context<Run>) -> Result<(), Failure> {
    match &cx.state {
        Run::Begun(round) if round.missing.is_empty() && !round.over => finish(cx).await,
        _ => Ok(()),
    }
}

/// Sums up, and tells all who wait for it.
async fn finish(cx: &mut Context<Run>) -> Result<(), Failure> {
    anew::read(cx).await;
    let me = cx.me();
    let Run::Begun(round) = &mut cx.state else {
        return Ok(());
    };
    round.over = true;
    let missing = std::mem::take(&mut round.missing);
    let silent = missing.iter().filter(|person| !round.has_begun(&person.id));
    let silent: Vec<_> = silent.cloned().collect();
    round.silent.extend(silent);
    let heard = round.heard.iter().map(|(person, _)| person);
    let asked: Vec<_> = heard
        .chain(&round.absent)
        .chain(&round.gone)
        .chain(&missing)
        .cloned()
        .collect();
    let (floor, sum_up) = (round.floor.clone(), round.sum_up());
    let starter = round.starter.id;
    let what = format!(
        "The sum-up of the standup in **{}**",
        escape(&round.channel)
    );
    for person in &asked {
        let interview = Address::<Interview>::direct(&person.id);
        cx.tell(&interview, ToInterview::Over(me.clone()))?;
    }
    cx.tell(&floor, ToFloor::Over(me))?;
    cx.cancel("end");
    cx.concerns(&starter, what);
    say(cx, sum_up);
    unreached::tell(cx);
    cx.expire_after(REMEMBERED);
    Ok(())
}

fn view(run: &Run) -> Card<Press> {
    let Run::Begun(round) = run else {
        return Card::new("A standup begins.");
    };
    let people = |of: &[(Person, Vec<Answer>)]| of.iter().map(|(p, _)| p.clone()).collect();
    let who: Vec<_> = people(&round.heard);
    // Who isn't missing any more, because it is over or they were deactivated.
    let missing = |who: &Person| round.missing.iter().any(|person| person.id == who.id);
    let mut begun = people(&round.begun);
    begun.retain(|person| !missing(person));
    let asked = [
        ("Answered", &who),
        ("Not finished", &begun),
        ("Missing", &round.missing),
    ];
    let groups = || asked.into_iter().chain(round.apart());
    let all: usize = groups().map(|(_, people)| people.len()).sum();
    let lines: Vec<_> = listed(groups()).collect();
    let over = if round.over { " It is over." } else { "" };
    let card = Card::new(format!(
        "**Standup**: {} of {all} answered.{over}",
        who.len()
    ))
    .body(lines.join("\n"))
    .footer(format!("started by {}", escape(&round.starter.name)));
    if round.over {
        return card;
    }
    card.styled("End now", Style::Danger, Press::EndNow)
}
