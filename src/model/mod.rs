//! What Mattermost says: serde types of the wire, without I/O.

pub mod ids;
pub mod limits;
