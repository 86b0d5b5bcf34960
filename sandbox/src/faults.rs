//! A switchboard for tests: what goes wrong next.
//!
//! Faults meet bots and whoever comes without a login; people's requests and sockets are spared,
//! so that a test's people can go on acting while the program under test suffers.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;

use super::proxy::page_of_a_proxy;

/// What happens to a request. As JSON: `"cut"`, `{"too_many": 2}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429 with plain text and `Retry-After` in seconds, as the rate limiter answers.
    TooMany(u64),
    /// 500, and nothing has changed.
    Fail,
    /// 500, although all was done.
    FailAfter,
    /// All is done, but the answer comes so many milliseconds later.
    Slow(u64),
    /// The connection ends without an answer, and nothing has changed.
    Cut,
    /// The connection ends without an answer, although all was done.
    CutAfter,
    /// Mattermost's own refusal with this status, such as 403, and nothing has changed.
    Refuse(u16),
    /// Not Mattermost answers but a proxy before it, with this status and a page of its
    /// own, and nothing has changed.
    Page(u16),
    /// The same, although all was done.
    PageAfter(u16),
}

impl Fault {
    /// What becomes of a request that it meets.
    fn meets(self) -> Before {
        match self {
            Self::TooMany(seconds) => Before::Answer(too_many(seconds)),
            Self::Fail => Before::Answer(failure()),
            Self::FailAfter => Before::Spoil(After::Answer(failure())),
            Self::Slow(ms) => Before::Slow(ms),
            Self::Cut => Before::Cut,
            Self::CutAfter => Before::Spoil(After::Cut),
            Self::Refuse(status) => Before::Answer(refusal(status)),
            Self::Page(status) => Before::Answer(page_of_a_proxy(status)),
            Self::PageAfter(status) => Before::Spoil(After::Answer(page_of_a_proxy(status))),
        }
    }
}

#[derive(Debug, Clone)]
struct Rule {
    left: usize,
    method: String,
    path: String,
    fault: Fault,
}

/// What was decided about a request before it is taken.
#[derive(Debug)]
pub(super) enum Before {
    Pass,
    Answer(Response<Bytes>),
    Cut,
    Slow(u64),
    Spoil(After),
}

/// What happens in place of the answer.
#[derive(Debug)]
pub(super) enum After {
    Answer(Response<Bytes>),
    Cut,
}

/// The switchboard.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    swallowed: Vec<(String, usize)>,
    repeated: Vec<(String, usize)>,
    delayed: Vec<(String, usize)>,
    pending: Vec<String>,
    /// Words, and what meets a request that says them.
    filtered: Vec<(String, Fault)>,
    /// Mattermost is away, and a proxy answers whatever bots ask, WebSockets too, with a page of this
    /// status. [`World::away`](super::World::away) also ends the open sockets.
    pub away: Option<u16>,
    /// No bot's socket hears or is heard any more; what waits stays in its queue.
    pub silent: bool,
    /// Every reconnect starts anew.
    pub refuse_resume: bool,
    /// So many milliseconds after a direct channel was made the bot may not post in it yet, as where
    /// a person and the bot make it at the same moment.
    pub membership_lag: i64,
    /// Direct channels, and until when.
    lagging: Vec<(String, i64)>,
    /// People whom no bot can write to.
    shut: Vec<String>,
}

impl Faults {
    /// The next `times` requests with this method (`*` for all) whose path begins with `path`
    /// meet `fault`. Rules are tried in the order in which they were set.
    pub fn strike(&mut self, times: usize, method: &str, path: &str, fault: Fault) {
        self.rules.retain(|rule| rule.left > 0);
        self.rules.push(Rule {
            left: times,
            method: method.to_owned(),
            path: path.to_owned(),
            fault,
        });
    }

    /// The same for the very next request alone, before all other rules.
    pub fn strike_next(&mut self, method: &str, path: &str, fault: Fault) {
        let rule = Rule {
            left: 1,
            method: method.to_owned(),
            path: path.to_owned(),
            fault,
        };
        self.rules.insert(0, rule);
    }

    /// Every request whose body says these words meets `fault`, as at a proxy that looks into what it hands
    /// on.
    pub fn filter(&mut self, words: &str, fault: Fault) {
        self.filtered.push((words.to_owned(), fault));
    }

    /// The next `times` events of this name reach no bot, without a gap in the sequence.
    pub fn swallow(&mut self, event: &str, times: usize) {
        self.swallowed.push((event.to_owned(), times));
    }

