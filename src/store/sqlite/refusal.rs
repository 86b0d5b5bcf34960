use std::path::Path;

use super::fault::{Fault, code};
use super::file;
use crate::store::StoreError;

/// What to say of an error that came while the file was opened.
pub(super) fn refusal(path: &Path, error: rusqlite::Error) -> StoreError {
    match (code(&error), Fault::from(error).0) {
        // ERROR: a table isn't there, or isn't what it was. CORRUPT.
        (Some(1 | 11), StoreError::Refused(text)) => file::damaged(path, &text),
        // NOTADB
        (Some(26), _) => file::not_a_database(path),
        (_, StoreError::Refused(text)) => {
            StoreError::Refused(format!("{} can't be opened: {text}", path.display()))
        }
        (_, unavailable) => unavailable,
    }
}
