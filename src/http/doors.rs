use std::sync::Arc;

use actix::Addr;
use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;

use super::callers::Callers;
use super::proven::Proofs;
use super::refusals::{Refusal, Refusals};
use crate::actors::card_format::CardFormat;
use crate::actors::messages::{Accept, Answered};
use crate::actors::webhooks::Webhooks;
use crate::event::{Answer, Event, Place};
use crate::model::ids::{ChannelId, UserId};
use crate::model::json::without_nul;
use crate::sentences::unfinished::BROKEN;
use crate::skill::Directory;
use crate::telemetry::names;
use crate::time::{Instant, Time, instant};
use crate::turns::Memberships;

/// The largest bodies that Mattermost can send, with room: a slash command of 16,383 characters of
/// 4 bytes, percent-encoded, is about 200 kB; a dialog's state and answers are larger.
const KIB: usize = 1024;

/// The header in which we say hello to ourselves.
pub const HELLO: &str = "matteractor-hello";

/// What Mattermost calls. Cheap to clone.
#[derive(Clone)]
pub struct Doors {
    /// Who may call.
    pub callers: Callers,
    /// Who was turned away.
    pub refusals: Refusals,
    /// What cards look like, and the seal of envelopes.
    pub format: CardFormat,
    /// The bot; `None` without an account.
    pub me: Option<UserId>,
    /// Where the bot is a member.
    pub memberships: Memberships,
    /// Who is a bot.
    pub directory: Arc<dyn Directory>,
    /// What is asked of the server about commands without a token.
    pub proofs: Proofs,
    /// Whether a skill hears what bots post.
    pub hears_bots: bool,
    /// What we say to ourselves to see whether an address leads here.
    pub hello: Arc<str>,
    /// Who answers.
    pub webhooks: Addr<Webhooks>,
    /// The clock.
    pub time: Time,
}

impl Doors {
    /// The largest body that a path takes, in bytes; 0 where there is no door.
    pub fn body_limit(path: &str) -> usize {
        match path {
            "/actions" => 256 * KIB,
            // 80,000 letters of four bytes, each written as `%` and two digits, fit.
            "/slash" | "/outgoing" | "/dialogs" => 1024 * KIB,
            _ => 0,
        }
    }

    /// Answers any request to the hooks' listener.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let limit = Self::body_limit(&path);
        if limit == 0 {
            return self.turn_away(&path, &Refusal::NoDoor);
        }
        if request.method() != Method::POST {
            let method = request.method().to_string();
            let mut response = self.turn_away(&path, &Refusal::Method(method));
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        if request
            .headers()
            .get(HELLO)
            .is_some_and(|said| *said == *self.hello)
        {
            return Response::new(Bytes::copy_from_slice(self.hello.as_bytes()));
        }
        if request.body().len() > limit {
            return self.turn_away(&path, &Refusal::TooLarge);
        }
        let started = instant();
        let (response, kind) = match path.as_str() {
            "/slash" => (self.slash(&request).await, "slash"),
            "/actions" => (self.action(&request).await, "action"),
            "/dialogs" => (self.dialog(&request).await, "dialog"),
            _ => (self.outgoing(&request).await, "outgoing"),
        };
        let seconds = instant().duration_since(started).as_secs_f64();
        metrics::histogram!(names::ANSWER_SECONDS, "kind" => kind).record(seconds);
        // Mattermost makes a new connection for each click and dialog, never uses it again and never
        // closes it.
        let closes = matches!(kind, "action" | "dialog");
        closed(response, closes)
    }

    /// A refusal as a response, logged and counted; its body is empty.
    pub(super) fn turn_away(&self, path: &str, refusal: &Refusal) -> Response<Bytes> {
        self.refusals.note(path, refusal);
        let mut response = empty(refusal.status());
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }

    /// The same where a person may be told why: `told` makes a sentence into this door's answer.
    pub(super) fn refuse(
        &self,
        path: &str,
        refusal: &Refusal,
        told: impl Fn(&str) -> Response<Bytes>,
    ) -> Response<Bytes> {
        let response = self.turn_away(path, refusal);
        match (refusal, refusal.sentence()) {
            (_, Some(text)) => told(text),
            (Refusal::Nothing, _) => json(&serde_json::json!({})),
            _ => response,
        }
    }

    /// Hands an event on and waits for its answer.
    pub(super) async fn accept(&self, event: Event) -> Answered {
        self.accept_since(event, instant()).await
    }

    /// The same for a call that came some time ago.
    pub(super) async fn accept_since(&self, event: Event, came: Instant) -> Answered {
        let id = event.id();
        tracing::debug!(event = %id, kind = event.body.kind(), place = %event.place, "an event comes");
        let answered = self.webhooks.send(Accept { event, came }).await;
        let answered = answered.unwrap_or_else(|error| {
            tracing::error!(event = %id, %error, "Webhooks doesn't answer");
            Answered {
                answer: Answer::Refused(BROKEN.into()),
                shown: None,
            }
        });
        let refused = answered.answer.complaint().is_some();
        tracing::debug!(event = %id, took = ?came.elapsed(), refused, "an event is answered");
        answered
    }

    /// Where an event of a channel is handled: the bot's direct channels are places of their own.
    pub(super) fn place(&self, channel: ChannelId, name: &str) -> Place {
        let by_name = || {
            let me = self.me?;
            let (a, b) = name.split_once("__")?;
            let other = if a == me.as_str() {
                b
            } else if b == me.as_str() {
                a
            } else {
                return None;
            };
            UserId::parse(other).ok()
        };
        // What is known of the channel counts more than what the call says of it.
        let partner = match self.memberships.known(&channel) {
            Some(known) => known.direct,
            None => by_name(),
        };
        partner.map_or(Place::Channel(channel), Place::Direct)
    }
}

/// The content type without its parameters, lower case.
pub(super) fn media_type(request: &Request<Bytes>) -> String {
    let value = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Status 200 with JSON; anything but 200 is an error to Mattermost.
pub(super) fn json(body: &impl Serialize) -> Response<Bytes> {
    let body = without_nul(body).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer can't be encoded");
        b"{}".to_vec()
    });
    let mut response = Response::new(Bytes::from(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn closed(mut response: Response<Bytes>, closes: bool) -> Response<Bytes> {
    if closes {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
