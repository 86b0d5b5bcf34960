//! What people see in a channel: posts, and the bodies that make and change them.

mod draft; // the bodies
mod page; // as far as they can be read

pub use draft::{NewEphemeral, NewPost, PostPatch, PostUpdate};
pub use page::PostPage;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{ChannelId, FileId, Millis, PostId, UserId};
use super::lenient::{empty_if_null, maybe, some_or_empty};
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

/// A page of posts: of a channel or of a thread.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PostList {
    /// The ids, newest first. Always there, also in an empty list: any other JSON is no list.
    #[serde(deserialize_with = "empty_if_null")]
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
