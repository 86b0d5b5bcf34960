//! What Mattermost refuses, as constants, and the error of a thing that is over a limit.
//!
//! Sources are files of Mattermost server 11.6 under `server/`, where nothing else is said.

/// Characters of an id (`model.IsValidId`).
pub const ID_CHARS: usize = 26;
/// Characters (not bytes) of a post's message: 65,535 bytes of column / 4
/// (`model.PostMessageMaxRunesV2`), where the server doesn't say another number (`MaxPostSize`, see
/// [`Allowed`](super::allowed::Allowed)).
pub const MESSAGE_CHARS: usize = 16_383;
/// Characters of a post's props as JSON (`model.PostPropsMaxRunes`).
pub const PROPS_CHARS: usize = 800_000;
/// Files of a post: `file_ids` as JSON is at most 300 characters (`model.PostFileidsMaxRunes`).
pub const FILES: usize = 10;
/// Posts of a page (`api4`: `per_page`).
pub const PER_PAGE: usize = 200;
/// Characters of a command's trigger, which are `[A-Za-z0-9_./-]` (`model/command.go`).
pub const TRIGGER_CHARS: usize = 128;
/// Characters of a command's display name (`model/command.go`).
pub const COMMAND_DISPLAY_NAME_CHARS: usize = 64;
/// Characters of a command's description (`model/command.go`).
pub const COMMAND_DESCRIPTION_CHARS: usize = 128;
/// Bytes of a dialog's title before 12.0 (`model.DialogTitleMaxLength`).
pub const DIALOG_TITLE_BYTES: usize = 24;
/// Characters of a dialog's title since 12.0.
pub const DIALOG_TITLE_CHARS: usize = 80;
/// Characters of an element's label (`model.DialogElementDisplayNameMaxLength`).
pub const ELEMENT_DISPLAY_NAME_CHARS: usize = 24;
/// Characters of an element's name (`model.DialogElementNameMaxLength`).
pub const ELEMENT_NAME_CHARS: usize = 300;
/// Characters of an element's help (`model.DialogElementHelpTextMaxLength`).
pub const ELEMENT_HELP_CHARS: usize = 150;
/// Characters of a text element's value, default and placeholder, and of the placeholder of a
/// bool (`model.DialogElementTextMaxLength`, `DialogElementBoolMaxLength`).
pub const ELEMENT_TEXT_CHARS: usize = 150;
/// Characters of a textarea's and a select's value, default and placeholder
/// (`model.DialogElementTextareaMaxLength`, `DialogElementSelectMaxLength`).
pub const ELEMENT_TEXTAREA_CHARS: usize = 3_000;

/// A thing that can't be built because Mattermost would refuse it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Too many characters, bytes or entries.
    #[error("{what} has {found} {unit}, the limit is {limit}")]
    TooMuch {
        /// What is over the limit: `message`, `dialog title`.
        what: &'static str,
        /// The most that Mattermost takes.
        limit: usize,
        /// How much it is.
        found: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// Something that must not be empty.
    #[error("{what} is empty")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// A value of the wrong form.
    #[error("{what} must be {want}, and {found:?} is not")]
    Form {
        /// What is wrong.
        what: &'static str,
        /// What it has to look like.
        want: &'static str,
        /// What it is, cut after 64 characters.
        found: String,
    },
}

impl LimitError {
    /// A value of the wrong form; a long one is cut.
    pub fn form(what: &'static str, want: &'static str, found: &str) -> Self {
        Self::Form {
            what,
            want,
            found: found.chars().take(64).collect(),
        }
    }
}

/// At most `limit` characters (as Go counts runes).
pub fn chars(what: &'static str, limit: usize, text: &str) -> Result<(), LimitError> {
    // A text has at most as many characters as bytes: short ones need no count.
    if text.len() <= limit {
        return Ok(());
    }
    count(what, limit, text.chars().count(), "characters")
}

/// Between 1 and `limit` characters.
pub fn some_chars(what: &'static str, limit: usize, text: &str) -> Result<(), LimitError> {
    if text.is_empty() {
        return Err(LimitError::Empty { what });
    }
    chars(what, limit, text)
}

/// At most `limit` of a unit.
pub fn count(
    what: &'static str,
    limit: usize,
    found: usize,
    unit: &'static str,
) -> Result<(), LimitError> {
    match found <= limit {
        true => Ok(()),
        false => Err(LimitError::TooMuch {
            what,
            limit,
            found,
            unit,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_limit_and_the_value() {
        let error = chars("message", 3, "äöüß").unwrap_err();
        assert_eq!(
            error.to_string(),
            "message has 4 characters, the limit is 3"
        );
        assert_eq!(chars("message", 4, "äöüß"), Ok(()));
        assert_eq!(
            some_chars("name", 3, "").unwrap_err().to_string(),
            "name is empty"
        );
    }
}
