//! Dialogs: what opens one, what comes back, and what answers that.

mod reply; // the answers
mod request; // the calls

pub use reply::{DialogReply, DialogReplyKind, LookupReply};
pub use request::{DialogRequest, DialogRequestKind, DialogSubmit};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::element::Element;
use super::lenient::empty_if_null;
use super::limits::{self, DIALOG_TITLE_CHARS, LimitError};

/// A window with questions (`model.Dialog`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// A dialog with a heading of 1–80 characters; older servers take less, see
    /// [`Allowed::dialog_title`](super::allowed::Allowed::dialog_title).
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_over_the_limit_cannot_be_built() {
        let error = Dialog::new("x".repeat(81)).unwrap_err().to_string();
        assert_eq!(error, "dialog title has 81 characters, the limit is 80");
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
}
