//! The fields of a dialog.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::action::{Choice, DataSource};
use super::lenient::some_or_empty;
use super::limits::{self, *};
use super::word::word;

word! {
    /// What a field is. Others are kept as they come: `date` and `datetime` since 11.0.
    ElementKind {
        /// One line.
        Text = "text",
        /// Many lines.
        Textarea = "textarea",
        /// A menu.
        Select = "select",
        /// Choices with a dot each.
        Radio = "radio",
        /// A box to tick.
        Bool = "bool",
    }
}

/// A field of a dialog (`model.DialogElement`). Keys of newer kinds are in `extra`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Its label.
    #[serde(default)]
    pub display_name: String,
    /// Its key in the submission.
    #[serde(default)]
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ElementKind,
    /// Of a text: `email`, `number`, `tel`, `url`, `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// What it holds at first; `"true"` or `"false"` in a bool, an option's value in a menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Grey text while it is empty; beside the box of a bool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// A line below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_text: Option<String>,
    /// Whether it may stay empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    /// Characters at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<i64>,
    /// Characters at most; the kind's limit without it, or at 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<i64>,
    /// Where a menu without options takes its entries from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<DataSource>,
    /// Whom a dynamic menu asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source_url: Option<String>,
    /// The entries of a menu or of a radio.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_or_empty"
    )]
    pub options: Option<Vec<Choice>>,
    /// Whether more than one entry may be chosen, since 10.12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiselect: Option<bool>,
    /// Whether a change asks the dialog's `source_url` for a new form, since 11.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<bool>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Element {
    /// A field of any kind: name 1–300 characters, label 1–24.
    pub fn new(
        kind: ElementKind,
        name: impl Into<String>,
        label: impl Into<String>,
    ) -> Result<Self, LimitError> {
        let (name, display_name) = (name.into(), label.into());
        limits::some_chars("element name", ELEMENT_NAME_CHARS, &name)?;
        limits::some_chars(
            "element display_name",
            ELEMENT_DISPLAY_NAME_CHARS,
            &display_name,
        )?;
        Ok(Self {
            display_name,
            name,
            kind,
            subtype: None,
            default: None,
            placeholder: None,
            help_text: None,
            optional: None,
            min_length: None,
            max_length: None,
            data_source: None,
            data_source_url: None,
            options: None,
            multiselect: None,
            refresh: None,
            extra: Map::new(),
        })
    }

    /// One line of text, at most 150 characters.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Result<Self, LimitError> {
        Self::new(ElementKind::Text, name, label)
    }

    /// Many lines of text, at most 3,000 characters.
    pub fn textarea(name: impl Into<String>, label: impl Into<String>) -> Result<Self, LimitError> {
        Self::new(ElementKind::Textarea, name, label)
    }

    /// A menu of fixed entries.
    pub fn select(
        name: impl Into<String>,
        label: impl Into<String>,
        options: Vec<Choice>,
    ) -> Result<Self, LimitError> {
        Ok(Self {
            options: Some(options),
            ..Self::new(ElementKind::Select, name, label)?
        })
    }

    /// A menu of all users or all channels.
    pub fn select_of(
        name: impl Into<String>,
        label: impl Into<String>,
        source: DataSource,
    ) -> Result<Self, LimitError> {
        Ok(Self {
            data_source: Some(source),
            ..Self::new(ElementKind::Select, name, label)?
        })
    }

    /// Choices with a dot each.
    pub fn radio(
        name: impl Into<String>,
        label: impl Into<String>,
        options: Vec<Choice>,
    ) -> Result<Self, LimitError> {
        Ok(Self {
            options: Some(options),
            ..Self::new(ElementKind::Radio, name, label)?
        })
    }

    /// A box to tick. One that must be ticked unless it is made optional.
    pub fn bool(name: impl Into<String>, label: impl Into<String>) -> Result<Self, LimitError> {
        Self::new(ElementKind::Bool, name, label)
    }

    /// Lets it stay empty.
    pub fn optional(self) -> Self {
        Self {
            optional: Some(true),
            ..self
        }
    }

    /// Sets what kind of text is meant: `email`, `number`, `tel`, `url`, `password`.
    pub fn subtype(self, subtype: impl Into<String>) -> Self {
        Self {
            subtype: Some(subtype.into()),
            ..self
        }
    }

    /// Sets what it holds at first.
    pub fn default_value(self, value: impl Into<String>) -> Result<Self, LimitError> {
        let value = value.into();
        limits::chars("element default", self.value_limit(), &value)?;
        Ok(Self {
            default: Some(value),
            ..self
        })
    }

    /// Sets the grey text.
    pub fn placeholder(self, text: impl Into<String>) -> Result<Self, LimitError> {
        let text = text.into();
        limits::chars("element placeholder", self.value_limit(), &text)?;
        Ok(Self {
            placeholder: Some(text),
            ..self
        })
    }

    /// Sets the line below, at most 150 characters.
    pub fn help_text(self, text: impl Into<String>) -> Result<Self, LimitError> {
        let text = text.into();
        limits::chars("element help_text", ELEMENT_HELP_CHARS, &text)?;
        Ok(Self {
            help_text: Some(text),
            ..self
        })
    }

    /// Sets how many characters a text takes, within the kind's own limit.
    pub fn length(self, at_least: usize, at_most: usize) -> Result<Self, LimitError> {
        limits::count(
            "element max_length",
            self.value_limit(),
            at_most,
            "characters",
        )?;
        limits::count("element min_length", at_most, at_least, "characters")?;
        // Both are at most 3,000 here.
        Ok(Self {
            min_length: Some(at_least as i64),
            max_length: Some(at_most as i64),
            ..self
        })
    }

    /// How many characters a value of this kind has at most.
    pub fn value_limit(&self) -> usize {
        match self.kind {
            ElementKind::Textarea | ElementKind::Select => ELEMENT_TEXTAREA_CHARS,
            _ => ELEMENT_TEXT_CHARS,
        }
    }

    /// Whether Mattermost's own check (`DialogElement.IsValid`) finds nothing. It opens an
    /// invalid dialog all the same, and clients then show half of it or nothing.
    pub fn check(&self) -> Result<(), LimitError> {
        limits::some_chars("element name", ELEMENT_NAME_CHARS, &self.name)?;
        limits::some_chars(
            "element display_name",
            ELEMENT_DISPLAY_NAME_CHARS,
            &self.display_name,
        )?;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        limits::chars(
            "element help_text",
            ELEMENT_HELP_CHARS,
            &text(&self.help_text),
        )?;
        limits::chars("element default", self.value_limit(), &text(&self.default))?;
        limits::chars(
            "element placeholder",
            self.value_limit(),
            &text(&self.placeholder),
        )?;
        let options = self.options.as_deref().unwrap_or_default();
        options.iter().try_for_each(Choice::check)?;
        let known = |value: &str| options.iter().any(|option| option.value == value);
        let one = self.multiselect != Some(true) && !options.is_empty();
        match (&self.kind, self.default.as_deref().unwrap_or_default()) {
            (_, "") => Ok(()),
            (ElementKind::Bool, value) if value != "true" && value != "false" => {
                Err(LimitError::form("element default", "true or false", value))
            }
            (ElementKind::Select | ElementKind::Radio, value) if one && !known(value) => Err(
                LimitError::form("element default", "the value of an option", value),
            ),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_over_a_limit_cannot_be_built() {
        let text = || Element::text("n", "N").unwrap();
        let errors = [
            Element::text("n", "x".repeat(25)).unwrap_err(),
            Element::text("x".repeat(301), "N").unwrap_err(),
            Element::text("", "N").unwrap_err(),
            text().help_text("x".repeat(151)).unwrap_err(),
            text().placeholder("x".repeat(151)).unwrap_err(),
            text().default_value("x".repeat(151)).unwrap_err(),
            text().length(0, 151).unwrap_err(),
            text().length(9, 8).unwrap_err(),
            Element::textarea("n", "N")
                .unwrap()
                .length(0, 3001)
                .unwrap_err(),
        ];
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            said[0],
            "element display_name has 25 characters, the limit is 24"
        );
        assert_eq!(said[1], "element name has 301 characters, the limit is 300");
        assert_eq!(said[2], "element name is empty");
        assert_eq!(
            said[3],
            "element help_text has 151 characters, the limit is 150"
        );
        assert_eq!(
            said[8],
            "element max_length has 3001 characters, the limit is 3000"
        );
        assert!(Element::textarea("n", "N").unwrap().length(0, 3000).is_ok());
    }

    #[test]
    fn a_default_must_be_one_of_the_options() {
        let options = vec![Choice::new("One", "1").unwrap()];
        let menu = Element::select("n", "N", options).unwrap();
        assert_eq!(menu.clone().default_value("1").unwrap().check(), Ok(()));
        assert!(menu.default_value("2").unwrap().check().is_err());
        let tick = Element::bool("n", "N").unwrap();
        assert!(tick.default_value("yes").unwrap().check().is_err());
    }

    #[test]
    fn a_kind_and_keys_without_a_name_here_are_kept() {
        let json = r#"{"display_name":"Day","name":"day","type":"date","min_date":"today"}"#;
        let element: Element = serde_json::from_str(json).unwrap();
        assert_eq!(element.kind, ElementKind::from("date"));
        assert_eq!(serde_json::to_string(&element).unwrap(), json);
    }
}
