use bytes::Bytes;
use http::{Request, Response};

use super::answer;
use super::callers::Stranger;
use super::claims::{ClickClaim, json_body};
use super::doors::{Doors, json};
use super::refusals::Refusal;
use crate::actors::messages::Alert;
use crate::event::{Body, ClickBody, Event, Key, Person, Place, Slot, TriggerId};
use crate::model::click::{ActionRequest, ActionResponse};
use crate::model::ids::{ChannelId, Millis};
use crate::sentences::outdated;
use crate::trust::{Envelope, EnvelopeError, EnvelopeKind};

impl Doors {
    /// `POST /actions`: a button or a menu.
    pub(super) async fn action(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let claim: ClickClaim<'_> = match json_body(request) {
            Ok(claim) => claim,
            Err(refusal) => return self.turn_away("/actions", &refusal),
        };
        let trigger_id = TriggerId::new(&*claim.trigger_id);
        let (response, alert) = match self.pressed(&claim, request) {
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

    fn pressed(&self, claim: &ClickClaim<'_>, request: &Request<Bytes>) -> Result<Event, Refusal> {
        let now = self.time.now();
        self.callers
            .person(&claim.trigger_id, &claim.user_id, now)?;
        let envelope = self.envelope_in(claim, now)?;
        let action: ActionRequest = json_body(request)?;
        if action
            .selected_option()
            .is_some_and(|choice| !envelope.offers(choice))
        {
            return Err(Refusal::NotOffered);
        }
        let place = self.place(action.channel_id, &action.channel_name);
        let slot = self.slot_of(&envelope, &place)?;
        if action.trigger_id.is_empty() {
            return Err(Refusal::Broken("it has no trigger_id".into()));
        }
        Ok(press(action, envelope, slot, now))
    }

    /// What the button or menu was posted with, if it still holds.
    fn envelope_in(&self, claim: &ClickClaim<'_>, now: Millis) -> Result<Envelope, Refusal> {
        let (kind, sealed) = (EnvelopeKind::Action, claim.envelope());
        Envelope::open(&self.format.seal, kind, sealed, now).map_err(|error| match error {
            EnvelopeError::Expired => Refusal::Expired(outdated::BUTTON),
            error => Stranger::Envelope(error).into(),
        })
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
        body: Body::Click(ClickBody {
            slot,
            button: envelope.button,
            choice,
            post: Some(action.post_id),
            trigger_id: TriggerId::new(action.trigger_id),
        }),
    }
}
