use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value};

use super::answer;
use super::callers::Stranger;
use super::claims::{DialogClaim, json_body};
use super::doors::{Doors, json};
use super::refusals::Refusal;
use crate::actors::card_format::DialogSeal;
use crate::event::{Body, DialogBody, Event, Key, Person, Place};
use crate::model::dialog::{DialogReply, DialogRequest, DialogRequestKind, LookupReply};
use crate::model::ids::Millis;
use crate::sentences::outdated;
use crate::trust::{Envelope, EnvelopeError, EnvelopeKind};

/// How much of an unknown type is logged: callers choose it.
const WORD: usize = 100;

impl Doors {
    /// `POST /dialogs`: submitted or cancelled. All but the person comes from the browser, so the
    /// state's envelope is the only proof.
    pub(super) async fn dialog(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let claim: DialogClaim<'_> = match json_body(request) {
            Ok(claim) => claim,
            Err(refusal) => return self.refuse("/dialogs", &refusal, error),
        };
        if self.is_message_box(&claim.state) {
            return json(&DialogReply::close());
        }
        match self.submitted(&claim, request) {
            // No menu of ours is fed this way; clients want a list.
            Ok((DialogRequestKind::Lookup, _)) => json(&LookupReply {
                items: Some(Vec::new()),
                ..LookupReply::default()
            }),
            Ok((DialogRequestKind::Refresh, _)) => json(&DialogReply::close()),
            Ok((_, event)) => {
                let answered = self.accept(event).await;
                json(&answer::dialog(answered.answer))
            }
            Err(refusal) => self.refuse("/dialogs", &refusal, error),
        }
    }

    /// Whether it is a message box of ours that was closed, in whichever way and however late: nothing comes
    /// of it.
    fn is_message_box(&self, state: &str) -> bool {
        let (kind, now) = (EnvelopeKind::MessageBox, self.time.now());
        let opened = Envelope::open(&self.format.seal, kind, state, now);
        matches!(opened, Ok(_) | Err(EnvelopeError::Expired))
    }

    fn submitted(
        &self,
        claim: &DialogClaim<'_>,
        request: &Request<Bytes>,
    ) -> Result<(DialogRequestKind, Event), Refusal> {
        let now = self.time.now();
        let opened = Envelope::open(&self.format.seal, EnvelopeKind::Dialog, &claim.state, now);
        let envelope = opened.map_err(|error| match error {
            EnvelopeError::Expired => Refusal::Expired(outdated::FORM),
            error => Stranger::Envelope(error).into(),
        })?;
        let dialog = known(json_body(request)?)?;
        let kind = dialog.kind.clone();
        Ok((kind, self.filled_in(dialog, &envelope, now)?))
    }

    fn filled_in(
        &self,
        dialog: DialogRequest,
        envelope: &Envelope,
        now: Millis,
    ) -> Result<Event, Refusal> {
        let sealed: DialogSeal = serde_json::from_value(envelope.button.clone())
            .map_err(|e| Refusal::Broken(e.to_string()))?;
        if sealed.person.is_some_and(|person| person != dialog.user_id) {
            return Err(Stranger::Person.into());
        }
        // A direct channel is known by its partner, who is the person that submits.
        let place = match envelope.place.parse() {
            Ok(Place::Direct(person)) if person == dialog.user_id => Place::Direct(person),
            _ => self.place_of(dialog.channel_id),
        };
        let slot = self.slot_of(envelope, &place)?;
        Ok(Event {
            key: Some(Key::nonce(&envelope.nonce.to_string())),
            place: slot.place.clone(),
            at: now,
            by: Some(Person {
                id: dialog.user_id,
                name: String::new(),
            }),
            channel: Some(dialog.channel_id),
            team: dialog.team_id,
            root: None,
            body: Body::Dialog(DialogBody {
                slot,
                form: sealed.form,
                values: filled(dialog.submission),
                cancelled: dialog.cancelled,
            }),
        })
    }
}

/// The dialog, if it calls for something that there is.
fn known(dialog: DialogRequest) -> Result<DialogRequest, Refusal> {
    let DialogRequestKind::Other(word) = &dialog.kind else {
        return Ok(dialog);
    };
    let word: String = word.chars().take(WORD).collect();
    let unknown = format!("its type is {word:?}, which is none that is known");
    Err(Refusal::Broken(unknown))
}

/// What was filled in: web clients send optional elements that were left empty as `""`, older ones as
/// `null`.
fn filled(mut values: Map<String, Value>) -> Map<String, Value> {
    values.retain(|_, value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(chosen) => !chosen.is_empty(),
        _ => true,
    });
    values
}

fn error(text: &str) -> Response<Bytes> {
    json(&DialogReply::error(text))
}
