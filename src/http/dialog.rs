use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value};

use super::answer;
use super::callers::Stranger;
use super::doors::{Doors, json, media_type};
use super::refusals::Refusal;
use crate::actors::face::DialogSeal;
use crate::event::{Body, Event, Key, Person, Place, Submitted};
use crate::model::dialog::{DialogReply, DialogRequest, DialogRequestKind, LookupReply};
use crate::trust::{Envelope, EnvelopeError, EnvelopeKind};

/// How much of an unknown type is logged: callers choose it.
const WORD: usize = 100;

impl Doors {
    /// `POST /dialogs`: submitted or cancelled. All but the person comes from the browser, so the
    /// state's envelope is the only proof.
    pub(super) async fn dialog(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if media_type(request) != "application/json" {
            return self.refuse("/dialogs", &Refusal::MediaType, error);
        }
        let dialog: DialogRequest = match serde_json::from_slice(request.body()) {
            Ok(dialog) => dialog,
            Err(e) => return self.refuse("/dialogs", &Refusal::Broken(e.to_string()), error),
        };
        let kind = dialog.kind.clone();
        if let DialogRequestKind::Other(word) = &kind {
            let word: String = word.chars().take(WORD).collect();
            let unknown =
                Refusal::Broken(format!("its type is {word:?}, which is none that is known"));
            return self.refuse("/dialogs", &unknown, error);
        }
        if self.is_message_box(&dialog.state) {
            return json(&DialogReply::close());
        }
        match (self.submitted(dialog), kind) {
            // No menu of ours is fed this way; clients want a list.
            (Ok(_), DialogRequestKind::Lookup) => json(&LookupReply {
                items: Some(Vec::new()),
                ..LookupReply::default()
            }),
            (Ok(_), DialogRequestKind::Refresh) => json(&DialogReply::close()),
            (Ok(event), _) => {
                let answered = self.accept(event).await;
                json(&answer::dialog(answered.answer))
            }
            (Err(refusal), _) => self.refuse("/dialogs", &refusal, error),
        }
    }

    /// Whether it is a message box of ours that was closed, in whichever way and however late: nothing comes
    /// of it.
    fn is_message_box(&self, state: &str) -> bool {
        let (kind, now) = (EnvelopeKind::MessageBox, self.time.now());
        let opened = Envelope::open(&self.face.seal, kind, state, now);
        matches!(opened, Ok(_) | Err(EnvelopeError::Expired))
    }

    fn submitted(&self, dialog: DialogRequest) -> Result<Event, Refusal> {
        let now = self.time.now();
        let opened = Envelope::open(&self.face.seal, EnvelopeKind::Dialog, &dialog.state, now);
        let envelope = opened.map_err(|error| match error {
            EnvelopeError::Expired => {
                Refusal::Expired("This form has expired. Please open it again.")
            }
            error => Stranger::Envelope(error).into(),
        })?;
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
        let slot = self.slot_of(&envelope, &place)?;
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
            body: Body::Dialog(Submitted {
                slot,
                form: sealed.form,
                values: filled(dialog.submission),
                cancelled: dialog.cancelled,
            }),
        })
    }
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
