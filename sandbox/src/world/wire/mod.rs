//! What goes over the wire: questions, answers, refusals and calls out.

pub(in crate::world) mod audience;
pub(in crate::world) mod calls;
pub(in crate::world) mod errors;
pub(in crate::world) mod props;
pub(in crate::world) mod rest;
pub(in crate::world) mod shape;
