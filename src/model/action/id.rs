//! The ids of buttons and menus.

use std::borrow::Cow;
use std::fmt;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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

    /// The id of an action that means `value`; `twins` is how many before it in the post mean the
    /// same.
    ///
    /// People press what they saw, and the post may have changed since: what has this id now means
    /// the same, or the click reaches nobody. A number for the place would press another button.
    pub fn of(value: &Value, twins: usize) -> Self {
        let hash = digest(&SHA256, format!("{twins} {value}").as_bytes());
        let first = hash.as_ref().iter().take(8);
        let number = first.fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        Self(format!("{number:016x}").into())
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
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_id_of_anything_but_letters_and_digits_cannot_be_built() {
        for wrong in ["", "my_button", "my-button", "a b", "ä", "a/b"] {
            let error = ActionId::parse(wrong).unwrap_err().to_string();
            assert!(error.contains("action id"), "{error}");
            assert!(serde_json::from_value::<ActionId>(wrong.into()).is_err());
        }
        assert_eq!(ActionId::parse("Yes1").unwrap().as_str(), "Yes1");
    }

    #[test]
    fn an_id_goes_with_what_its_action_means_and_not_with_its_place() {
        let id = |value: Value, twins| ActionId::of(&value, twins);
        assert_eq!(id(json!({"Vote": 1}), 0), id(json!({"Vote": 1}), 0));
        let all = [
            id(json!({"Vote": 1}), 0),
            id(json!({"Vote": 1}), 1),
            id(json!({"Vote": 2}), 0),
            id(json!("Add"), 0),
        ];
        for (place, one) in all.iter().enumerate() {
            assert_eq!(ActionId::parse(one.as_str()).as_ref(), Ok(one));
            assert!(!all[..place].contains(one));
        }
        // It stays the same in all releases, or an upgrade would lose clicks.
        assert_eq!(all[3].as_str(), "d8421c2604e3d76f");
    }
}
