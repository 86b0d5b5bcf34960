//! The actors and their messages.
