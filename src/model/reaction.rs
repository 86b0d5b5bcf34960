//! Emoji on posts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{ChannelId, Millis, PostId, UserId};
use super::lenient::maybe;

/// An emoji that somebody put on a post (`model.Reaction`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reaction {
    /// Who.
    pub user_id: UserId,
    /// On which post.
    pub post_id: PostId,
    /// The emoji's name, without colons.
    pub emoji_name: String,
    /// When.
    #[serde(default)]
    pub create_at: Millis,
    /// The post's channel; not said when the emoji is taken away.
    #[serde(default, with = "maybe")]
    pub channel_id: Option<ChannelId>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What puts an emoji on a post. One may only do so for oneself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReaction {
    /// Who.
    pub user_id: UserId,
    /// On which post.
    pub post_id: PostId,
    /// The emoji's name, without colons.
    pub emoji_name: String,
}
