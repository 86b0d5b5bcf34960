//! The entries of menus, of posts and of dialogs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::limits::LimitError;
use crate::model::word::word;

word! {
    /// Where a menu takes its entries from, if not from `options`.
    DataSource {
        /// All users; the value is a user id.
        Users = "users",
        /// All channels; the value is a channel id.
        Channels = "channels",
        /// A call to `data_source_url`; dialogs only, since 10.12.
        Dynamic = "dynamic",
    }
}

/// An entry of a menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What people see.
    #[serde(default)]
    pub text: String,
    /// What the integration gets.
    #[serde(default)]
    pub value: String,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Choice {
    /// Neither text nor value may be empty (`model.PostActionOptions`).
    pub fn new(text: impl Into<String>, value: impl Into<String>) -> Result<Self, LimitError> {
        let choice = Self {
            text: text.into(),
            value: value.into(),
            extra: Map::new(),
        };
        choice.check()?;
        Ok(choice)
    }

    /// Whether Mattermost would take it.
    pub fn check(&self) -> Result<(), LimitError> {
        if self.text.is_empty() {
            return Err(LimitError::Empty {
                what: "option text",
            });
        }
        if self.value.is_empty() {
            return Err(LimitError::Empty {
                what: "option value",
            });
        }
        Ok(())
    }
}
