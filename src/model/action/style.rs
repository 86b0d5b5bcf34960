//! The look of buttons.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::limits::LimitError;

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
pub(in crate::model) fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
