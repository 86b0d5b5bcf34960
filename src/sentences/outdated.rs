/// A button or menu whose envelope has expired.
pub(crate) const BUTTON: &str = "This button has expired.";

/// A form whose envelope has expired.
pub(crate) const FORM: &str = "This form has expired. Please open it again.";

/// A choice that the menu never had.
pub(crate) const NOT_OFFERED: &str = "That is not one of the options.";

/// The skill isn't there any more.
pub(crate) const NO_SKILL: &str = "This is out of date: the skill behind it is gone.";

/// The slot has ended.
pub(crate) const NO_SLOT: &str = "This is out of date: what it was about is no longer there.";

/// Values that the form's handler can't read.
pub(crate) const UNREADABLE: &str = "Something in this form is missing or of the wrong kind.";

/// A dialog that doesn't open.
pub(crate) const UNOPENED: &str = "The form could not be opened. Please try again.";

/// A form that has closed before its errors could be shown.
pub(crate) fn not_accepted(why: &str) -> String {
    format!("The form was not accepted. {why}")
}
