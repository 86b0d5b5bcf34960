//! What cards look like on the wire.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::label::labels;
use crate::event::{
    Button, CardContent, Opening, Picker, Place, RowId, Slot, Style, TriggerId, Version,
};
use crate::model::action::{self, Action, ActionId, DataSource, Integration};
use crate::model::attachment::{Attachment, Color};
use crate::model::dialog::{Dialog, OpenDialog};
use crate::model::ids::UserId;
use crate::model::json::text_without_nul as sent;
use crate::model::limits::LimitError;
use crate::model::post::PostUpdate;
use crate::model::props::Props;
use crate::model::trigger::Trigger;
use crate::time::Time;
use crate::trust::{Envelope, EnvelopeKind, Nonce, Seal};

/// The prop by which the bot knows its own posts again: the outbox row's id.
pub const ROW_PROP: &str = "matteractor_row";
/// The prop that tells which version of its state a card shows.
pub const VERSION_PROP: &str = "matteractor_version";

/// What a dialog's envelope says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogSeal {
    /// Which of the skill's dialogs.
    #[serde(rename = "f")]
    pub form: String,
    /// Who may submit it.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub person: Option<UserId>,
}

/// What cards and dialogs look like on the wire: buttons get ids, envelopes and our address.
#[derive(Clone)]
pub struct CardFormat {
    /// Makes the envelopes.
    pub seal: Seal,
    /// Where Mattermost calls for clicks.
    pub actions_url: String,
    /// Where Mattermost calls for dialogs.
    pub dialogs_url: String,
    /// How long a button works.
    pub button_life: Duration,
    /// How long a dialog can be submitted.
    pub dialog_life: Duration,
    /// The clock.
    pub time: Time,
}

impl CardFormat {
    /// A card's props: its attachment, and the marks by which it is known again.
    pub fn props(
        &self,
        slot: Option<&Slot>,
        card: &CardContent,
        row: Option<&RowId>,
        version: Version,
    ) -> Result<Props, LimitError> {
        let mut props = Props::of(self.attachment(slot, card)?.into_iter().collect());
        if let Some(row) = row {
            // Mattermost marks a bot's post when it is made, and forgets it when props are replaced.
            props = props.with(ROW_PROP, row.as_str()).with("from_bot", "true");
        }
        if slot.is_some() {
            props = props.with(VERSION_PROP, version);
        }
        Ok(props)
    }

    /// A card as a replacement of the post that shows it.
    pub fn update(
        &self,
        slot: &Slot,
        card: &CardContent,
        row: Option<&RowId>,
        version: Version,
    ) -> Result<PostUpdate, LimitError> {
        PostUpdate::new(card.text.clone()).with_props(self.props(Some(slot), card, row, version)?)
    }

    /// The attachment of a card; none where the card is only its text.
    pub fn attachment(
        &self,
        slot: Option<&Slot>,
        card: &CardContent,
    ) -> Result<Option<Attachment>, LimitError> {
        if card.body.is_empty()
            && card.fields.is_empty()
            && card.buttons.is_empty()
            && card.footer.is_empty()
        {
            return Ok(None);
        }
        let mut attachment = Attachment::text(card.body.clone()).fallback(card.text.clone());
        if !card.color.is_empty() {
            attachment = attachment.color(Color::parse(&card.color)?);
        }
        for field in &card.fields {
            attachment = attachment.field(field.title.clone(), field.value.clone(), field.short);
        }
        if !card.footer.is_empty() {
            attachment = attachment.footer(card.footer.clone());
        }
        if let Some(slot) = slot {
            let labels = labels(&card.buttons);
            for (index, (button, label)) in card.buttons.iter().zip(labels).enumerate() {
                let before = card.buttons[..index].iter();
                let twins = before.filter(|other| other.press == button.press).count();
                let id = ActionId::of(&button.press, twins);
                attachment = attachment.button(self.action(slot, id, button, label)?);
            }
        }
        Ok(Some(attachment))
    }

    /// A dialog with its envelope as the state, for the call that opens it.
    pub fn dialog(&self, opening: &Opening) -> OpenDialog {
        // Only who pulled the trigger may submit the dialog.
        let person = Trigger::parse(opening.trigger_id.expose())
            .ok()
            .map(|trigger| trigger.user);
        let button = json!(DialogSeal {
            form: opening.draft.form.clone(),
            person
        });
        let life = self.dialog_life;
        let state = self.envelope(EnvelopeKind::Dialog, &opening.slot, button, None, life);
        let mut dialog = opening
            .draft
            .dialog
            .clone()
            .state(state)
            .callback_id(opening.draft.form.clone());
        // Also where no skill wants to know: what was cancelled can't be submitted any more.
        dialog.notify_on_cancel = Some(true);
        OpenDialog::new(
            opening.trigger_id.expose(),
            self.dialogs_url.clone(),
            dialog,
        )
    }