    /// The next `times` events of this name reach bots twice, each with a number of its own.
    pub fn repeat(&mut self, event: &str, times: usize) {
        self.repeated.push((event.to_owned(), times));
    }

    /// The next `times` events of this name reach bots after the event that follows them.
    pub fn delay(&mut self, event: &str, times: usize) {
        self.delayed.push((event.to_owned(), times));
    }

    /// The next post with this `pending_post_id` finds another with the same one in flight.
    pub fn pend(&mut self, pending_post_id: &str) {
        self.pending.push(pending_post_id.to_owned());
    }

    /// Opening the direct channel with this person (an id) is refused to bots, as where they may not
    /// see them; `false` lets them again.
    pub fn shut_out(&mut self, user_id: &str, shut: bool) {
        self.shut.retain(|id| id != user_id);
        self.shut.extend(shut.then(|| user_id.to_owned()));
    }

    pub(super) fn shuts_out(&self, user_id: &str) -> bool {
        self.shut.iter().any(|id| id == user_id)
    }

    pub(super) fn membership_begins(&mut self, channel_id: &str, now: i64) {
        self.lagging.retain(|(_, until)| *until > now);
        if self.membership_lag > 0 {
            let until = now + self.membership_lag;
            self.lagging.push((channel_id.to_owned(), until));
        }
    }

    pub(super) fn membership_lags(&self, channel_id: &str, now: i64) -> bool {
        let mut lagging = self.lagging.iter();
        lagging.any(|(id, until)| id == channel_id && *until > now)
    }

    /// Everything works again.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn judge(&mut self, method: &str, path: &str, body: &[u8]) -> Before {
        if let Some(status) = self.away {
            return Before::Answer(page_of_a_proxy(status));
        }
        if !self.filtered.is_empty() {
            let body = String::from_utf8_lossy(body);
            let mut filtered = self.filtered.iter();
            if let Some((_, fault)) = filtered.find(|(words, _)| body.contains(words.as_str())) {
                return fault.meets();
            }
        }
        let rule = self.rules.iter_mut().find(|rule| {
            rule.left > 0
                && (rule.method == "*" || rule.method == method)
                && path.starts_with(&rule.path)
        });
        let Some(rule) = rule else {
            return Before::Pass;
        };
        rule.left -= 1;
        rule.fault.meets()
    }

    pub(super) fn swallows(&mut self, event: &str) -> bool {
        spent(&mut self.swallowed, event)
    }

    pub(super) fn repeats(&mut self, event: &str) -> bool {
        spent(&mut self.repeated, event)
    }

    pub(super) fn delays(&mut self, event: &str) -> bool {
        spent(&mut self.delayed, event)
    }

    /// Whether this is a post that must find another one in flight.
    pub(super) fn in_flight(&mut self, body: &[u8]) -> bool {
        if self.pending.is_empty() {
            return false;
        }
        let post: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let at = self
            .pending
            .iter()
            .position(|one| post["pending_post_id"] == one.as_str());
        at.map(|at| self.pending.remove(at)).is_some()
    }
}

/// Whether there was one left for this event.
fn spent(rules: &mut [(String, usize)], event: &str) -> bool {
    let mut rules = rules.iter_mut();
    let rule = rules.find(|(name, left)| name == event && *left > 0);
    rule.map(|(_, left)| *left -= 1).is_some()
}

fn too_many(seconds: u64) -> Response<Bytes> {
    let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "limit exceeded");
    let headers = response.headers_mut();
    headers.insert(
        "content-type",
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert("retry-after", seconds.into());
    headers.insert("x-ratelimit-limit", HeaderValue::from_static("101"));
    headers.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
    headers.insert("x-ratelimit-reset", seconds.into());
    response
}

/// As Mattermost refuses what is done in the wrong place or by the wrong account.
fn refusal(status: u16) -> Response<Bytes> {
    let body = serde_json::json!({
        "id": "api.context.permissions.app_error",
        "message": "You do not have the appropriate permissions.",
        "detailed_error": "", "request_id": "", "status_code": status,
    });
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    response
}

fn failure() -> Response<Bytes> {
    let body = "{\"id\":\"sandbox.fault\",\"message\":\"Something went wrong.\",\
                \"detailed_error\":\"\",\"request_id\":\"\",\"status_code\":500}";
    let mut response = plain(StatusCode::INTERNAL_SERVER_ERROR, body);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    response
}

fn plain(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    response
}
