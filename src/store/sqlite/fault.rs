use std::path::Path;

use crate::store::{CommitError, StoreError};

/// What went wrong in SQLite, sorted into what may work later and what never will.
#[derive(Debug)]
pub(super) struct Fault(pub StoreError);

impl Fault {
    /// A stored value that this program can't read.
    pub fn unreadable(what: &str, why: impl std::fmt::Display) -> Self {
        Self(StoreError::Refused(format!(
            "a stored {what} can't be read: {why}"
        )))
    }

    /// The same for another write of the group.
    pub fn again(&self) -> Self {
        Self(match &self.0 {
            StoreError::Unavailable(text) => StoreError::Unavailable(text.clone()),
            StoreError::Refused(text) => StoreError::Refused(text.clone()),
        })
    }

    /// The same with the file where it happened, for SQLite doesn't name it.
    pub fn at(self, path: &Path) -> Self {
        let named = |text| format!("{}: {text}", path.display());
        Self(match self.0 {
            StoreError::Unavailable(text) => StoreError::Unavailable(named(text)),
            StoreError::Refused(text) => StoreError::Refused(named(text)),
        })
    }

    /// Whether it may work later.
    pub fn passes(&self) -> bool {
        matches!(self.0, StoreError::Unavailable(_))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let passes = code(&error).is_some_and(passes);
        let text = match error {
            rusqlite::Error::SqliteFailure(_, Some(text)) => text,
            rusqlite::Error::SqlInputError { msg, .. } => msg,
            other => other.to_string(),
        };
        Self(match passes {
            true => StoreError::Unavailable(text),
            false => StoreError::Refused(text),
        })
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::unreadable("value", error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

impl From<Fault> for CommitError {
    fn from(fault: Fault) -> Self {
        fault.0.into()
    }
}

/// SQLite's primary code of an error (<https://www.sqlite.org/rescode.html>): the low byte of an extended one.
pub(super) fn code(error: &rusqlite::Error) -> Option<i32> {
    Some(error.sqlite_error()?.extended_code & 0xff)
}

fn passes(code: i32) -> bool {
    // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
    matches!(code, 5..=10 | 13..=15)
}
