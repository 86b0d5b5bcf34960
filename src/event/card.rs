use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Lane, RowId, Slot, Version};
use crate::model::ids::PostId;

/// What an interactive post shows: a pure view of its slot's state, without anything secret.
///
/// Its buttons are sealed, and get an address, only when the card leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The post's own text, markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The attachment's text, beside its colour.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// `good`, `warning`, `danger` or `#rrggbb`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub color: String,
    /// Small tables below the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// A small line below everything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub footer: String,
    /// Buttons and menus, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

/// A title and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The bold line.
    pub title: String,
    /// What stands below it, markdown.
    pub value: String,
    /// Whether two of them may stand side by side.
    #[serde(default)]
    pub short: bool,
}

/// A button or a menu, with what a press of it means to its skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What people read on it.
    pub label: String,
    /// How it looks.
    #[serde(default)]
    pub style: Style,
    /// The skill's own button value, as JSON.
    pub press: Value,
    /// A menu instead of a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picker: Option<Picker>,
}

/// How a button looks; the colour is up to the person's theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// As Mattermost shows a button without a style.
    #[default]
    Default,
    /// The one to press.
    Primary,
    /// It went well.
    Success,
    /// As `Success`.
    Good,
    /// Mind this.
    Warning,
    /// It can't be taken back.
    Danger,
}

impl Style {
    /// As it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Primary => "primary",
            Self::Success => "success",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

/// What a menu offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Picker {
    /// These; a click with any other value is refused.
    Options(Vec<Choice>),
    /// Everybody on the server; the choice is a user's id.
    Users,
    /// The channels that the person sees; the choice is a channel's id.
    Channels,
}

/// One option of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What people read.
    pub text: String,
    /// What comes back.
    pub value: String,
}

/// Where a card stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Home {
    /// The bot posts it and may edit it at any time.
    Bot {
        /// The outbox row of its first post.
        row: RowId,
        /// Where it is posted.
        lane: Lane,
        /// In which thread.
        root: Option<PostId>,
    },
    /// It went out as a person's answer to a slash command, because the bot can't post there:
    /// only clicks change it.
    Person,
}

/// A slot's card as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRow {
    /// Whose view it is; a slot has one card at most.
    pub slot: Slot,
    /// Where it stands.
    pub home: Home,
    /// Its post, once known.
    pub post: Option<PostId>,
    /// What it should show.
    pub wanted: Arc<Card>,
    /// The slot's version that `wanted` is a view of.
    pub wanted_version: Version,
    /// The version that Mattermost is known to show; 0 is none.
    pub shown_version: Version,
}
