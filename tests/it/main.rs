//! The integration tests, one binary.

mod golden;
mod layering;
mod sandbox_golden;
