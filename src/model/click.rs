//! The call that a button or menu makes, and its answer.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::action::{ActionKind, DataSource};
use super::ids::{ChannelId, PostId, TeamId, UserId};
use super::lenient::{empty_if_null, maybe};
use super::post::PostUpdate;

/// What Mattermost sends to `integration.url` (`model.PostActionIntegrationRequest`). Nothing in
/// it proves who calls, and a client chooses `selected_option` freely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRequest {
    /// Who clicked.
    pub user_id: UserId,
    /// Their name, without `@`.
    #[serde(default)]
    pub user_name: String,
    /// Where the post is.
    pub channel_id: ChannelId,
    /// The channel's name in addresses.
    #[serde(default)]
    pub channel_name: String,
    /// The team; none in direct and group channels.
    #[serde(default, with = "maybe")]
    pub team_id: Option<TeamId>,
    /// The team's name in addresses.
    #[serde(default)]
    pub team_domain: String,
    /// The post that carries the button. An ephemeral one can't be updated.
    pub post_id: PostId,
    /// Opens dialogs for 30 s, see [`super::trigger`].
    #[serde(default)]
    pub trigger_id: String,
    /// Button or menu; `""` where the action had no type.
    #[serde(rename = "type", default = "no_kind")]
    pub kind: ActionKind,
    /// The menu's source; `""` for others.
    #[serde(default = "no_source")]
    pub data_source: DataSource,
    /// The integration's context, in a menu with `selected_option`.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub context: Map<String, Value>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn no_kind() -> ActionKind {
    ActionKind::from("")
}

fn no_source() -> DataSource {
    DataSource::from("")
}

impl ActionRequest {
    /// What was chosen in a menu. **Not** checked against the options by Mattermost.
    pub fn selected_option(&self) -> Option<&str> {
        self.context.get("selected_option")?.as_str()
    }
}

/// What an integration answers to a click, with status 200 (`PostActionIntegrationResponse`).
/// An update that fails takes the ephemeral text with it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ActionResponse {
    /// What the post becomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<PostUpdate>,
    /// What only the person sees.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ephemeral_text: String,
    /// Leaves `<…>` in the ephemeral text alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_slack_parsing: bool,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ActionResponse {
    /// Nothing to see: `{}`.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The post becomes this.
    pub fn update(post: PostUpdate) -> Self {
        Self {
            update: Some(post),
            ..Self::default()
        }
    }

    /// Tells only the person, and takes the text literally.
    pub fn whisper(text: impl Into<String>) -> Self {
        Self::nothing().with_whisper(text)
    }

    /// Adds a text for only the person, taken literally.
    pub fn with_whisper(self, text: impl Into<String>) -> Self {
        Self {
            ephemeral_text: text.into(),
            skip_slack_parsing: true,
            ..self
        }
    }
}

/// What a client sends to `posts/{id}/actions/{action}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Click {
    /// What was chosen in a menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected_option: Option<String>,
    /// The action's cookie, for ephemeral posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What the client gets back for its click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClickDone {
    /// `OK`.
    pub status: String,
    /// The trigger that a dialog would be opened with.
    pub trigger_id: String,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::props::Props;

    #[test]
    fn an_update_says_whether_props_are_kept_or_cleared() {
        let keep = ActionResponse::update(PostUpdate::new("done"));
        assert_eq!(
            serde_json::to_string(&keep).unwrap(),
            r#"{"update":{"message":"done"}}"#
        );
        let clear = PostUpdate::new("done")
            .with_props(Props::default())
            .unwrap();
        let clear = ActionResponse::update(clear);
        let json = r#"{"update":{"message":"done","props":{}}}"#;
        assert_eq!(serde_json::to_string(&clear).unwrap(), json);
        assert_eq!(serde_json::from_str::<ActionResponse>(json).unwrap(), clear);
        let null = r#"{"update":{"message":"done","props":null}}"#;
        assert_eq!(serde_json::from_str::<ActionResponse>(null).unwrap(), keep);
    }

    #[test]
    fn a_menu_brings_what_was_chosen() {
        let json = r#"{"user_id":"9g66xk3awbfjf8rea197dhw1ba","post_id":
            "j74fna1xrir77bust63gjjz6iy","channel_id":"f47qhit1gidnznckaqxfwxw5tw",
            "team_id":"","context":{"selected_option":"2"}}"#;
        let call: ActionRequest = serde_json::from_str(json).unwrap();
        assert_eq!(call.selected_option(), Some("2"));
        assert_eq!(call.team_id, None);
        assert_eq!(call.kind.as_str(), "");
    }
}
