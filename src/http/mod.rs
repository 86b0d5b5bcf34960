//! The doors: hooks and admin pages, thin shells around pure functions.
