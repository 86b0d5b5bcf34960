//! What a post may carry beside its text: titles, fields, pictures, buttons and menus.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::action::{Action, is_hex_color};
use super::lenient::{present, some_or_empty};
use super::limits::LimitError;

/// The colour of an attachment's edge. What is received is kept as it comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Color(Cow<'static, str>);

impl Color {
    /// Green.
    pub const GOOD: Self = Self(Cow::Borrowed("good"));
    /// Yellow.
    pub const WARNING: Self = Self(Cow::Borrowed("warning"));
    /// Red.
    pub const DANGER: Self = Self(Cow::Borrowed("danger"));

    /// `good`, `warning`, `danger` or `#rrggbb`.
    pub fn parse(text: &str) -> Result<Self, LimitError> {
        match ["good", "warning", "danger"].contains(&text) || is_hex_color(text) {
            true => Ok(Self(text.to_owned().into())),
            false => Err(LimitError::form(
                "color",
                "good, warning, danger or #rrggbb",
                text,
            )),
        }
    }

    /// The word or `#rrggbb`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A titled value in a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Field {
    /// Its heading.
    #[serde(default)]
    pub title: String,
    /// Its value: text, Markdown allowed; a number is received as it comes.
    #[serde(default)]
    pub value: Value,
    /// Two short fields share a line. Slack's clients send it as text at times.
    #[serde(default)]
    pub short: Value,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An attachment (`model.SlackAttachment`). A key that is absent is `None`; the server's copies
/// have all keys, most of them empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Attachment {
    /// Always 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Plain text for notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// The colour of the edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// Text above the box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pretext: Option<String>,
    /// A name in the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    /// Where the name leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_link: Option<String>,
    /// A small picture before the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_icon: Option<String>,
    /// The heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the heading leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_link: Option<String>,
    /// The text, Markdown allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A table.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_or_empty"
    )]
    pub fields: Option<Vec<Field>>,
    /// A picture below the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// A small picture beside the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb_url: Option<String>,
    /// The last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// A small picture before the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer_icon: Option<String>,
    /// Seconds since 1970, as number or text; clients don't show it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub ts: Option<Value>,
    /// Buttons and menus.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_or_empty"
    )]
    pub actions: Option<Vec<Action>>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Attachment {
    /// One with a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }

    /// Sets the heading.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self {
            title: Some(title.into()),
            ..self
        }
    }

    /// Sets the plain text for notifications.
    pub fn fallback(self, text: impl Into<String>) -> Self {
        Self {
            fallback: Some(text.into()),
            ..self
        }
    }

    /// Sets the text above the box.
    pub fn pretext(self, text: impl Into<String>) -> Self {
        Self {
            pretext: Some(text.into()),
            ..self
        }
    }

    /// Sets the last line.
    pub fn footer(self, text: impl Into<String>) -> Self {
        Self {
            footer: Some(text.into()),
            ..self
        }
    }

    /// Sets the colour of the edge.
    pub fn color(self, color: Color) -> Self {
        Self {
            color: Some(color),
            ..self
        }
    }

    /// Adds a line to the table; two short ones share a line.
    pub fn field(
        mut self,
        title: impl Into<String>,
        value: impl Into<String>,
        short: bool,
    ) -> Self {
        let (title, value) = (title.into(), Value::String(value.into()));
        let field = Field {
            title,
            value,
            short: short.into(),
            extra: Map::new(),
        };
        self.fields.get_or_insert_default().push(field);
        self
    }

    /// Adds a button or a menu.
    pub fn button(mut self, action: Action) -> Self {
        self.actions.get_or_insert_default().push(action);
        self
    }

    /// The buttons and menus.
    pub fn actions(&self) -> &[Action] {
        self.actions.as_deref().unwrap_or_default()
    }

    /// Whether Mattermost's own check finds nothing (`MessageAttachment.IsValid`, which only
    /// warns in 11.6), and no two actions have one id.
    pub fn check(&self) -> Result<(), LimitError> {
        if let Some(color) = self
            .color
            .as_ref()
            .filter(|color| !color.as_str().is_empty())
        {
            Color::parse(color.as_str())?;
        }
        let actions = self.actions();
        for (i, action) in actions.iter().enumerate() {
            action.check()?;
            let twin = |other: &Action| other.id().is_some() && other.id() == action.id();
            if actions[..i].iter().any(twin) {
                let id = action.id().unwrap_or_default();
                return Err(LimitError::form(
                    "action id",
                    "the only one of its name",
                    id,
                ));
            }
        }
        Ok(())
    }
}

/// The attachments of a post: a list, or what else came under that key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attachments {
    /// As it should be.
    List(Vec<Attachment>),
    /// Anything else, which Mattermost's clients don't show.
    Odd(Value),
}

impl Attachments {
    /// The attachments; none if something else came.
    pub fn as_slice(&self) -> &[Attachment] {
        match self {
            Self::List(list) => list,
            Self::Odd(_) => &[],
        }
    }
}

impl From<Vec<Attachment>> for Attachments {
    fn from(list: Vec<Attachment>) -> Self {
        Self::List(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::{ActionId, Integration};

    fn button(id: &str) -> Action {
        let calls = Integration::new("https://bots.example.com/actions", Map::new());
        Action::button(ActionId::parse(id).unwrap(), "Go", calls)
    }

    #[test]
    fn an_attachment_is_written_without_what_it_does_not_have() {
        let card = Attachment::text("Pick")
            .color(Color::GOOD)
            .field("Votes", "3", true);
        assert_eq!(
            serde_json::to_string(&card).unwrap(),
            r#"{"color":"good","text":"Pick","fields":[{"title":"Votes","value":"3","short":true}]}"#
        );
    }

    #[test]
    fn two_actions_of_one_id_are_refused() {
        let card = Attachment::text("Pick")
            .button(button("yes"))
            .button(button("no"));
        assert_eq!(card.check(), Ok(()));
        let error = card.button(button("no")).check().unwrap_err().to_string();
        assert!(error.contains("no"), "{error}");
    }

    #[test]
    fn a_color_is_a_word_or_six_digits() {
        assert_eq!(Color::parse("#00AAff").unwrap().as_str(), "#00AAff");
        assert!(Color::parse("purple").is_err());
        let odd: Attachment = serde_json::from_str(r#"{"color":"purple"}"#).unwrap();
        assert!(odd.check().is_err());
    }

    #[test]
    fn attachments_that_are_no_list_are_kept() {
        for json in [r#""str""#, "[null]", "[]", r#"[{"text":7}]"#] {
            let attachments: Attachments = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&attachments).unwrap(), json);
            assert!(attachments.as_slice().is_empty());
        }
    }
}
