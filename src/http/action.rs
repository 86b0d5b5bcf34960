use bytes::Bytes;
use http::{Request, Response};

use super::answer;
use super::callers::Stranger;
use super::doors::{Doors, json, media_type};
use super::refusals::Refusal;
use crate::actors::messages::Alert;
use crate::event::{Body, Event, Key, Person, Place, Pressed, Slot, TriggerId};
use crate::model::click::{ActionRequest, ActionResponse};
use crate::model::ids::{ChannelId, Millis};
use crate::trust::{Envelope, EnvelopeError, EnvelopeKind};

impl Doors {
    /// `POST /actions`: a button or a menu.
    pub(super) async fn action(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let action = match read(request) {
            Ok(action) => action,
            Err(refusal) => return self.turn_away("/actions", &refusal),
        };
        let trigger_id = TriggerId::new(&action.trigger_id);
        let (response, alert) = match self.pressed(action) {
            Ok(event) => answer::action(self, self.accept(event).await),
            Err(refusal) => {
                let refused = self.turn_away("/actions", &refusal);
                let Some(text) = refusal.sentence() else {
                    return refused;
                };
                (ActionResponse::nothing(), Some(text.to_owned()))
            }
        };
        json(&match alert {
            Some(text) => self.with_alert(response, text, trigger_id).await,
            None => response,
        })
    }

    /// What a person must see goes into a message box, else into the answer, after what it says.
    async fn with_alert(
        &self,
        response: ActionResponse,
        text: String,
        trigger_id: TriggerId,
    ) -> ActionResponse {
        let alert = Alert {
            text: text.clone(),
            trigger_id,
        };
        if self.webhooks.send(alert).await.unwrap_or(false) {
            return response;
        }
        let said = format!("{}\n{text}", response.ephemeral_text);
        response.with_whisper(said.trim_start())
    }

    fn pressed(&self, action: ActionRequest) -> Result<Event, Refusal> {
        let now = self.time.now();
        self.callers
            .person(&action.trigger_id, &action.user_id, now)?;
        let envelope = self.envelope_in(&action, now)?;
        let place = self.place(action.channel_id, &action.channel_name);
        let slot = self.slot_of(&envelope, &place)?;
        if action.trigger_id.is_empty() {
            return Err(Refusal::Broken("it has no trigger_id".into()));
        }
        Ok(press(action, envelope, slot, now))
    }

    /// What the button or menu was posted with, if it still holds and what was chosen was offered.
    fn envelope_in(&self, action: &ActionRequest, now: Millis) -> Result<Envelope, Refusal> {
        let sealed = action.context.get("envelope");
        let sealed = sealed.and_then(|value| value.as_str()).unwrap_or_default();
        let envelope = match Envelope::open(&self.face.seal, EnvelopeKind::Action, sealed, now) {
            Ok(envelope) => envelope,
            Err(EnvelopeError::Expired) => {
                return Err(Refusal::Expired("This button has expired."));
            }
            Err(error) => return Err(Stranger::Envelope(error).into()),
        };
        match action.selected_option() {
            Some(choice) if !envelope.offers(choice) => Err(Refusal::NotOffered),
            _ => Ok(envelope),
        }
    }

    /// The slot that an envelope names, if the call comes from where it is.
    pub(super) fn slot_of(&self, envelope: &Envelope, place: &Place) -> Result<Slot, Stranger> {
        let own: Place = envelope.place.parse().map_err(|_| Stranger::Place)?;
        // A desk's cards may stand anywhere.
        if own != *place && !matches!(own, Place::Desk(_)) {
            return Err(Stranger::Place);
        }
        Ok(Slot::new(
            own,
            envelope.skill.clone(),
            envelope.topic.clone(),
        ))
    }

    /// Where a call comes from that doesn't name its channel.
    pub(super) fn place_of(&self, channel: ChannelId) -> Place {
        self.place(channel, "")
    }
}

fn read(request: &Request<Bytes>) -> Result<ActionRequest, Refusal> {
    if media_type(request) != "application/json" {
        return Err(Refusal::MediaType);
    }
    serde_json::from_slice(request.body()).map_err(|e| Refusal::Broken(e.to_string()))
}

fn press(action: ActionRequest, envelope: Envelope, slot: Slot, now: Millis) -> Event {
    let choice = action.selected_option().map(str::to_owned);
    Event {
        key: Some(Key::trigger(&action.trigger_id)),
        place: slot.place.clone(),
        at: now,
        by: Some(Person {
            id: action.user_id,
            name: action.user_name,
        }),
        channel: Some(action.channel_id),
        team: action.team_id,
        root: None,
        body: Body::Click(Pressed {
            slot,
            button: envelope.button,
            choice,
            post: Some(action.post_id),
            trigger_id: TriggerId::new(action.trigger_id),
        }),
    }
}
