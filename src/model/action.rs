//! Buttons and menus.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lenient::{empty_if_null, some_or_empty};
use super::limits::LimitError;
use super::word::word;

/// The id of a button or menu in its post: `[A-Za-z0-9]+`. It is a segment of the path that a
/// click is sent to; with `_` or `-` Mattermost answers 404 and calls nobody, on 10.0 and 11.6.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ActionId(Box<str>);

impl ActionId {
    /// Takes letters and digits only, and at least one.
    pub fn parse(text: &str) -> Result<Self, LimitError> {
        match text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            true => Err(LimitError::form(
                "action id",
                "letters and digits only",
                text,
            )),
            false => Ok(Self(text.into())),
        }
    }

    /// The id of the nth action of a post: `a0`, `a1`, …
    pub fn nth(n: usize) -> Self {
        Self(format!("a{n}").into())
    }

    /// The letters and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ActionId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

word! {
    /// What an action looks like; the `type` of actions and of the calls that they make.
    ActionKind {
        /// A button.
        Button = "button",
        /// A menu.
        Select = "select",
    }
}

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

/// How a button looks: one of six words or `#rrggbb`. What is received is kept as it comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Style(Cow<'static, str>);

impl Style {
    /// As without a style.
    pub const DEFAULT: Self = Self(Cow::Borrowed("default"));
    /// The main choice.
    pub const PRIMARY: Self = Self(Cow::Borrowed("primary"));
    /// Green.
    pub const SUCCESS: Self = Self(Cow::Borrowed("success"));
    /// Green, as in attachments.
    pub const GOOD: Self = Self(Cow::Borrowed("good"));
    /// Yellow.
    pub const WARNING: Self = Self(Cow::Borrowed("warning"));
    /// Red.
    pub const DANGER: Self = Self(Cow::Borrowed("danger"));

    /// One of the six words, or `#rrggbb`.
    pub fn parse(text: &str) -> Result<Self, LimitError> {
        let words = ["default", "primary", "success", "good", "warning", "danger"];
        match words.contains(&text) || is_hex_color(text) {
            true => Ok(Self(text.to_owned().into())),
            false => Err(LimitError::form(
                "button style",
                "one of six words or #rrggbb",
                text,
            )),
        }
    }

    /// The word or the colour.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` is `#rrggbb`.
pub(super) fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
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
            id: Some(id.0.into()),
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

    /// Gives it another id. A server does so where none came.
    pub fn with_id(self, id: ActionId) -> Self {
        Self {
            id: Some(id.0.into()),
            ..self
        }
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
    fn an_action_id_of_anything_but_letters_and_digits_cannot_be_built() {
        for wrong in ["", "my_button", "my-button", "a b", "ä", "a/b"] {
            let error = ActionId::parse(wrong).unwrap_err().to_string();
            assert!(error.contains("action id"), "{error}");
            assert!(serde_json::from_value::<ActionId>(wrong.into()).is_err());
        }
        assert_eq!(ActionId::parse("Yes1").unwrap().as_str(), "Yes1");
        assert_eq!(
            ActionId::parse(ActionId::nth(12).as_str()),
            Ok(ActionId::nth(12))
        );
    }

    #[test]
    fn a_button_has_one_of_six_styles_or_a_color() {
        for good in [
            "default", "primary", "success", "good", "warning", "danger", "#00aAfF",
        ] {
            assert_eq!(Style::parse(good).unwrap().as_str(), good);
        }
        for wrong in ["", "blue", "#00aaf", "#00aagg", "00aaff"] {
            assert!(Style::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_menu_has_options_or_a_data_source_and_a_button_neither() {
        let id = || ActionId::nth(0);
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
        let button = Action::button(ActionId::nth(0), "Yes", calls()).style(Style::PRIMARY);
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
