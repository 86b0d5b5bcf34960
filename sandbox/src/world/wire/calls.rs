//! What the world asks of integrations, and what they answer.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;

use super::errors::Refusal;

/// How long the server waits for an integration (`OutgoingIntegrationRequestsTimeout`).
pub const TIMEOUT_MS: u64 = 30_000;

/// More than this of an integration's answer is cut off (`MaxIntegrationResponseSize`).
pub const MAX_ANSWER: usize = 1024 * 1024;

/// An HTTP request that the shell must make for the world.
#[derive(Debug, Clone)]
pub struct Call {
    /// What [`World::answered`](crate::world::World::answered) is told.
    pub id: u64,
    /// The request, with an absolute URL and all headers of its own.
    pub request: Request<Bytes>,
    /// Give up after so many milliseconds.
    pub timeout_ms: u64,
}

/// Why an integration gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallFailure {
    /// None within the limit.
    TimedOut,
    /// No connection, or one that broke.
    Unreachable(String),
}

/// An integration's answer as the server looks at it.
#[derive(Debug)]
pub struct Heard {
    /// The HTTP status; only 200 counts.
    pub status: u16,
    /// The content type without parameters.
    pub content_type: String,
    /// At most 1 MiB.
    pub body: Bytes,
}

impl Heard {
    /// Cuts a response down to what the server reads of it.
    pub fn new(response: &Response<Bytes>) -> Self {
        let content_type = response.headers().get("content-type");
        let content_type = content_type.and_then(|v| v.to_str().ok()).unwrap_or("");
        let body = response.body();
        Self {
            status: response.status().as_u16(),
            content_type: content_type.split(';').next().unwrap_or("").trim().into(),
            body: body.slice(..body.len().min(MAX_ANSWER)),
        }
    }

    /// The body as JSON; `null` where it is empty.
    pub fn json(&self) -> Result<Value, String> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|error| error.to_string())
    }
}

/// The headers that every call carries (golden/11.6).
pub fn request(
    method: Method,
    url: &str,
    content_type: &str,
    body: Bytes,
) -> Result<Request<Bytes>, Refusal> {
    let mut builder = Request::builder()
        .method(method)
        .uri(url)
        .header("user-agent", "Mattermost-Bot/1.1")
        .header("accept", "application/json");
    if !content_type.is_empty() {
        builder = builder.header("content-type", content_type);
    }
    builder.body(body).map_err(|error| {
        let text = "Action integration error.";
        Refusal::new(400, "api.post.do_action.action_integration.app_error", text)
            .because(error.to_string())
    })
}

/// A field of a question's body that must be an http or https URL.
pub fn checked_url(url: &str) -> bool {
    url.parse::<url::Url>()
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
