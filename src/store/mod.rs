//! What outlives a crash: the trait, and memory and SQLite behind it.
