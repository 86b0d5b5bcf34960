//! What is done with what a person says who is asked.

use super::answer::{ANSWER_CHARS, AnswerPost, typed};
use super::course::take;
use super::edited::edited;
use super::finished::Finished;
use super::interview::{Interview, ToInterview};
use super::news::told;
use super::word::Word;
use crate::skill::{Context, Post, Skill, Turn};

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

fn part(cx: &Context<Interview>, post: &Post) -> AnswerPost {
    let files = post.files.iter().map(|id| cx.mattermost().file_link(id));
    AnswerPost {
        post: Some(post.id),
        text: typed(&post.text).to_owned(),
        files: files.collect(),
    }
}
