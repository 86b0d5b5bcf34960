//! The body of a refusal.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What Mattermost answers when it refuses (`model.AppError`). Branch on the HTTP status rather
/// than on `id`: several ids changed between 10.0 and 11.6. A 429 has a plain-text body instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// What went wrong, for programs: `api.context.permissions.app_error`.
    pub id: String,
    /// What went wrong, for people, in the server's or the caller's language.
    #[serde(default)]
    pub message: String,
    /// More for administrators; often empty.
    #[serde(default)]
    pub detailed_error: String,
    /// Names the request in the server's log; not sent over the WebSocket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The HTTP status, repeated.
    #[serde(default)]
    pub status_code: u16,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.message, self.status_code, self.id)
    }
}

impl std::error::Error for AppError {}
