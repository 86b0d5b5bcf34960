//! The built-in skills.
