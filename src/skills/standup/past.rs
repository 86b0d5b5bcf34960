use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::finished::{Finished, Invitation};
use super::word::Word;
use crate::skill::{Post, PostId};

/// A standup that is over, for a person whom it asked: what they say or edit for it yet is answered
/// once, so that nobody takes it for heard.
#[derive(Clone, Serialize, Deserialize)]
pub struct Past {
    /// The channel's name, bold.
    channel: String,
    /// Their answers' posts.
    posts: Vec<PostId>,
}

impl Past {
    pub(super) fn new(invitation: &Invitation, answers: &[Answer]) -> Self {
        let posts = answers.iter().flat_map(Answer::posts);
        Self {
            channel: invitation.channel(),
            posts: posts.collect(),
        }
    }

    pub(super) fn of(finished: &Finished) -> Self {
        Self::new(&finished.invitation, &finished.answers)
    }

    /// Whether this is an answer's post.
    pub(super) fn has(&self, post: &PostId) -> bool {
        self.posts.contains(post)
    }

    /// What a person reads who says something.
    pub(super) fn hears(&self, post: &Post) -> String {
        let over = format!("The standup in {} is over", self.channel);
        match Word::of(post) {
            None => format!(
                "{over}, so this isn't in its sum-up. Post it there if others should read it."
            ),
            Some(Word::Help) => {
                format!("{over}. Say `help` once more for what else I can do.")
            }
            Some(Word::Back | Word::Cancel) => format!("{over}."),
        }
    }

    /// What a person reads who edits or deletes an answer.
    pub(super) fn amended(&self) -> String {
        format!(
            "The standup in {} is over: its sum-up stays as it was.",
            self.channel
        )
    }
}
