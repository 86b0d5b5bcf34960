//! What answers a dialog.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::action::Choice;
use crate::model::dialog::Dialog;
use crate::model::word::word;

word! {
    /// What an answer asks for; 11.x answers other words with 400.
    DialogReplyKind {
        /// Close.
        Ok = "ok",
        /// Show another form.
        Form = "form",
        /// Taken, but nothing comes of it.
        Navigate = "navigate",
    }
}

/// What answers a submission or a refresh, with status 200 (`model.SubmitDialogResponse`).
/// `{}` closes the dialog.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DialogReply {
    /// What it asks for; needed for another form.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DialogReplyKind>,
    /// A sentence above the fields; the dialog stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// A sentence below each named field; the dialog stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<BTreeMap<String, String>>,
    /// The next step, since 11.0; 10.0 closes the dialog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Dialog>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl DialogReply {
    /// Closes the dialog.
    pub fn close() -> Self {
        Self::default()
    }

    /// Keeps it open with a sentence above the fields.
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            error: Some(text.into()),
            ..Self::default()
        }
    }

    /// Keeps it open with sentences below fields, by name.
    pub fn errors(errors: BTreeMap<String, String>) -> Self {
        Self {
            errors: Some(errors),
            ..Self::default()
        }
    }

    /// Shows the next step. Its `callback_id` is ignored by clients: a step lives in `state`.
    pub fn form(dialog: Dialog) -> Self {
        Self {
            kind: Some(DialogReplyKind::Form),
            form: Some(dialog),
            ..Self::default()
        }
    }
}

/// What answers a lookup.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LookupReply {
    /// The entries; `None` is the server's `null` where the integration said nothing.
    #[serde(default)]
    pub items: Option<Vec<Choice>>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_no_more_than_it_needs() {
        assert_eq!(serde_json::to_string(&DialogReply::close()).unwrap(), "{}");
        let next = DialogReply::form(Dialog::new("Step 2").unwrap());
        assert_eq!(
            serde_json::to_string(&next).unwrap(),
            r#"{"type":"form","form":{"title":"Step 2","elements":[]}}"#
        );
    }
}
