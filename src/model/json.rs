//! JSON as it goes to Mattermost.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

/// The letter that no text of Mattermost's can have: PostgreSQL refuses it, and Mattermost answers 500
/// whenever such a post is tried.
const NUL: char = '\0';

/// JSON without NUL letters, wherever they stand in it. People can't post them, but a command's text or a
/// form's field may bring them here, and a skill may repeat them.
///
/// # Errors
/// Where a key is no string.
pub fn without_nul(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::with_capacity(256);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, WithoutNul))?;
    Ok(bytes)
}

/// The same for a text that is compared with what Mattermost has of it.
pub fn text_without_nul(text: &str) -> Cow<'_, str> {
    match text.contains(NUL) {
        true => text.replace(NUL, "").into(),
        false => text.into(),
    }
}

struct WithoutNul;

impl Formatter for WithoutNul {
    fn write_char_escape<W>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        match escape {
            CharEscape::AsciiControl(0) => Ok(()),
            other => CompactFormatter.write_char_escape(writer, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_letter_but_nul_is_left_out_of_keys_and_texts() {
        let value = json!({ "a\0b": ["\0", "x\u{1}\n\"\\u0000\0ü", { "c": "d\0" }], "n": 1 });
        let plain = json!({ "ab": ["", "x\u{1}\n\"\\u0000ü", { "c": "d" }], "n": 1 });
        let sent = without_nul(&value).unwrap();
        assert_eq!(sent, serde_json::to_vec(&plain).unwrap());
        assert_eq!(text_without_nul("\0a\0\0b\0"), "ab");
    }
}
