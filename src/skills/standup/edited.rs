use super::answer::{ANSWER_CHARS, Answer, AnswerPost, fits, typed};
use super::asking::Asking;
use super::course::take;
use super::interview::Interview;
use super::run::{Run, ToRun};
use super::said::taken_up;
use super::word::Word;
use crate::skill::{Address, Context, Observation, Observed, Place, PostId, Turn};

/// What a run is told of an edit.
type News = (Address<Run>, ToRun);

/// An answer was edited: it is what it says now. One that was deleted is none.
pub(super) async fn edited(mut cx: Context<Interview>, seen: Observation) -> Turn<Interview> {
    let (post, text) = match &seen.what {
        Observed::Edited { post, text } => (*post, Some(typed(text))),
        Observed::Deleted { post } => (*post, None),
        _ => return cx.keep(),
    };
    if let Interview::Over(past) = &cx.state {
        if !past.has(&post) {
            return cx.keep();
        }
        let sentence = past.amended();
        cx.say(sentence);
        return cx.end();
    }
    if let Some(word) = cx.state.corrected(&post, text) {
        let Place::Direct(person) = *cx.place() else {
            return cx.keep();
        };
        cx.state.edit(&post, text);
        return word.said(cx, &person);
    }
    if let Some(asking) = cx.state.take_up(&post, text) {
        return taken_up(cx, asking);
    }
    // Another word takes back what it was.
    reads(cx, &post, text.filter(|text| Word::typed(text).is_none()))
}

/// A post says this now.
fn reads(mut cx: Context<Interview>, post: &PostId, text: Option<&str>) -> Turn<Interview> {
    let Some((run, news)) = cx.state.edit(post, text) else {
        let untaken =
            matches!(&cx.state, Interview::Asking(asking) if asking.untaken == Some(*post));
        return match text.filter(|_| untaken) {
            Some(text) => take(cx, AnswerPost::of(*post, text)),
            None => cx.keep(),
        };
    };
    if !text.is_none_or(fits) {
        let most = format!(
            "That is too long: your answer stays as it was, {ANSWER_CHARS} characters at most."
        );
        return cx.refuse(most);
    }
    cx.tell(&run, news)?;
    cx.keep()
}

impl Interview {
    /// The word that an answer has become, which was mistyped. `back` is meant for the last one.
    fn corrected(&self, post: &PostId, text: Option<&str>) -> Option<Word> {
        let answers = match self {
            Self::Idle | Self::Over(_) => return None,
            Self::Asking(asking) => &asking.answers,
            Self::Answered(finished) => &finished.last()?.answers,
        };
        let is = |answer: &Answer| answer.posts().any(|one| one == *post);
        match Word::typed(text?)? {
            Word::Cancel if answers.iter().any(is) => Some(Word::Cancel),
            Word::Back | Word::Help if answers.last().is_some_and(is) => Some(Word::Back),
            _ => None,
        }
    }

    /// An interview that was cancelled, if this was the answer that had become `cancel`, and isn't any more.
    fn take_up(&mut self, post: &PostId, text: Option<&str>) -> Option<Asking> {
        let Self::Answered(finished) = self else {
            return None;
        };
        let last = finished
            .last_mut()
            .filter(|last| last.declined && text.is_some_and(fits))?;
        if !last.edit(post, text) {
            return None;
        }
        let last = finished.pop()?;
        Some(Asking::again(last, std::mem::take(finished)))
    }

    /// What a post says now that is an answer, and whom to tell of it. `None` where it is no answer.
    fn edit(&mut self, post: &PostId, text: Option<&str>) -> Option<News> {
        let finished = match self {
            Self::Idle | Self::Over(_) => return None,
            Self::Answered(finished) => finished,
            Self::Asking(asking) => {
                if asking
                    .answers
                    .iter_mut()
                    .any(|answer| answer.edit(post, text))
                {
                    return Some((asking.run().clone(), asking.said()));
                }
                &mut asking.finished
            }
        };
        finished.iter_mut().find_map(|one| {
            (one.edit(post, text) && !one.declined)
                .then(|| (one.invitation.run.clone(), one.heard()))
        })
    }
}
