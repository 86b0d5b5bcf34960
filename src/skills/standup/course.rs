//! The course of an interview: question by question, one standup after the other.

use std::collections::VecDeque;
use std::time::Duration;

use super::answer::{ANSWER_CHARS, Answer, AnswerPost, fits};
use super::asking::Asking;
use super::finished::{Finished, Invitation};
use super::interview::Interview;
use super::past::Past;
use super::run::Run;
use super::word::Word;
use crate::skill::{Address, Context, Place, Turn, UserId, escape};
use crate::skills::poll::option::is_ignored;

const FILES: &str = "The channel reads a link to your file, which only you and I can open. Post the file there, too, \
    if others should see it.";
/// Longer than any run lasts; a run that is over says so.
pub(super) const REMEMBERED: Duration = Duration::from_secs(2 * 24 * 3600);
/// How long what a person says may be meant for a standup that is over.
const LINGERS: Duration = Duration::from_secs(3600);

/// A post answers the open question.
pub(super) fn take(mut cx: Context<Interview>, part: AnswerPost) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.end();
    };
    asking.untaken = part.post;
    let unseen = |letter: char| letter.is_whitespace() || is_ignored(letter);
    if part.text.chars().all(unseen) && part.files.is_empty() {
        ask(&mut cx, "Please answer in words.");
        return cx.keep();
    }
    if !fits(&part.text) {
        let most = format!("That is too long: please use {ANSWER_CHARS} characters at most.");
        ask(&mut cx, &most);
        return cx.keep();
    }
    asking.untaken = None;
    let before = if part.files.is_empty() { "" } else { FILES };
    let mut answer = Answer::default();
    answer.add(part);
    asking.answers.push(answer);
    if asking.is_full() {
        return done(cx, before);
    }
    let said = asking.said();
    let run = asking.run().clone();
    cx.tell(&run, said)?;
    ask(&mut cx, before);
    cx.keep()
}

/// All questions are answered.
pub(super) fn done(mut cx: Context<Interview>, before: &str) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.end();
    };
    let (run, channel, heard) = (asking.run().clone(), asking.channel(), asking.heard());
    asking.finish(false);
    cx.tell(&run, heard)?;
    let later = later(&cx, &run);
    let gap = if before.is_empty() { "" } else { "\n\n" };
    cx.say(format!(
        "{before}{gap}Thank you! {channel} will read it.{later}"
    ));
    next(cx)
}

/// What is added to a promise where the channel can't be posted in.
pub(super) fn later(cx: &Context<Interview>, run: &Address<Run>) -> &'static str {
    match &run.slot().place {
        Place::Channel(channel) if !cx.mattermost().is_in(channel) => {
            " That will be when I'm back there: just now I can't post in it."
        }
        _ => "",
    }
}

/// The next one who waits asks; without one the interview is over, or can still be changed.
pub(super) fn next(mut cx: Context<Interview>) -> Turn<Interview> {
    let Interview::Asking(asking) = &mut cx.state else {
        return cx.end();
    };
    let finished = std::mem::take(&mut asking.finished);
    let person = asking.invitation.person.id;
    if let Some(invitation) = asking.waiting.pop_front() {
        let waiting = std::mem::take(&mut asking.waiting);
        begin(&mut cx, invitation, waiting, finished);
        return cx.keep();
    }
    rest(cx, &person, finished)
}

/// Nothing is asked any more.
pub(super) fn rest(
    mut cx: Context<Interview>,
    person: &UserId,
    finished: Vec<Finished>,
) -> Turn<Interview> {
    if finished.is_empty() {
        return cx.end();
    }
    cx.state = Interview::Answered(finished);
    cx.heed(person);
    cx.expire_after(REMEMBERED);
    cx.keep()
}

pub(super) fn begin(
    cx: &mut Context<Interview>,
    invitation: Invitation,
    waiting: VecDeque<Invitation>,
    finished: Vec<Finished>,
) {
    let intro = format!(
        "{} holds a standup, started by {}. {}",
        invitation.channel(),
        escape(&invitation.starter),
        Word::KNOWN
    );
    cx.state = Interview::Asking(Box::new(Asking {
        invitation,
        answers: Vec::new(),
        untaken: None,
        waiting,
        finished,
    }));
    ask(cx, &intro);
}

/// Asks the question that is open, after a sentence of its own if there is one.
pub(super) fn ask(cx: &mut Context<Interview>, before: &str) {
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

/// Nobody asks this person any more.
pub(super) fn over(cx: Context<Interview>, past: Past) -> Turn<Interview> {
    lasts(cx, past, LINGERS)
}

/// The same for a person who was deactivated: they read the question when they come back.
pub(super) fn left(cx: Context<Interview>, past: Past) -> Turn<Interview> {
    lasts(cx, past, REMEMBERED)
}

fn lasts(mut cx: Context<Interview>, past: Past, how_long: Duration) -> Turn<Interview> {
    let Place::Direct(person) = *cx.place() else {
        return cx.end();
    };
    cx.state = Interview::Over(past);
    cx.heed(&person);
    cx.expire_after(how_long);
    cx.keep()
}
