use crate::skill::{Post, asks_help, word};

/// What those read who have cancelled.
pub(super) const AFTER_ALL: &str = "Say `back` if you can after all.";

/// What a person may say instead of an answer.
pub(super) enum Word {
    Help,
    Back,
    Cancel,
}

impl Word {
    /// What people are told of them.
    pub const KNOWN: &str = "Say `back` for the question before, or `cancel` if you can't make it.";

    /// The word that a post is, however it is typed.
    pub fn of(post: &Post) -> Option<Self> {
        if !post.files.is_empty() {
            return None;
        }
        Self::typed(&post.text)
    }

    /// The word that a text is.
    pub fn typed(text: &str) -> Option<Self> {
        if asks_help(text) {
            return Some(Self::Help);
        }
        match word(text).as_str() {
            "back" | "go back" | "previous" => Some(Self::Back),
            "cancel" | "stop" | "quit" | "abort" => Some(Self::Cancel),
            _ => None,
        }
    }
}
