//! What a call to Mattermost can come back with, by what the caller does next.

use std::time::Duration;

use http::uri::InvalidUri;
use http::{HeaderMap, StatusCode, Uri};

use super::foreign::{address, is_own_limit, line, own_error};
use super::retry::retry_after;
use super::wire::WireError;

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
    /// A failure on the server's side (5xx), in Mattermost's own words. It may have had its effect:
    /// Mattermost can fail after a post is saved.
    #[error("server error {status} {id}")]
    Server {
        status: u16,
        /// The error's id.
        id: String,
    },
    /// An answer that isn't Mattermost's own: a proxy's page while its back end restarts, a login,
    /// another server. Whatever its status, it says nothing of what was asked for, so it is never
    /// final.
    #[error("{address} answers {status}, but not as Mattermost does: {}", quoted(.line))]
    Foreign {
        /// The status; also 2xx and 3xx.
        status: u16,
        /// What was called, without what is secret in it.
        address: String,
        /// The first line of what came, cut after 200 characters, without control characters.
        line: String,
    },
    /// The same post is being made at this moment.
    #[error("the same post is still being made")]
    DedupPending,
    /// Mattermost's own refusal: 400, 403, 404, 413, 501 and the like.
    #[error("refused with {status} {id}: {message}")]
    Refused {
        status: u16,
        /// The error's id; several changed between 10.0 and 11.6, so branch on the status.
        id: String,
        /// The server's words, cut after 300 characters.
        message: String,
    },
    /// Mattermost's own 401: the token is not valid (any more).
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
            // Whoever redirects or refuses didn't hand it on; the others may have.
            Self::Foreign { status, .. } => match status {
                408 | 499 => Retry::SameIdOnly,
                100..=199 | 300..=499 | 501 | 505 | 511 => Retry::Yes,
                _ => Retry::SameIdOnly,
            },
            Self::RateLimited { retry_after } => Retry::After(retry_after.unwrap_or(RATE_PAUSE)),
            Self::DedupPending => Retry::After(DEDUP_PAUSE),
            // What is asked for is wrong, or not allowed; anything else may be the state of the server.
            Self::Refused {
                status: 400 | 403 | 404 | 413,
                ..
            }
            | Self::NotOurs => Retry::Never,
            Self::Refused { .. } => Retry::SameIdOnly,
            Self::Unauthorized => Retry::Stop,
        }
    }

    /// Whether the call surely had no effect, or as good as surely: a proxy's 502 and 503 mean that it
    /// had nobody to hand it to, and its page of success that it never meant to. For what may be sent once
    /// only, and can't be looked for.
    pub fn was_unseen(&self) -> bool {
        let nobody_there = matches!(
            self,
            Self::Foreign {
                status: 200..=299 | 502 | 503,
                ..
            }
        );
        nobody_there || matches!(self.retry(), Retry::Yes | Retry::After(_))
    }

    /// Whether Mattermost says that what was asked for isn't there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Whether it is about where something was to be done, or about who asks: 403, 404. Mattermost
    /// says it for a moment where a membership is new, and takes it back when the bot is let in.
    pub fn is_of_place(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 403 | 404,
                ..
            }
        )
    }

    /// Whether Mattermost takes what was sent for wrong: 400.
    pub fn is_bad_request(&self) -> bool {
        matches!(self, Self::Refused { status: 400, .. })
    }

    /// What an answer that is no success of Mattermost's means.
    pub(super) fn of_answer(
        uri: &Uri,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Self {
        // Mattermost's limiter answers in plain text.
        if status == StatusCode::TOO_MANY_REQUESTS && is_own_limit(headers, body) {
            return Self::RateLimited {
                retry_after: retry_after(headers),
            };
        }
        let Some(error) = own_error(status, body) else {
            return Self::Foreign {
                status: status.as_u16(),
                address: address(uri),
                line: line(uri, headers, body),
            };
        };
        match status.as_u16() {
            401 => Self::Unauthorized,
            500 if error.id == DEDUP_PENDING => Self::DedupPending,
            status @ (408 | 500 | 502..=599) => Self::Server {
                status,
                id: error.id,
            },
            status => Self::Refused {
                status,
                id: error.id,
                message: error.message.chars().take(MAX_MESSAGE).collect(),
            },
        }
    }

    /// What it means that a call of `uri`, or an upgrade to a WebSocket, failed on its way or was answered with
    /// something else.
    pub fn of_wire(uri: &Uri, error: WireError) -> Self {
        let at = |why: String| format!("{}: {why}", address(uri));
        match error {
            WireError::Refused {
                status,
                headers,
                body,
            } => Self::of_answer(uri, status, &headers, &body),
            WireError::NotSent(why) => Self::NotSent(at(why)),
            WireError::Ambiguous(why) => Self::Ambiguous(at(why)),
        }
    }
}

