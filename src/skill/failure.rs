use std::collections::BTreeMap;
use std::fmt;

/// Why a turn changes nothing. Two audiences: the person reads a plain sentence, the log gets the chain.
pub enum Failure {
    /// The person is told this sentence; nothing is wrong with the program.
    Refused(String),
    /// A dialog stays open with these errors.
    Fields {
        /// Element's name → what is wrong.
        errors: BTreeMap<String, String>,
        /// What is wrong with all of it.
        error: Option<String>,
    },
    /// The program failed: the log gets the chain, the person an id to ask about.
    Broken(anyhow::Error),
}

impl Failure {
    /// The person is told this sentence.
    pub fn refuse(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }

    /// One element of a dialog is wrong; it stays open.
    pub fn field(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Fields {
            errors: BTreeMap::from([(name.into(), text.into())]),
            error: None,
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) => write!(f, "Refused({text:?})"),
            Self::Fields { errors, error } => write!(f, "Fields({errors:?}, {error:?})"),
            Self::Broken(chain) => write!(f, "Broken({chain:#})"),
        }
    }
}
