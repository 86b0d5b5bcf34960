use std::time::Duration;

use super::answer::typed;
use super::interview::ANSWER_CHARS;
use super::run::Run;
use crate::skill::{Context, PostId};
use crate::time::timeout;

/// How long a sum-up waits for it; then the answers are what was heard.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers become what their posts say now: nobody tells of what was edited or deleted while the bot was away.
pub(super) async fn read(cx: &mut Context<Run>) {
    let Run::Begun(round) = &mut cx.state else {
        return;
    };
    let posts: Vec<PostId> = round.answers().flat_map(|answer| answer.posts()).collect();
    if posts.is_empty() {
        return;
    }
    let texts = match timeout(PATIENCE, cx.mattermost().texts(&posts)).await {
        Ok(Ok(texts)) => texts,
        Ok(Err(error)) => return tracing::warn!(%error, "answers can't be read anew"),
        Err(_) => return tracing::warn!("answers can't be read anew in time"),
    };
    let fits = |text: &str| text.chars().count() <= ANSWER_CHARS;
    let Run::Begun(round) = &mut cx.state else {
        return;
    };
    for answer in round.answers() {
        for post in answer.posts().collect::<Vec<_>>() {
            match texts.get(&post).map(|text| text.as_deref().map(typed)) {
                Some(text) if text.is_none_or(fits) => drop(answer.edit(&post, text)),
                _ => {}
            }
        }
    }
}
