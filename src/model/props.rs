//! The keys and values of a post beside its text: attachments, who made it, and an integration's
//! own marks.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::attachment::{Attachment, Attachments};
use super::lenient::present;
use super::limits::{self, LimitError, PROPS_CHARS};

/// The props of a post. Attachments are typed, so that a card is encoded without a detour.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Props {
    /// The attachments; `None` if there is no such key.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub attachments: Option<Attachments>,
    /// All other keys, as they come.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Props {
    /// Props with these attachments alone.
    pub fn of(attachments: Vec<Attachment>) -> Self {
        Self {
            attachments: Some(attachments.into()),
            rest: Map::new(),
        }
    }

    /// Adds a key.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.rest.insert(key.into(), value.into());
        self
    }

    /// The value of a key other than `attachments`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.rest.get(key)
    }

    /// The attachments; none if there are none or something else is in their place.
    pub fn attachments(&self) -> &[Attachment] {
        self.attachments.as_ref().map_or(&[], Attachments::as_slice)
    }

    /// Whether a bot account made the post, as Mattermost marks it: `"true"`.
    pub fn from_bot(&self) -> bool {
        self.is_true("from_bot")
    }

    /// Whether a webhook or a slash command's answer made the post: `"true"`.
    pub fn from_webhook(&self) -> bool {
        self.is_true("from_webhook")
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.attachments.is_none() && self.rest.is_empty()
    }

    /// Whether Mattermost would take them: size and attachments.
    pub fn check(&self) -> Result<(), LimitError> {
        self.attachments().iter().try_for_each(Attachment::check)?;
        let mut size = CharCount(0);
        match serde_json::to_writer(&mut size, self) {
            Ok(()) => limits::count("props", PROPS_CHARS, size.0, "characters"),
            Err(e) => Err(LimitError::form("props", "JSON", &e.to_string())),
        }
    }

    fn is_true(&self, key: &str) -> bool {
        match self.rest.get(key) {
            Some(Value::String(text)) => text == "true",
            Some(Value::Bool(yes)) => *yes,
            _ => false,
        }
    }
}

/// Counts the characters of what is written, so that a card's size costs no allocation.
struct CharCount(usize);

impl io::Write for CharCount {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // All bytes of a UTF-8 character but its first are 10xxxxxx.
        self.0 += bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_mattermost_are_read_from_text() {
        let props: Props =
            serde_json::from_str(r#"{"from_bot":"true","from_webhook":"false","my":1}"#).unwrap();
        assert!(props.from_bot());
        assert!(!props.from_webhook());
        assert_eq!(props.get("my"), Some(&1.into()));
    }

    #[test]
    fn props_over_the_limit_are_refused_with_their_size() {
        assert_eq!(Props::default().with("k", "v").check(), Ok(()));
        let error = Props::default()
            .with("k", "ä".repeat(PROPS_CHARS))
            .check()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "props has 800008 characters, the limit is 800000"
        );
    }
}
