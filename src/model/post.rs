//! What people see in a channel: posts, and the bodies that make and change them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{ChannelId, FileId, Millis, PostId, UserId};
use super::lenient::{empty_if_null, maybe, some_or_empty};
use super::limits::{self, FILES, LimitError, MESSAGE_CHARS};
use super::props::Props;

/// A post as the server shows it (`model.Post`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// When it was made.
    pub create_at: Millis,
    /// When anything of it changed last, a reaction or a reply included.
    #[serde(default)]
    pub update_at: Millis,
    /// When its text changed last, or 0.
    #[serde(default)]
    pub edit_at: Millis,
    /// When it was deleted, or 0.
    #[serde(default)]
    pub delete_at: Millis,
    /// Whether it is pinned to the channel.
    #[serde(default)]
    pub is_pinned: bool,
    /// Who made it.
    pub user_id: UserId,
    /// Where it is.
    pub channel_id: ChannelId,
    /// The post that its thread begins with; none if it is not a reply.
    #[serde(default, with = "maybe")]
    pub root_id: Option<PostId>,
    /// The text, in Markdown.
    #[serde(default)]
    pub message: String,
    /// Empty for what people write; `system_…`, `custom_…` and other words.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Attachments, marks and everything else.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub props: Props,
    /// The files; the key is not always there before 10.5.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_or_empty"
    )]
    pub file_ids: Option<Vec<FileId>>,
    /// What its maker called it; empty in what others see.
    #[serde(default)]
    pub pending_post_id: String,
    /// Embeds, files, reactions and priority, as they come; not there in deleted posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Post {
    /// Whether Mattermost itself made it: somebody joined, a header changed.
    pub fn is_system(&self) -> bool {
        is_system(&self.kind)
    }

    /// The first post of its thread: itself if it is not a reply.
    pub fn thread(&self) -> PostId {
        self.root_id.unwrap_or(self.id)
    }

    /// The files.
    pub fn files(&self) -> &[FileId] {
        self.file_ids.as_deref().unwrap_or_default()
    }
}

fn is_system(kind: &str) -> bool {
    kind.starts_with("system_")
}

/// The few keys of a post that decide whether anybody wants it, read without text and props.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PostHead {
    /// Its id.
    pub id: PostId,
    /// Where it is.
    pub channel_id: ChannelId,
    /// Who made it.
    pub user_id: UserId,
    /// When it was made.
    pub create_at: Millis,
    /// When anything of it changed last.
    #[serde(default)]
    pub update_at: Millis,
    /// The post that its thread begins with.
    #[serde(default, with = "maybe")]
    pub root_id: Option<PostId>,
    /// Empty for what people write.
    #[serde(rename = "type", default)]
    pub kind: String,
}

impl PostHead {
    /// Reads the head of a post's JSON.
    pub fn decode(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// Whether Mattermost itself made it.
    pub fn is_system(&self) -> bool {
        is_system(&self.kind)
    }
}

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
    /// A post of at most 16,383 characters.
    pub fn new(channel: ChannelId, message: impl Into<String>) -> Result<Self, LimitError> {
        let message = message.into();
        limits::chars("message", MESSAGE_CHARS, &message)?;
        Ok(Self {
            channel_id: channel,
            message,
            root_id: None,
            props: None,
            file_ids: None,
            pending_post_id: None,
            kind: None,
            metadata: None,
            extra: Map::new(),
        })
    }

    /// Answers in the thread of this first post.
    pub fn in_thread(self, root: PostId) -> Self {
        Self {
            root_id: Some(root),
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
    /// A text of at most 16,383 characters; the props are kept.
    pub fn new(message: impl Into<String>) -> Result<Self, LimitError> {
        let message = message.into();
        limits::chars("message", MESSAGE_CHARS, &message)?;
        Ok(Self {
            message: Some(message),
            ..Self::default()
        })
    }

    /// Replaces the props. Their size is [`Props::check`]'s to tell.
    pub fn with_props(self, props: Props) -> Self {
        Self {
            props: Some(props),
            ..self
        }
    }

    /// Says which post a PUT is for.
    pub fn of(self, post: PostId) -> Self {
        Self {
            id: Some(post),
            ..self
        }
    }

    /// Keeps these files.
    pub fn with_files(self, files: Vec<FileId>) -> Self {
        Self {
            file_ids: Some(files),
            ..self
        }
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

/// The body of `POST /posts/ephemeral`, which only system admins may send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewEphemeral {
    /// Who sees it.
    pub user_id: UserId,
    /// What they see.
    pub post: NewPost,
}

/// A page of posts: of a channel or of a thread.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PostList {
    /// The ids, newest first.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub order: Vec<PostId>,
    /// The posts, also some that `order` doesn't name (first posts of threads).
    #[serde(default, deserialize_with = "empty_if_null")]
    pub posts: BTreeMap<PostId, Post>,
    /// The post that comes after the page.
    #[serde(default, with = "maybe")]
    pub next_post_id: Option<PostId>,
    /// The post that comes before the page.
    #[serde(default, with = "maybe")]
    pub prev_post_id: Option<PostId>,
    /// Whether a thread goes on; in 11.6 only there when true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_next: Option<bool>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> ChannelId {
        ChannelId::parse("km7qshsrt7bpzg5ub4gs6wyago").unwrap()
    }

    #[test]
    fn a_message_over_the_limit_cannot_be_built() {
        assert!(NewPost::new(channel(), "ä".repeat(MESSAGE_CHARS)).is_ok());
        let error = NewPost::new(channel(), "ä".repeat(MESSAGE_CHARS + 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "message has 16384 characters, the limit is 16383"
        );
        assert_eq!(
            PostUpdate::new("ä".repeat(MESSAGE_CHARS + 1)).unwrap_err(),
            error
        );
    }

    #[test]
    fn an_eleventh_file_is_refused() {
        let file = FileId::from_bytes([7; 16]);
        let post = NewPost::new(channel(), "").unwrap();
        assert!(post.clone().with_files(vec![file; 10]).is_ok());
        let error = post.with_files(vec![file; 11]).unwrap_err();
        assert_eq!(error.to_string(), "file_ids has 11 files, the limit is 10");
    }

    #[test]
    fn a_new_post_is_written_without_what_it_does_not_have() {
        let post = NewPost::new(channel(), "hi").unwrap();
        assert_eq!(
            serde_json::to_string(&post).unwrap(),
            r#"{"channel_id":"km7qshsrt7bpzg5ub4gs6wyago","message":"hi"}"#
        );
    }

    #[test]
    fn a_head_is_read_without_the_rest() {
        let json = r#"{"id":"8opm9qx9btdnujnr5xdc9hguya","create_at":5,"user_id":
            "5tt4cgq3fjnq7dnt1qyor8y6nh","channel_id":"km7qshsrt7bpzg5ub4gs6wyago","root_id":"",
            "type":"system_join_channel","message":"x","props":{"attachments":"odd"}}"#;
        let head = PostHead::decode(json).unwrap();
        assert_eq!((head.root_id, head.create_at), (None, Millis(5)));
        assert!(head.is_system());
        let post: Post = serde_json::from_str(json).unwrap();
        assert!(post.is_system());
        assert_eq!(post.thread(), post.id);
    }
}
