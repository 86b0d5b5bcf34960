//! What bot authors write against.
