//! Buttons and menus.

mod choice; // the entries of menus
mod id; // letters and digits
mod style; // the look of buttons

pub use choice::{Choice, DataSource};
pub use id::ActionId;
pub use style::Style;
pub(super) use style::is_hex_color;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lenient::{empty_if_null, some_or_empty};
use super::limits::LimitError;
use super::word::word;

word! {
    /// What an action looks like; the `type` of actions and of the calls that they make.
    ActionKind {
        /// A button.
        Button = "button",
        /// A menu.
        Select = "select",
    }
}

/// Whom a click calls. Mattermost strips it from every copy of the post that it gives away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Integration {
    /// The absolute address that is called.
    #[serde(default)]
    pub url: String,
    /// Comes back with every click. Not secret, and anybody may send another one: sign it.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub context: Map<String, Value>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Integration {
    /// Calls `url` with `context`.
    pub fn new(url: impl Into<String>, context: Map<String, Value>) -> Self {
        Self {
            url: url.into(),
            context,
            extra: Map::new(),
        }
    }
}

/// A button or menu of an attachment (`model.PostAction`).
///
/// Its id is private: one that is built has an [`ActionId`], one that is received has what came.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Action {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Button or menu.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ActionKind>,
    /// The label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Shown on hovering, since 11.x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tooltip: Option<String>,
    /// Greyed out. The server takes clicks all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// The look of a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<Style>,
    /// Where a menu without `options` takes its entries from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<DataSource>,
    /// The entries of a menu.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_or_empty"
    )]
    pub options: Option<Vec<Choice>>,
    /// The value that is chosen at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_option: Option<String>,
    /// Whom a click calls; not there in what the server gives away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Integration>,
    /// The server's sealed copy of the integration, on ephemeral posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action {
    /// A button.
    pub fn button(id: ActionId, name: impl Into<String>, calls: Integration) -> Self {
        Self {
            id: Some(id.into_string()),
            kind: Some(ActionKind::Button),
            name: Some(name.into()),
            integration: Some(calls),
            ..Self::default()
        }
    }

    /// A menu of fixed entries.
    pub fn menu(
        id: ActionId,
        name: impl Into<String>,
        calls: Integration,
        options: Vec<Choice>,
    ) -> Self {
        let button = Self::button(id, name, calls);
        Self {
            kind: Some(ActionKind::Select),
            options: Some(options),
            ..button
        }
    }

    /// A menu of all users or all channels.
    pub fn menu_of(
        id: ActionId,
        name: impl Into<String>,
        calls: Integration,
        source: DataSource,
    ) -> Self {
        let button = Self::button(id, name, calls);
        Self {
            kind: Some(ActionKind::Select),
            data_source: Some(source),
            ..button
        }
    }

    /// Sets the look of a button.
    pub fn style(self, style: Style) -> Self {
        Self {
            style: Some(style),
            ..self
        }
    }

    /// Sets the value that a menu shows at first.
    pub fn default_option(self, value: impl Into<String>) -> Self {
        Self {
            default_option: Some(value.into()),
            ..self
        }
    }

    /// Sets what is shown on hovering.
    pub fn tooltip(self, text: impl Into<String>) -> Self {
        Self {
            tooltip: Some(text.into()),
            ..self
        }
    }

    /// The id, as it came or was built.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether Mattermost's own check (`PostAction.IsValid`) finds nothing: a form that it only
    /// warns of in 11.6, and means to refuse later.
    pub fn check(&self) -> Result<(), LimitError> {
        if let Some(id) = &self.id {
            ActionId::parse(id)?;
        }
        if self.name.as_deref().unwrap_or_default().is_empty() {
            return Err(LimitError::Empty {
                what: "action name",
            });
        }
        let url = self
            .integration
            .as_ref()
            .map_or("", |calls| calls.url.as_str());
        if !["http://", "https://", "/plugins/"]
            .iter()
            .any(|start| url.starts_with(start))
        {
            return Err(LimitError::form(
                "integration url",
                "an absolute http(s) address",
                url,
            ));
        }
        if let Some(style) = &self.style {
            Style::parse(style.as_str())?;
        }
        self.check_entries()
    }

    fn check_entries(&self) -> Result<(), LimitError> {
        let options = self.options.as_deref().unwrap_or_default();
        options.iter().try_for_each(Choice::check)?;
        let has = (!options.is_empty(), self.data_source.is_some());
        match (&self.kind, has) {
            (Some(ActionKind::Button), (false, false)) => Ok(()),
            (Some(ActionKind::Select), (true, false) | (false, true)) => Ok(()),
            (Some(ActionKind::Button), _) => Err(LimitError::form(
                "button",
                "without options and data source",
                "a menu",
            )),
            (Some(ActionKind::Select), _) => Err(LimitError::form(
                "menu",
                "of options or of a data source",
                "both or neither",
            )),
            (kind, _) => {
                let found = kind.as_ref().map_or("", ActionKind::as_str);
                Err(LimitError::form("action type", "button or select", found))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls() -> Integration {
        Integration::new("http://127.0.0.1:8000/actions", Map::new())
    }

    #[test]
    fn a_menu_has_options_or_a_data_source_and_a_button_neither() {
        let id = || ActionId::parse("a0").unwrap();
        let one = || vec![Choice::new("One", "1").unwrap()];
        assert_eq!(Action::button(id(), "B", calls()).check(), Ok(()));
        assert_eq!(Action::menu(id(), "M", calls(), one()).check(), Ok(()));
        let users = Action::menu_of(id(), "M", calls(), DataSource::Users);
        assert_eq!(users.check(), Ok(()));
        assert!(Action::menu(id(), "M", calls(), vec![]).check().is_err());
        assert!(
            Action {
                options: Some(one()),
                ..users
            }
            .check()
            .is_err()
        );
        let button = Action::button(id(), "B", calls());
        assert!(
            Action {
                options: Some(one()),
                ..button
            }
            .check()
            .is_err()
        );
        assert!(Action::button(id(), "", calls()).check().is_err());
        assert!(Choice::new("", "1").is_err());
    }

    #[test]
    fn an_action_is_written_without_what_it_does_not_have() {
        let id = ActionId::parse("a0").unwrap();
        let button = Action::button(id, "Yes", calls()).style(Style::PRIMARY);
        assert_eq!(
            serde_json::to_string(&button).unwrap(),
            r#"{"id":"a0","type":"button","name":"Yes","style":"primary","#.to_owned()
                + r#""integration":{"url":"http://127.0.0.1:8000/actions","context":{}}}"#
        );
    }

    #[test]
    fn a_received_action_keeps_an_id_that_could_not_be_built() {
        let json = r#"{"id":"my_button_1","name":"Bad id","new_key":1}"#;
        let action: Action = serde_json::from_str(json).unwrap();
        assert_eq!(action.id(), Some("my_button_1"));
        assert!(action.check().is_err());
        assert_eq!(serde_json::to_string(&action).unwrap(), json);
    }
}