    /// A dialog with nothing to fill in, for the call that opens it. Whatever comes back says only that it
    /// was closed.
    pub fn message_box(
        &self,
        title: &str,
        text: &str,
        trigger_id: &TriggerId,
    ) -> Result<OpenDialog, LimitError> {
        let nowhere = Slot::new(Place::Desk(String::new()), "", "");
        let (kind, life) = (EnvelopeKind::MessageBox, self.dialog_life);
        let state = self.envelope(kind, &nowhere, Value::Null, None, life);
        let dialog = Dialog::new(title)?.introduction(text).submit_label("OK");
        let (trigger, url) = (trigger_id.expose(), self.dialogs_url.clone());
        Ok(OpenDialog::new(trigger, url, dialog.state(state)))
    }

    fn action(
        &self,
        slot: &Slot,
        id: ActionId,
        button: &Button,
        label: String,
    ) -> Result<Action, LimitError> {
        let offered = match &button.picker {
            Some(Picker::Options(choices)) => {
                Some(choices.iter().map(|c| sent(&c.value).into()).collect())
            }
            Some(_) => None,
            // A client may send a choice with any button.
            None => Some(Vec::new()),
        };
        let press = button.press.clone();
        let sealed = self.envelope(EnvelopeKind::Action, slot, press, offered, self.button_life);
        let context = Map::from_iter([("envelope".to_owned(), json!(sealed))]);
        let calls = Integration::new(self.actions_url.clone(), context);
        Ok(match &button.picker {
            None => Action::button(id, label, calls).style(style(button.style)),
            Some(Picker::Users) => Action::menu_of(id, label, calls, DataSource::Users),
            Some(Picker::Channels) => Action::menu_of(id, label, calls, DataSource::Channels),
            Some(Picker::Options(choices)) => {
                let options = choices
                    .iter()
                    .map(|c| action::Choice::new(c.text.clone(), c.value.clone()));
                Action::menu(id, label, calls, options.collect::<Result<_, _>>()?)
            }
        })
    }

    fn envelope(
        &self,
        kind: EnvelopeKind,
        slot: &Slot,
        button: Value,
        offered: Option<Vec<String>>,
        life: Duration,
    ) -> String {
        let envelope = Envelope {
            kind,
            place: slot.place.to_string(),
            skill: slot.skill.clone(),
            topic: slot.topic.clone(),
            button,
            offered,
            expires: self.time.now().plus(life),
            nonce: Nonce(fastrand::u128(..).to_le_bytes()),
        };
        envelope.sealed(&self.seal)
    }
}

fn style(style: Style) -> action::Style {
    match style {
        Style::Default => action::Style::DEFAULT,
        Style::Primary => action::Style::PRIMARY,
        Style::Success => action::Style::SUCCESS,
        Style::Good => action::Style::GOOD,
        Style::Warning => action::Style::WARNING,
        Style::Danger => action::Style::DANGER,
    }
}

/// Whether a post still says what a card says, as far as people see it. Mattermost adds keys to
/// attachments and takes the integrations out, so only the texts are compared, as they were sent.
pub fn says(card: &CardContent, message: &str, attachments: &Value) -> bool {
    let first = &attachments[0];
    let labels = first["actions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let same_labels = labels.len() == card.buttons.len()
        && labels
            .iter()
            .zip(self::labels(&card.buttons))
            .all(|(action, label)| action["name"] == *sent(&label));
    let fields = first["fields"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let same_fields = fields.len() == card.fields.len()
        && fields
            .iter()
            .zip(&card.fields)
            .all(|(a, b)| a["title"] == *sent(&b.title) && a["value"] == *sent(&b.value));
    message.trim_end() == sent(&card.text).trim_end()
        && first["text"].as_str().unwrap_or_default().trim_end() == sent(&card.body).trim_end()
        && same_labels
        && same_fields
}

/// The row's id in a post's props.
pub fn row_of(props: &Props) -> Option<RowId> {
    props.get(ROW_PROP)?.as_str().map(RowId::read)
}

/// The card's version in a post's props.
pub fn version_of(props: &Props) -> Option<Version> {
    props.get(VERSION_PROP)?.as_i64()
}