fn quoted(line: &str) -> String {
    match line {
        "" => "with nothing".into(),
        line => format!("\"{line}\""),
    }
}

impl From<InvalidUri> for RestError {
    fn from(error: InvalidUri) -> Self {
        Self::NotSent(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn uri() -> Uri {
        "http://chat.example/api/v4/posts".parse().unwrap()
    }

    fn of(status: u16, body: &str) -> RestError {
        RestError::of_answer(
            &uri(),
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
            (400, "model.post.is_valid.msg.app_error", Retry::Never),
            (401, "api.context.session_expired.app_error", Retry::Stop),
            (403, "api.context.permissions.app_error", Retry::Never),
            (404, "app.post.get.app_error", Retry::Never),
            (
                413,
                "api.context.request_body_too_large.app_error",
                Retry::Never,
            ),
            (500, DEDUP_PENDING, Retry::After(DEDUP_PAUSE)),
            (500, "app.post.save.app_error", Retry::SameIdOnly),
            (405, "api.x.app_error", Retry::SameIdOnly),
            (422, "api.x.app_error", Retry::SameIdOnly),
            (501, "api.command.disabled.app_error", Retry::SameIdOnly),
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
            (
                RestError::of_wire(&uri(), WireError::NotSent("x".into())),
                Retry::Yes,
            ),
            (
                RestError::of_wire(&uri(), WireError::Ambiguous("x".into())),
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
    fn a_429_that_does_not_say_how_long_means_a_second() {
        let error = of(429, "limit exceeded\n");
        assert_eq!(error.retry(), Retry::After(RATE_PAUSE));
    }

    #[test]
    fn a_429_in_plain_text_is_understood_and_says_how_long() {
        let headers =
            HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static("3"))]);
        let error = RestError::of_answer(
            &uri(),
            StatusCode::TOO_MANY_REQUESTS,
            &headers,
            b"limit exceeded",
        );
        assert_eq!(error.retry(), Retry::After(Duration::from_secs(3)));
    }

    #[test]
    fn a_refusal_keeps_the_servers_words() {
        let expected = RestError::Refused {
            status: 403,
            id: "a.b".into(),
            message: "No.".into(),
        };
        assert_eq!(of(403, &app_error("a.b", 403)), expected);
    }

    #[test]
    fn nothing_that_others_say_is_final_or_means_that_something_is_gone() {
        let surely_unseen = [
            101, 301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 413, 501,
        ];
        let maybe_seen = [200, 204, 408, 500, 502, 503, 504, 520];
        let bodies = [
            "404 page not found",
            "",
            "<html><title>Gone</title>",
            r#"{"error":"not found"}"#,
            r#"{"message":"not found"}"#,
            r#"{"id":"3c2a9f81","message":"not found"}"#,
            r#"{"id":"","message":"not found","status_code":404}"#,
        ];
        for body in bodies {
            let retry = |status| {
                let error = of(status, body);
                let foreign =
                    matches!(&error, RestError::Foreign { status: s, .. } if *s == status);
                assert!(foreign && !error.is_not_found(), "{status} {body}: {error}");
                error.retry()
            };
            for status in surely_unseen {
                assert_eq!(retry(status), Retry::Yes, "{status} {body}");
            }
            for status in maybe_seen {
                assert_eq!(retry(status), Retry::SameIdOnly, "{status} {body}");
            }
        }
    }

    #[test]
    fn a_foreign_answer_names_address_and_first_line() {
        let said = of(404, "404 page not found\n<x>").to_string();
        let expected = "http://chat.example/api/v4/posts answers 404, but not as Mattermost does: \
                        \"404 page not found\"";
        assert_eq!(said, expected);
        assert!(of(502, "").to_string().ends_with("with nothing"));
    }
}
