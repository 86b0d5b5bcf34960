//! What one server takes and another one doesn't.

use super::limits::{self, DIALOG_TITLE_BYTES, DIALOG_TITLE_CHARS, LimitError, MESSAGE_CHARS};
use super::server::ClientConfig;

/// The first version whose dialogs have long titles.
const LONG_TITLES: u32 = 12;

/// How long texts may be for this server, as far as it has told; what it hasn't is as every server
/// takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    message_chars: usize,
    long_titles: bool,
}

impl Default for Allowed {
    fn default() -> Self {
        Self {
            message_chars: MESSAGE_CHARS,
            long_titles: false,
        }
    }
}

impl Allowed {
    /// As the server's configuration says. Without a login it doesn't tell how long posts may be.
    pub fn by(config: &ClientConfig) -> Self {
        let stricter = Self::default();
        let major = config.version().and_then(|text| text.split('.').next());
        let major = major.and_then(|text| text.parse::<u32>().ok());
        Self {
            message_chars: config.max_post_size().unwrap_or(stricter.message_chars),
            long_titles: major.is_some_and(|major| major >= LONG_TITLES),
        }
    }

    /// The same with posts of so many characters.
    pub fn with_message_chars(self, message_chars: usize) -> Self {
        Self {
            message_chars,
            ..self
        }
    }

    /// The most characters of a post.
    pub fn message_chars(&self) -> usize {
        self.message_chars
    }

    /// Whether a post's text is short enough.
    pub fn message(&self, text: &str) -> Result<(), LimitError> {
        limits::chars("message", self.message_chars, text)
    }

    /// Whether a dialog's title is short enough.
    pub fn dialog_title(&self, title: &str) -> Result<(), LimitError> {
        if self.long_titles {
            return limits::chars("dialog title", DIALOG_TITLE_CHARS, title);
        }
        limits::count("dialog title", DIALOG_TITLE_BYTES, title.len(), "bytes")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn by(config: Value) -> Allowed {
        Allowed::by(&serde_json::from_value(config).unwrap())
    }

    #[test]
    fn posts_are_as_long_as_the_server_says_and_else_as_on_every_server() {
        for (size, chars) in [
            (json!("4000"), 4_000),
            (json!("262144"), 262_144),
            (json!("0"), MESSAGE_CHARS),
            (json!("-1"), MESSAGE_CHARS),
            (json!("many"), MESSAGE_CHARS),
            (json!(""), MESSAGE_CHARS),
            (json!(4000), MESSAGE_CHARS),
            (Value::Null, MESSAGE_CHARS),
        ] {
            let allowed = by(json!({"MaxPostSize": size}));
            assert_eq!(allowed.message_chars(), chars, "{size}");
        }
        assert_eq!(by(json!({})), Allowed::default());
        let allowed = by(json!({"MaxPostSize": "3"}));
        assert_eq!(allowed.message("äöü"), Ok(()), "characters, not bytes");
        assert_eq!(
            allowed.message("äöüß").unwrap_err().to_string(),
            "message has 4 characters, the limit is 3"
        );
    }

    #[test]
    fn a_dialogs_title_goes_by_the_servers_version() {
        let (fits, umlauts) = ("x".repeat(24), "ä".repeat(13));
        for version in ["10.0.0", "11.10.0", "", "twelve"] {
            let allowed = by(json!({"Version": version}));
            assert_eq!(allowed.dialog_title(&fits), Ok(()), "{version}");
            assert_eq!(
                allowed.dialog_title(&umlauts).unwrap_err().to_string(),
                "dialog title has 26 bytes, the limit is 24",
                "{version}"
            );
        }
        for version in ["12.0.0", "12.0.0-rc1", "13.1"] {
            let allowed = by(json!({"Version": version}));
            assert_eq!(allowed.dialog_title(&"ä".repeat(80)), Ok(()), "{version}");
            assert_eq!(
                allowed
                    .dialog_title(&"ä".repeat(81))
                    .unwrap_err()
                    .to_string(),
                "dialog title has 81 characters, the limit is 80"
            );
        }
    }
}
