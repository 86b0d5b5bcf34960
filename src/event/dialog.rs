use super::{Slot, TriggerId};
use crate::model::dialog::Dialog;

/// A dialog that a turn wants opened, before it is sealed and has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogDraft {
    /// Which of the skill's dialogs; its submission comes back under this name.
    pub form: String,
    /// What it shows.
    pub dialog: Dialog,
}

/// A dialog to open now: after the commit, before the answer where that isn't late. It is never stored, for
/// the right to dies in 30 s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Who opens it.
    pub slot: Slot,
    /// What it shows.
    pub draft: DialogDraft,
    /// The right to.
    pub trigger_id: TriggerId,
}
