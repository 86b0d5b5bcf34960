use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Run;
use super::answer::{Answer, Part, typed};
use super::asking::Asking;
use super::edited::edited;
use super::finished::{Finished, Invitation};
use super::news::{ToInterview, told};
use super::past::Past;
use super::said::Word;
use crate::skill::{Address, Context, Never, Place, Post, Skill, State, Turn, UserId, escape};
use crate::skills::poll::option::is_ignored;

pub(super) const ANSWER_CHARS: usize = 2_000;
const FILES: &str = "The channel reads a link to your file, which only you and I can open. Post the file there, too, \
    if others should see it.";
/// Longer than any run lasts; a run that is over says so.
pub(super) const REMEMBERED: Duration = Duration::from_secs(2 * 24 * 3600);

/// What a person is asked in the direct channel: by one standup at a time, others wait.
#[derive(Serialize, Deserialize)]
pub enum Interview {
    /// Nobody asks.
    Idle,
    /// A question is open.
    Asking(Box<Asking>),
    /// All are answered, and these runs are under way yet: what was said can be changed.
    Answered(Vec<Finished>),
    /// The last one is over, and may not have been read yet.
    Over(Past),
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
        .amended(edited)
        .signal(told)
        .undelivered(|_| ToInterview::Unreached)
}

async fn answer(cx: Context<Interview>, post: Post) -> Turn<Interview> {
    if let Some(word) = Word::of(&post) {
        return word.said(cx, &post.by.id);
    }
    let part = part(&cx, &post);
    take(cx, part)
}

/// Whether a text isn't too long for an answer.
pub(super) fn fits(text: &str) -> bool {
    text.chars().count() <= ANSWER_CHARS
}

/// A post answers the open question.
pub(super) fn take(mut cx: Context<Interview>, part: Part) -> Turn<Interview> {
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

/// People answer in several posts, and the next question may not be there yet. Once all are answered,
/// they may still think better of it.
async fn goes_on(mut cx: Context<Interview>, post: Post) -> Turn<Interview> {
    if let Interview::Over(past) = &cx.state {
        let sentence = past.hears(&post);
        cx.say(sentence);
        return cx.end();
    }
    if let Some(word) = Word::of(&post) {
        return word.said(cx, &post.by.id);
    }
    let part = part(&cx, &post);
    let asking = match &mut cx.state {
        Interview::Idle | Interview::Over(_) => return cx.end(),
        Interview::Answered(finished) => {
            let sentence = finished.last().map_or(String::new(), Finished::unasked);
            return cx.refuse(sentence);
        }
        Interview::Asking(asking) => asking,
    };
    let Some(last) = asking.answers.last_mut() else {
        return cx.refuse("One moment, please: I'm about to ask you something.");
    };
    if last.chars() + part.text.chars().count() > ANSWER_CHARS {
        let most = format!("That is too long: I took {ANSWER_CHARS} characters at most.");
        return cx.refuse(most);
    }
    last.add(part);
    let (run, said) = (asking.run().clone(), asking.said());
    cx.tell(&run, said)?;
    cx.keep()
}

fn part(cx: &Context<Interview>, post: &Post) -> Part {
    let files = post.files.iter().map(|id| cx.mattermost().file_link(id));
    Part {
        post: Some(post.id),
        text: typed(&post.text).to_owned(),
        files: files.collect(),
    }
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
