//! What a dialog sends.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::ids::{ChannelId, TeamId, UserId};
use crate::model::lenient::{empty_if_null, maybe};
use crate::model::word::word;

word! {
    /// What a dialog calls for.
    DialogRequestKind {
        /// It was filled in, or closed (`cancelled`).
        Submission = "dialog_submission",
        /// A field with `refresh` changed: which one is not said.
        Refresh = "refresh",
        /// A dynamic menu wants entries, see [`DialogRequest::query`].
        Lookup = "dialog_lookup",
    }
}

fn submission() -> DialogRequestKind {
    DialogRequestKind::Submission
}

/// What a dialog sends (`model.SubmitDialogRequest`). Only `user_id` is the server's word; all
/// else comes from the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DialogRequest {
    /// What it calls for.
    #[serde(rename = "type", default = "submission")]
    pub kind: DialogRequestKind,
    /// The name that the first step was given.
    #[serde(default)]
    pub callback_id: String,
    /// What the step was given; in lookups and cancels of 11.6 what the first step was given.
    #[serde(default)]
    pub state: String,
    /// Who filled it in.
    pub user_id: UserId,
    /// Where they were.
    pub channel_id: ChannelId,
    /// Their team; none in direct channels.
    #[serde(default, with = "maybe")]
    pub team_id: Option<TeamId>,
    /// The values of this and earlier steps; a key that is missing was left empty.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub submission: Map<String, Value>,
    /// Whether it was closed without an answer.
    #[serde(default)]
    pub cancelled: bool,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl DialogRequest {
    /// The value of a text field, a radio or a menu of one choice.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.submission.get(name)?.as_str()
    }

    /// What was typed into a dynamic menu.
    pub fn query(&self) -> &str {
        self.text("query").unwrap_or_default()
    }

    /// The name of the dynamic menu.
    pub fn selected_field(&self) -> Option<&str> {
        self.text("selected_field")
    }
}

/// What a client sends to `actions/dialogs/submit` and `…/lookup`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DialogSubmit {
    /// Whom the server shall call.
    #[serde(default)]
    pub url: String,
    /// What for; a submission without it.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DialogRequestKind>,
    /// The dialog's.
    #[serde(default)]
    pub callback_id: String,
    /// The dialog's.
    #[serde(default)]
    pub state: String,
    /// Overwritten by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Where the client is.
    #[serde(default, with = "maybe")]
    pub channel_id: Option<ChannelId>,
    /// The client's team.
    #[serde(default, with = "maybe")]
    pub team_id: Option<TeamId>,
    /// The values.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub submission: Map<String, Value>,
    /// Whether it was closed without an answer.
    #[serde(default)]
    pub cancelled: bool,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
