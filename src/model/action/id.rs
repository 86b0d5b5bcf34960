//! The ids of buttons and menus.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::limits::LimitError;

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

    pub(super) fn into_string(self) -> String {
        self.0.into()
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
