//! What makes and changes posts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::ids::{ChannelId, FileId, PostId, UserId};
use crate::model::lenient::maybe;
use crate::model::limits::{self, FILES, LimitError};
use crate::model::props::Props;

/// What makes a post: the body of `POST /posts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewPost {
    /// Where it goes.
    pub channel_id: ChannelId,
    /// The text, in Markdown.
    #[serde(default)]
    pub message: String,
    /// The first post of the thread that it answers in. A reply's id is refused with 400.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub root_id: Option<PostId>,
    /// Attachments and own marks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub props: Option<Props>,
    /// Uploaded files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_ids: Option<Vec<FileId>>,
    /// Any name: while it is remembered (30 s) a second post of this name is the first one again.
    /// Not bound to the sender, so it should contain the bot's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_post_id: Option<String>,
    /// `custom_…`; `system_…` is refused.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Priority, as `{"priority":{…}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl NewPost {
    /// A post. How long its text may be is the server's to say: [`Allowed`](crate::model::allowed::Allowed).
    pub fn new(channel: ChannelId, message: impl Into<String>) -> Self {
        Self {
            channel_id: channel,
            message: message.into(),
            root_id: None,
            props: None,
            file_ids: None,
            pending_post_id: None,
            kind: None,
            metadata: None,
            extra: Map::new(),
        }
    }

    /// Answers in the thread of this first post.
    pub fn in_thread(self, root: PostId) -> Self {
        Self {
            root_id: Some(root),
            ..self
        }
    }

    /// The same in the channel itself.
    pub fn out_of_thread(self) -> Self {
        Self {
            root_id: None,
            ..self
        }
    }

    /// Adds props, at most 800,000 characters of JSON.
    pub fn with_props(self, props: Props) -> Result<Self, LimitError> {
        props.check()?;
        Ok(Self {
            props: Some(props),
            ..self
        })
    }

    /// Adds uploaded files, at most 10.
    pub fn with_files(self, files: Vec<FileId>) -> Result<Self, LimitError> {
        limits::count("file_ids", FILES, files.len(), "files")?;
        Ok(Self {
            file_ids: Some(files),
            ..self
        })
    }

    /// Names it, so that a repetition within 30 s makes no second post.
    pub fn named(self, pending_post_id: impl Into<String>) -> Self {
        Self {
            pending_post_id: Some(pending_post_id.into()),
            ..self
        }
    }
}

/// What a post becomes: a click's `update`, and the body of `PUT /posts/{id}`.
///
/// `props: None` keeps the props (in a PUT since 11.x; 10.0 wiped them), empty props clear them.
/// In both, `message` and `file_ids` are replaced: leaving them out blanks the text and detaches
/// the files.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PostUpdate {
    /// Which post; a PUT must say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<PostId>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The props: `None` = keep, empty = clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub props: Option<Props>,
    /// The files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_ids: Option<Vec<FileId>>,
    /// Whether it is pinned; a click's update leaves that as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_pinned: Option<bool>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl PostUpdate {
    /// A text; the props are kept.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            ..Self::default()
        }
    }

    /// Replaces the props, at most 800,000 characters of JSON; empty ones clear them.
    pub fn with_props(self, props: Props) -> Result<Self, LimitError> {
        props.check()?;
        Ok(Self {
            props: Some(props),
            ..self
        })
    }

    /// Keeps these files, at most 10.
    pub fn with_files(self, files: Vec<FileId>) -> Result<Self, LimitError> {
        limits::count("file_ids", FILES, files.len(), "files")?;
        Ok(Self {
            file_ids: Some(files),
            ..self
        })
    }
}

/// What of a post changes: the body of `PUT /posts/{id}/patch`. `None` keeps.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PostPatch {
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// All props at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub props: Option<Props>,
    /// The files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_ids: Option<Vec<FileId>>,
    /// Whether it is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_pinned: Option<bool>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl PostPatch {
    /// Changes the text.
    pub fn message(message: impl Into<String>) -> Self {
        Self {
            message: Some(message.into()),
            ..Self::default()
        }
    }

    /// Replaces all props, at most 800,000 characters of JSON.
    pub fn with_props(self, props: Props) -> Result<Self, LimitError> {
        props.check()?;
        Ok(Self {
            props: Some(props),
            ..self
        })
    }
}

impl From<PostUpdate> for PostPatch {
    /// The same change; what the update leaves out is kept.
    fn from(update: PostUpdate) -> Self {
        Self {
            message: update.message,
            props: update.props,
            file_ids: update.file_ids,
            is_pinned: update.is_pinned,
            extra: Map::new(),
        }
    }
}

/// The body of `POST /posts/ephemeral`, which only system admins may send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewEphemeral {
    /// Who sees it.
    pub user_id: UserId,
    /// What they see.
    pub post: NewPost,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> ChannelId {
        ChannelId::parse("km7qshsrt7bpzg5ub4gs6wyago").unwrap()
    }

    #[test]
    fn an_eleventh_file_is_refused() {
        let file = FileId::from_bytes([7; 16]);
        let post = NewPost::new(channel(), "");
        assert!(post.clone().with_files(vec![file; 10]).is_ok());
        let error = post.with_files(vec![file; 11]).unwrap_err();
        assert_eq!(error.to_string(), "file_ids has 11 files, the limit is 10");
    }

    #[test]
    fn a_new_post_is_written_without_what_it_does_not_have() {
        let post = NewPost::new(channel(), "hi");
        assert_eq!(
            serde_json::to_string(&post).unwrap(),
            r#"{"channel_id":"km7qshsrt7bpzg5ub4gs6wyago","message":"hi"}"#
        );
    }
}
