use bytes::Bytes;
use http::{Request, Response};

use super::answer;
use super::doors::{Doors, json, media_type};
use super::refusals::Refusal;
use crate::event::{Body, Event, Heard, Key, Person};
use crate::model::hook::{OutgoingRequest, OutgoingResponse};

impl Doors {
    /// `POST /outgoing`: form or JSON. The same post may be heard over the WebSocket; its key is one.
    pub(super) async fn outgoing(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match self.hooked(request) {
            Ok(event) => {
                let channel = event.channel;
                let answered = self.accept(event).await;
                // Where the bot is a member it hears the post again, and then there is time.
                let once = !channel.is_some_and(|channel| self.presence.can_post(&channel));
                json(&answer::outgoing(self, answered.answer, once))
            }
            Err(refusal) => self.refuse("/outgoing", &refusal, |text| {
                json(&OutgoingResponse::text(text))
            }),
        }
    }

    fn hooked(&self, request: &Request<Bytes>) -> Result<Event, Refusal> {
        let broken = |error: &dyn std::fmt::Display| Refusal::Broken(error.to_string());
        let hook = match media_type(request).as_str() {
            "application/json" => serde_json::from_slice(request.body()).map_err(|e| broken(&e))?,
            "application/x-www-form-urlencoded" => {
                OutgoingRequest::from_form(request.body()).map_err(|e| broken(&e))?
            }
            _ => return Err(Refusal::MediaType),
        };
        self.callers.outgoing(hook.token.expose())?;
        // An outgoing webhook fires for the bot's own posts, too: answering would be a loop.
        if Some(hook.user_id) == self.me {
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
            body: Body::Post(Heard {
                post: hook.post_id,
                text: hook.text,
                addressed: false,
                files: hook.file_ids.iter().map(ToString::to_string).collect(),
                hooked: true,
            }),
        })
    }
}
