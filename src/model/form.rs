//! Urlencoded bodies and query strings: pairs, of which a name may come more than once.

use std::borrow::Cow;

use url::form_urlencoded;

use super::ids::{Id, IdError};

/// No form of Mattermost's has more pairs: two for each mention, of which 16,383 characters hold some thousand.
const PAIRS: usize = 20_000;

/// A form that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A pair without which the form means nothing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A value that should be an id and isn't.
    #[error("{name}: {source}")]
    Id {
        /// The pair's name.
        name: &'static str,
        /// What is wrong.
        source: IdError,
    },
    /// A value that should be a number and isn't.
    #[error("{0} is no number")]
    Number(&'static str),
    /// A value that should be JSON of a certain form and isn't.
    #[error("{name}: {reason}")]
    Json {
        /// The pair's name.
        name: &'static str,
        /// What serde said.
        reason: String,
    },
}

/// The pairs of a form, taken out one by one; what is left over is kept by its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Splits a body or a query string. Bytes that are no UTF-8 become U+FFFD: Mattermost cuts
    /// the text of a slash command in the middle of a character at times.
    pub fn decode(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// Takes the first pair of this name.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let i = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.remove(i).1)
    }

    /// Takes the first pair of this name; an empty text if there is none.
    pub fn text(&mut self, name: &str) -> String {
        self.take(name).unwrap_or_default()
    }

    /// Takes all pairs of this name.
    pub fn all(&mut self, name: &str) -> Vec<String> {
        let (mine, others) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(n, _)| n == name);
        self.0 = others;
        Vec::from_iter(mine)
            .into_iter()
            .map(|(_, value): (String, String)| value)
            .collect()
    }

    /// Takes an id that must be there.
    pub fn id<T: Id>(&mut self, name: &'static str) -> Result<T, FormError> {
        self.maybe_id(name)?.ok_or(FormError::Missing(name))
    }

    /// Takes an id that may be empty or missing.
    pub fn maybe_id<T: Id>(&mut self, name: &'static str) -> Result<Option<T>, FormError> {
        match self.take(name) {
            Some(text) if !text.is_empty() => T::parse(&text)
                .map(Some)
                .map_err(|source| FormError::Id { name, source }),
            _ => Ok(None),
        }
    }

    /// What has not been taken.
    pub fn rest(self) -> Vec<(String, String)> {
        self.0
    }
}

/// The first value of each of these names, empty where there is none among the first 20,000 pairs. Nothing
/// else is decoded.
pub fn firsts<'a, const N: usize>(bytes: &'a [u8], names: [&str; N]) -> [Cow<'a, str>; N] {
    let mut found = [const { None }; N];
    for pair in bytes.split(|byte| *byte == b'&').take(PAIRS) {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        let plain = !name.iter().any(|byte| b"%+".contains(byte));
        if plain && !names.iter().any(|wanted| wanted.as_bytes() == name) {
            continue;
        }
        for (name, value) in form_urlencoded::parse(pair) {
            if let Some(i) = names.iter().position(|wanted| *wanted == name) {
                found[i].get_or_insert(value);
            }
        }
    }
    found.map(Option::unwrap_or_default)
}

/// Writes pairs as a body or query string.
pub(super) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::UserId;

    #[test]
    fn a_broken_character_does_not_break_the_form() {
        let mut pairs = Pairs::decode(b"text=%80%80caf%C3%A9&a=1&b=2&a=3");
        assert_eq!(pairs.text("text"), "\u{fffd}\u{fffd}café");
        assert_eq!(pairs.all("a"), ["1", "3"]);
        assert_eq!(pairs.rest(), [("b".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn the_first_of_a_name_counts() {
        for form in [
            "a=1&b=%32&a=3&d",
            "%61=1&&=&a=2&x=%80&b=2",
            "b=2=&a=1&%62=3",
        ] {
            let mut pairs = Pairs::decode(form.as_bytes());
            let names = ["b", "a", "c", "d"];
            let expected = names.map(|name| pairs.text(name));
            assert_eq!(firsts(form.as_bytes(), names), expected, "{form}");
        }
        let late = "x=1&".repeat(PAIRS) + "a=1";
        assert_eq!(firsts(late.as_bytes(), ["a"]), [""]);
    }

    #[test]
    fn an_error_names_the_pair() {
        let mut pairs = Pairs::decode(b"user_id=nope");
        let error = pairs.id::<UserId>("user_id").unwrap_err().to_string();
        assert!(
            error.contains("user_id") && error.contains("nope"),
            "{error}"
        );
        assert_eq!(
            pairs.id::<UserId>("user_id"),
            Err(FormError::Missing("user_id"))
        );
    }
}
