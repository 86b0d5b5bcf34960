//! The registration of webhooks.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::ids::{ChannelId, HookId, TeamId, UserId};
use crate::model::lenient::{empty_if_null, maybe};
use crate::model::token::Token;
use crate::model::word::word;

word! {
    /// What an outgoing webhook sends.
    ContentType {
        /// A form, with the time in seconds.
        Form = "application/x-www-form-urlencoded",
        /// JSON, with the time in milliseconds.
        Json = "application/json",
    }
}

/// A registered outgoing webhook (`model.OutgoingWebhook`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutgoingHook {
    /// Its id.
    pub id: HookId,
    /// What it proves itself with.
    pub token: Token,
    /// Who made it.
    pub creator_id: UserId,
    /// Its team.
    pub team_id: TeamId,
    /// Its channel; none is any public channel, which needs words.
    #[serde(default, with = "maybe")]
    pub channel_id: Option<ChannelId>,
    /// The first words that fire it.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub trigger_words: Vec<String>,
    /// 0: the first word is one of them; 1: it starts with one.
    #[serde(default)]
    pub trigger_when: i64,
    /// Whom it calls, all at once.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub callback_urls: Vec<String>,
    /// What it sends; a form if it is empty.
    pub content_type: ContentType,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What makes an outgoing webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOutgoingHook {
    /// Its team.
    pub team_id: TeamId,
    /// Its channel.
    #[serde(default, with = "maybe")]
    pub channel_id: Option<ChannelId>,
    /// Its name in lists.
    #[serde(default)]
    pub display_name: String,
    /// The first words that fire it.
    #[serde(default)]
    pub trigger_words: Vec<String>,
    /// 0: the first word is one of them; 1: it starts with one.
    #[serde(default)]
    pub trigger_when: i64,
    /// Whom it calls.
    pub callback_urls: Vec<String>,
    /// What it sends.
    #[serde(default = "form")]
    pub content_type: ContentType,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn form() -> ContentType {
    ContentType::Form
}

/// A registered incoming webhook (`model.IncomingWebhook`). Its id is the whole secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingHook {
    /// Its id, the last part of its address.
    pub id: HookId,
    /// Who made it and therefore posts.
    pub user_id: UserId,
    /// Where it posts by default.
    pub channel_id: ChannelId,
    /// Its team.
    pub team_id: TeamId,
    /// Whether it posts nowhere else.
    #[serde(default)]
    pub channel_locked: bool,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What makes an incoming webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewIncomingHook {
    /// Where it posts by default.
    pub channel_id: ChannelId,
    /// Its name in lists.
    #[serde(default)]
    pub display_name: String,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
