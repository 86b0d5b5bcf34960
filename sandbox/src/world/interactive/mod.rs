//! Buttons, menus and dialogs.

pub(in crate::world) mod actions;
pub(in crate::world) mod dialogs;
pub(in crate::world) mod triggers;
