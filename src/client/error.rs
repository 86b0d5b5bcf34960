//! What a call to Mattermost can come back with, by what the caller does next.

use std::time::Duration;

use http::uri::InvalidUri;
use http::{HeaderMap, StatusCode};

use super::retry::retry_after;
use super::wire::WireError;
use crate::model::error::AppError;

/// The id of the error while a post with the same `pending_post_id` is being made.
const DEDUP_PENDING: &str = "api.post.deduplicate_create_post.pending";
/// How long to wait then.
const DEDUP_PAUSE: Duration = Duration::from_millis(300);
/// How long to wait after a 429 that doesn't say.
const RATE_PAUSE: Duration = Duration::from_secs(1);
/// How much of a message is kept, in characters: it is for the log.
const MAX_MESSAGE: usize = 300;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// The server has surely not seen it.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It was sent and not answered: it may have had its effect.
    #[error("sent, but not answered: {0}")]
    Ambiguous(String),
    /// 429: nothing happened.
    #[error("over the rate limit")]
    RateLimited {
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
    /// A failure on the server's side (5xx). It may have had its effect: Mattermost can fail after
    /// a post is saved.
    #[error("server error {status} {id}")]
    Server {
        /// The status.
        status: u16,
        /// The error's id; empty if the body is not Mattermost's (a proxy's page).
        id: String,
    },
    /// The same post is being made at this moment.
    #[error("the same post is still being made")]
    DedupPending,
    /// The server will never do this: 400, 403, 404, 413, 501 and the like.
    #[error("refused with {status} {id}: {message}")]
    Refused {
        /// The status.
        status: u16,
        /// The error's id; several changed between 10.0 and 11.6, so branch on the status.
        id: String,
        /// The server's words, cut after 300 characters.
        message: String,
    },
    /// 401: the token is not valid (any more).
    #[error("the token is not valid")]
    Unauthorized,
    /// Status 200 with a body that is not what was asked for. Mattermost streams some lists and
    /// cuts them when something fails half-way.
    #[error("malformed answer: {0}")]
    Malformed(String),
    /// An address that isn't our Mattermost's: nothing was sent.
    #[error("the address does not belong to this Mattermost")]
    NotOurs,
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It had no effect: try again after a back-off.
    Yes,
    /// It may have had its effect: try again only what is the same when done twice (a GET, a PUT,
    /// a post with the same `pending_post_id` within 25 s); else look first.
    SameIdOnly,
    /// It had no effect: try again after this time; this does not count as a try.
    After(Duration),
    /// It will fail each time.
    Never,
    /// Everything will fail: stop, and tell the admin.
    Stop,
}

impl RestError {
    /// What to do, whatever the call was.
    pub fn retry(&self) -> Retry {
        match self {
            Self::NotSent(_) => Retry::Yes,
            Self::Ambiguous(_) | Self::Server { .. } | Self::Malformed(_) => Retry::SameIdOnly,
            Self::RateLimited { retry_after } => Retry::After(retry_after.unwrap_or(RATE_PAUSE)),
            Self::DedupPending => Retry::After(DEDUP_PAUSE),
            Self::Refused { .. } | Self::NotOurs => Retry::Never,
            Self::Unauthorized => Retry::Stop,
        }
    }

    /// Whether what was asked for isn't there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// What an answer that is no success means.
    pub(super) fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        // A 429 has a plain text as its body, and a proxy's error is a page: neither is JSON.
        let error = serde_json::from_slice::<AppError>(body).ok();
        let id = error.as_ref().map(|e| e.id.clone()).unwrap_or_default();
        match status.as_u16() {
            429 => Self::RateLimited {
                retry_after: retry_after(headers),
            },
            401 => Self::Unauthorized,
            500 if id == DEDUP_PENDING => Self::DedupPending,
            status @ (408 | 500 | 502..=599) => Self::Server { status, id },
            status => {
                let message =
                    error.map_or_else(|| String::from_utf8_lossy(body).into_owned(), |e| e.message);
                Self::Refused {
                    status,
                    id,
                    message: message.chars().take(MAX_MESSAGE).collect(),
                }
            }
        }
    }
}

impl From<InvalidUri> for RestError {
    fn from(error: InvalidUri) -> Self {
        Self::NotSent(error.to_string())
    }
}

impl From<WireError> for RestError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::NotSent(why) => Self::NotSent(why),
            WireError::Ambiguous(why) => Self::Ambiguous(why),
            WireError::Refused {
                status: StatusCode::UNAUTHORIZED,
                ..
            } => Self::Unauthorized,
            WireError::Refused {
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after,
            } => Self::RateLimited { retry_after },
            WireError::Refused { status, .. } => Self::of_answer(status, &HeaderMap::new(), b""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(status: u16, body: &str) -> RestError {
        RestError::of_answer(
            StatusCode::from_u16(status).unwrap(),
            &HeaderMap::new(),
            body.as_bytes(),
        )
    }

    fn app_error(id: &str, status: u16) -> String {
        format!(
            r#"{{"id":"{id}","message":"No.","detailed_error":"","request_id":"r","status_code":{status}}}"#
        )
    }

    #[test]
    fn each_answer_has_its_own_way_to_go_on() {
        let table = [
            (302, "", Retry::Never),
            (400, "model.post.is_valid.msg.app_error", Retry::Never),
            (401, "api.context.session_expired.app_error", Retry::Stop),
            (403, "api.context.permissions.app_error", Retry::Never),
            (404, "app.post.get.app_error", Retry::Never),
            (408, "", Retry::SameIdOnly),
            (
                413,
                "api.context.request_body_too_large.app_error",
                Retry::Never,
            ),
            (429, "", Retry::After(RATE_PAUSE)),
            (500, DEDUP_PENDING, Retry::After(DEDUP_PAUSE)),
            (500, "app.post.save.app_error", Retry::SameIdOnly),
            (501, "api.command.disabled.app_error", Retry::Never),
            (502, "", Retry::SameIdOnly),
            (503, "", Retry::SameIdOnly),
            (504, "", Retry::SameIdOnly),
        ];
        for (status, id, expected) in table {
            assert_eq!(
                of(status, &app_error(id, status)).retry(),
                expected,
                "{status} {id}"
            );
        }
    }

    #[test]
    fn what_went_wrong_on_the_way_is_told_apart_too() {
        let table = [
            (RestError::from(WireError::NotSent("x".into())), Retry::Yes),
            (
                RestError::from(WireError::Ambiguous("x".into())),
                Retry::SameIdOnly,
            ),
            (RestError::Malformed("x".into()), Retry::SameIdOnly),
            (RestError::NotOurs, Retry::Never),
        ];
        for (error, expected) in table {
            assert_eq!(error.retry(), expected, "{error}");
        }
    }

    #[test]
    fn a_429_in_plain_text_is_understood_and_says_how_long() {
        let headers =
            HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static("3"))]);
        let error =
            RestError::of_answer(StatusCode::TOO_MANY_REQUESTS, &headers, b"limit exceeded");
        assert_eq!(error.retry(), Retry::After(Duration::from_secs(3)));
    }

    #[test]
    fn a_refusal_keeps_the_servers_words_and_a_page_of_a_proxy_is_cut() {
        let expected = RestError::Refused {
            status: 403,
            id: "a.b".into(),
            message: "No.".into(),
        };
        assert_eq!(of(403, &app_error("a.b", 403)), expected);
        let RestError::Refused { id, message, .. } = of(404, &"<html>".repeat(1000)) else {
            panic!()
        };
        assert_eq!((id.as_str(), message.len()), ("", MAX_MESSAGE));
    }
}
