//! Secrets on the wire: tokens of commands, webhooks and accounts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token. It doesn't print itself; comparing in constant time is the reader's work.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Wraps a token as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_print_itself() {
        let token = Token::new("hd64k8zc47nqbkpe9eenyni3to");
        assert!(!format!("{token:?}").contains("hd64"));
        assert_eq!(token.expose(), "hd64k8zc47nqbkpe9eenyni3to");
    }
}
