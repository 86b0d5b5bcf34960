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

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let text = match &error {
            sqlx::Error::Database(database) => database.message().to_owned(),
            sqlx::Error::PoolClosed => return Self(StoreError::closed()),
            other => other.to_string(),
        };
        Self(match passes(&error) {
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

/// <https://www.sqlite.org/rescode.html>: the low byte of an extended code is the primary one.
fn passes(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else {
        return matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        );
    };
    let code = database.code().and_then(|code| code.parse::<i32>().ok());
    // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
    code.is_some_and(|code| matches!(code & 0xff, 5..=10 | 13..=15))
}
