//! The tracing subscriber and the names of all metrics.
