//! The integration tests, one binary.

mod layering;
mod golden;
mod sandbox_golden;
mod sandbox_extra;
