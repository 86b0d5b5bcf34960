//! Dialogs.

/// A dialog.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialog {}
