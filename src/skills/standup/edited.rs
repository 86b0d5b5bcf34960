use super::interview::{ANSWER_CHARS, Interview};
use super::{Run, ToRun};
use crate::skill::{Address, Context, Observation, Observed, PostId, Turn};

/// What a run is told of an edit.
type News = (Address<Run>, ToRun);

/// An answer was edited: it is what it says now.
pub(super) async fn edited(mut cx: Context<Interview>, seen: Observation) -> Turn<Interview> {
    let Observed::Edited { post, text } = seen.what else {
        return cx.keep();
    };
    let text = text.trim();
    let Some(run) = cx.state.edit(&post, text) else {
        return cx.keep();
    };
    if text.chars().count() > ANSWER_CHARS {
        let most = format!(
            "That is too long: your answer stays as it was, {ANSWER_CHARS} characters at most."
        );
        return cx.refuse(most);
    }
    if let Some((run, heard)) = run {
        cx.tell(&run, heard)?;
    }
    cx.keep()
}

impl Interview {
    /// What a post says now that is an answer: whom to tell of it, if that is under way. `None` where
    /// it is no answer.
    fn edit(&mut self, post: &PostId, text: &str) -> Option<Option<News>> {
        let finished = match self {
            Self::Idle => return None,
            Self::Answered(finished) => finished,
            Self::Asking(asking) => {
                if asking
                    .answers
                    .iter_mut()
                    .any(|answer| answer.edit(post, text))
                {
                    return Some(None);
                }
                &mut asking.finished
            }
        };
        let changed = finished.iter_mut().find_map(|one| {
            one.edit(post, text)
                .then(|| (one.invitation.run.clone(), one.heard()))
        });
        changed.map(Some)
    }
}
