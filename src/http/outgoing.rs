use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::answer;
use super::claims::{OutgoingClaim, broken, json_body};
use super::doors::{Doors, json, media_type};
use super::refusals::Refusal;
use crate::event::{Body, Event, Key, Person, PostBody};
use crate::model::hook::{OutgoingRequest, OutgoingResponse};
use crate::model::ids::UserId;
use crate::skill::LookupError;
use crate::time::timeout;

/// How long the author of a post may be looked up.
const LOOKS_UP: Duration = Duration::from_secs(5);

impl Doors {
    /// `POST /outgoing`: form or JSON. The same post may be heard over the WebSocket; its key is one.
    pub(super) async fn outgoing(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.heard(request).await {
            Ok(event) => {
                let channel = event.channel;
                let answered = self.accept(event).await;
                // Where the bot is a member it hears the post again, and then there is time.
                let once = !channel.is_some_and(|channel| self.memberships.can_post(&channel));
                json(&answer::outgoing(self, answered.answer, once))
            }
            Err(refusal) => self.refuse("/outgoing", &refusal, |text| {
                json(&OutgoingResponse::text(text))
            }),
        }
    }

    fn hooked(&self, request: &Request<Bytes>) -> Result<OutgoingRequest, Refusal> {
        if media_type(request) != "application/x-www-form-urlencoded" {
            let claim: OutgoingClaim<'_> = json_body(request)?;
            self.callers.outgoing(&claim.token)?;
            return json_body(request);
        }
        let claim = OutgoingClaim::from_form(request.body());
        self.callers.outgoing(&claim.token)?;
        OutgoingRequest::from_form(request.body()).map_err(broken)
    }

    /// The post, if it may be an event. An outgoing webhook fires for bots' posts, too: answering the
    /// own ones would be a loop, and so may be answering another bot's.
    async fn heard(&self, request: &Request<Bytes>) -> Result<Event, Refusal> {
        let hook = self.hooked(request)?;
        if Some(hook.user_id) == self.me {
            return Err(Refusal::Nothing);
        }
        let by_bot = self.is_bot(&hook.user_id).await;
        if by_bot && !self.hears_bots {
            return Err(Refusal::Nothing);
        }
        Ok(Event {
            key: Some(Key::post(&hook.post_id)),
            place: self.place(hook.channel_id, &hook.channel_name),
            at: hook.timestamp,
            by: Some(Person {
                id: hook.user_id,
                name: hook.user_name,
            }),
            channel: Some(hook.channel_id),
            team: hook.team_id,
            root: None,
            body: Body::Post(PostBody {
                post: hook.post_id,
                text: hook.text,
                addressed: false,
                mentions: false,
                files: hook.file_ids.iter().map(ToString::to_string).collect(),
                hooked: true,
                by_bot,
            }),
        })
    }

    /// Whether it is a bot's account, which the call doesn't say. Where that can't be known it counts
    /// as a person's, whose question must not be lost; without an account nobody can be asked.
    async fn is_bot(&self, user: &UserId) -> bool {
        match timeout(LOOKS_UP, self.directory.user(user)).await {
            Ok(Ok(member)) => member.is_bot,
            Ok(Err(LookupError::NoAccount)) => false,
            Ok(Err(error)) => {
                tracing::info!(%user, %error, "whether a post is a bot's can't be known");
                false
            }
            Err(_) => {
                tracing::info!(%user, "whether a post is a bot's can't be known in time");
                false
            }
        }
    }
}
