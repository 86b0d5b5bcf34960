//! The inputs of a world that a journal keeps.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};

use super::bot::Bot;
use super::world::{CallFailure, Heard, Like};

/// A lasting input of the world.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// The first line: what the world was made of.
    World {
        /// Milliseconds since 1970.
        now: i64,
        /// The generator's seed.
        seed: u64,
        /// The signing key: PKCS #8 in base64.
        key: String,
    },
    /// [`World::request`](crate::World::request)
    Request {
        /// Milliseconds since 1970.
        now: i64,
        /// The HTTP method.
        method: String,
        /// Path and query.
        uri: String,
        /// `Authorization`.
        authorization: Option<String>,
        /// `Content-Type`.
        content_type: Option<String>,
        /// The body.
        body: Body,
    },
    /// [`World::answered`](crate::World::answered)
    Answered {
        /// Milliseconds since 1970.
        now: i64,
        /// Which call.
        id: u64,
        /// What came back, or none within the limit, or why nothing came.
        answer: CallOutcome,
    },
    /// [`World::provision`](crate::World::provision)
    Provision {
        /// Milliseconds since 1970.
        now: i64,
        /// What was asked for.
        bot: Bot,
    },
    /// [`World::revoke`](crate::World::revoke)
    Revoke {
        /// Which token.
        token: String,
    },
    /// [`World::set_like`](crate::World::set_like)
    Like {
        /// From here on.
        version: Like,
    },
    /// [`World::set_max_post_size`](crate::World::set_max_post_size)
    PostSize {
        /// From here on.
        characters: usize,
    },
    /// The process began anew, or [`World::restart`](crate::World::restart).
    Restart,
}

/// Where lines go. Errors refuse the input.
pub trait Journal: Send {
    /// Adds an entry; when this returns, it outlives the process.
    fn append(&mut self, entry: &Entry) -> io::Result<()>;
}

/// How a call ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// With an answer.
    Heard {
        /// The HTTP status.
        status: u16,
        /// Without parameters.
        content_type: String,
        /// At most 1 MiB.
        body: Body,
    },
    /// Without one in time.
    TimedOut,
    /// Without a connection.
    Unreachable(String),
}

/// Bytes in a line: as they are where they are text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// UTF-8.
    Text(String),
    /// Base64.
    Bytes(String),
}

impl From<&Bytes> for Body {
    fn from(bytes: &Bytes) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(STANDARD.encode(bytes)),
        }
    }
}

impl From<Body> for Bytes {
    fn from(body: Body) -> Self {
        match body {
            Body::Text(text) => text.into(),
            Body::Bytes(text) => STANDARD.decode(text).unwrap_or_default().into(),
        }
    }
}

impl From<CallOutcome> for Result<Heard, CallFailure> {
    fn from(outcome: CallOutcome) -> Self {
        match outcome {
            CallOutcome::Heard {
                status,
                content_type,
                body,
            } => Ok(Heard {
                status,
                content_type,
                body: body.into(),
            }),
            CallOutcome::TimedOut => Err(CallFailure::TimedOut),
            CallOutcome::Unreachable(why) => Err(CallFailure::Unreachable(why)),
        }
    }
}

impl Entry {
    pub(super) fn request(now: i64, request: &Request<Bytes>) -> Self {
        let header = |name: &str| {
            let value = request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        Self::Request {
            now,
            method: request.method().to_string(),
            uri: request.uri().to_string(),
            authorization: header("authorization"),
            content_type: header("content-type"),
            body: request.body().into(),
        }
    }

    pub(super) fn answered(now: i64, id: u64, heard: &Result<Heard, CallFailure>) -> Self {
        let answer = match heard {
            Ok(heard) => CallOutcome::Heard {
                status: heard.status,
                content_type: heard.content_type.clone(),
                body: (&heard.body).into(),
            },
            Err(CallFailure::TimedOut) => CallOutcome::TimedOut,
            Err(CallFailure::Unreachable(why)) => CallOutcome::Unreachable(why.clone()),
        };
        Self::Answered { now, id, answer }
    }
}
