use std::collections::HashMap;
use std::time::Duration;

use super::answer::{Answer, fits, typed};
use super::round::Round;
use super::run::Run;
use super::word::Word;
use crate::skill::{Context, PostId, UserId};

/// How long a sum-up waits for it; then the answers are what was heard.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long after a failure it is tried again.
const PAUSE: Duration = Duration::from_millis(300);

/// What posts say now; `None` where one is gone.
type Texts = HashMap<PostId, Option<String>>;

/// Answers become what their posts say now: nobody tells of what was edited or deleted while the bot was away.
pub(super) async fn read(cx: &mut Context<Run>) {
    let Run::Begun(round) = &mut cx.state else {
        return;
    };
    let posts: Vec<PostId> = round.answers().flat_map(|answer| answer.posts()).collect();
    if posts.is_empty() {
        return;
    }
    let Some(texts) = cx.within(PATIENCE, texts(cx, &posts)).await else {
        return tracing::warn!("answers can't be read anew in time");
    };
    if let Run::Begun(round) = &mut cx.state {
        round.read(&texts);
    }
}

async fn texts(cx: &Context<Run>, posts: &[PostId]) -> Texts {
    loop {
        match cx.mattermost().texts(posts).await {
            Ok(texts) => return texts.into_iter().collect(),
            Err(error) => tracing::warn!(%error, "answers can't be read anew yet"),
        }
        cx.pause(PAUSE).await;
    }
}

impl Round {
    fn read(&mut self, texts: &Texts) {
        let people = self.heard.iter_mut().chain(&mut self.begun);
        let cancelled = people.filter_map(|(person, answers)| {
            let cancels = answers.iter_mut().filter_map(|answer| answer.reads(texts));
            // All are read, whichever of them has become `cancel`.
            (cancels.count() > 0).then_some(person.id)
        });
        let cancelled: Vec<UserId> = cancelled.collect();
        cancelled.iter().for_each(|who| self.declines(who));
    }
}

impl Answer {
    /// It is what its posts say now; the word, where that is `cancel`. One that has become another word is taken back.
    fn reads(&mut self, texts: &Texts) -> Option<Word> {
        for post in self.posts().collect::<Vec<_>>() {
            match texts.get(&post).map(|text| text.as_deref().map(typed)) {
                Some(text) if text.is_none_or(fits) => drop(self.edit(&post, text)),
                _ => {}
            }
        }
        match self.word()? {
            Word::Cancel => Some(Word::Cancel),
            Word::Back | Word::Help => {
                self.take_back();
                None
            }
        }
    }
}
