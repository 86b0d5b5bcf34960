//! Dialogs: what opens one, what comes back, and what answers that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::action::Choice;
use super::element::Element;
use super::ids::{ChannelId, TeamId, UserId};
use super::lenient::{empty_if_null, maybe};
use super::limits::{self, DIALOG_TITLE_CHARS, LimitError};
use super::word::word;

/// A window with questions (`model.Dialog`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Dialog {
    /// Any name; clients send the first step's one with every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_id: Option<String>,
    /// The heading.
    #[serde(default)]
    pub title: String,
    /// Text before the fields, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction_text: Option<String>,
    /// A small picture beside the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// The fields; none makes a question of yes or no.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub elements: Vec<Element>,
    /// What stands on the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit_label: Option<String>,
    /// Whether closing it calls, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_on_cancel: Option<bool>,
    /// Comes back with the submission. Not secret, and anybody may send another one: sign it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whom a field with `refresh` asks for a new form, since 11.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Dialog {
    /// A dialog with a heading of 1–24 characters.
    pub fn new(title: impl Into<String>) -> Result<Self, LimitError> {
        let title = title.into();
        limits::some_chars("dialog title", DIALOG_TITLE_CHARS, &title)?;
        Ok(Self {
            title,
            ..Self::default()
        })
    }

    /// Adds a field; its name must be the only one.
    pub fn element(mut self, element: Element) -> Result<Self, LimitError> {
        element.check()?;
        if self.elements.iter().any(|other| other.name == element.name) {
            let want = "the only one of its name";
            return Err(LimitError::form("element name", want, &element.name));
        }
        self.elements.push(element);
        Ok(self)
    }

    /// Sets the text before the fields.
    pub fn introduction(self, text: impl Into<String>) -> Self {
        Self {
            introduction_text: Some(text.into()),
            ..self
        }
    }

    /// Sets what stands on the button.
    pub fn submit_label(self, text: impl Into<String>) -> Self {
        Self {
            submit_label: Some(text.into()),
            ..self
        }
    }

    /// Sets what comes back.
    pub fn state(self, state: impl Into<String>) -> Self {
        Self {
            state: Some(state.into()),
            ..self
        }
    }

    /// Sets the name that comes back.
    pub fn callback_id(self, id: impl Into<String>) -> Self {
        Self {
            callback_id: Some(id.into()),
            ..self
        }
    }

    /// Asks for a call when it is closed without an answer.
    pub fn notify_on_cancel(self) -> Self {
        Self {
            notify_on_cancel: Some(true),
            ..self
        }
    }

    /// Whether Mattermost's own check finds nothing. It opens an invalid dialog all the same.
    pub fn check(&self) -> Result<(), LimitError> {
        let bare = Self {
            elements: Vec::new(),
            ..Self::new(self.title.as_str())?
        };
        self.elements
            .iter()
            .cloned()
            .try_fold(bare, Self::element)
            .map(drop)
    }
}

/// What opens a dialog: the body of `actions/dialogs/open`, which needs no token beside the
/// trigger. The event `open_dialog` carries it to the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenDialog {
    /// The right to do so: 30 s old at most, good for more than one dialog.
    pub trigger_id: String,
    /// Whom the submission calls.
    pub url: String,
    /// The window.
    pub dialog: Dialog,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl OpenDialog {
    /// Opens `dialog`; what is filled in goes to `url`.
    pub fn new(trigger: impl Into<String>, url: impl Into<String>, dialog: Dialog) -> Self {
        Self {
            trigger_id: trigger.into(),
            url: url.into(),
            dialog,
            extra: Map::new(),
        }
    }
}

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
    fn a_title_over_the_limit_cannot_be_built() {
        let error = Dialog::new("x".repeat(25)).unwrap_err().to_string();
        assert_eq!(error, "dialog title has 25 characters, the limit is 24");
        assert!(Dialog::new("").is_err());
    }

    #[test]
    fn two_elements_of_one_name_are_refused() {
        let text = || Element::text("day", "Day").unwrap();
        let dialog = Dialog::new("When?").unwrap().element(text()).unwrap();
        assert_eq!(dialog.check(), Ok(()));
        assert!(
            dialog
                .element(text())
                .unwrap_err()
                .to_string()
                .contains("day")
        );
    }

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
