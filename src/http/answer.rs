use super::doors::Doors;
use crate::actors::messages::Answered;
use crate::event::{Answer, Inline};
use crate::model::attachment::{Attachment, Attachments};
use crate::model::click::ActionResponse;
use crate::model::dialog::DialogReply;
use crate::model::hook::OutgoingResponse;
use crate::model::slash::SlashResponse;
use crate::sentences::{absent, unposted};

/// The answer to a slash command. Nobody can be invited to a conversation that is under way.
pub(super) fn slash(doors: &Doors, answer: Answer, invitable: bool) -> SlashResponse {
    let (whisper, inline) = match answer {
        Answer::Done {
            whisper,
            alert,
            inline,
            ..
        } => (join(whisper, alert), inline),
        other => (other.complaint(), None),
    };
    let mut response = match (inline, whisper) {
        (Some(inline), whisper) => public(doors, &inline, whisper, invitable),
        (None, Some(text)) => SlashResponse::whisper(text),
        (None, None) => SlashResponse::nothing(),
    };
    response.skip_slack_parsing = Some(true);
    response
}

/// The answer to a click, with the card where nobody else is writing it; and what the person should see
/// of it that can't be shown.
pub(super) fn action(doors: &Doors, answered: Answered) -> (ActionResponse, Option<String>) {
    let whisper = match answered.answer {
        Answer::Done { whisper, alert, .. } => join(whisper, alert),
        other => other.complaint(),
    };
    let update = answered.shown.map(|shown| {
        let update =
            doors
                .format
                .update(&shown.slot, &shown.card, shown.row.as_ref(), shown.version);
        update.map_err(|error| {
            tracing::error!(slot = %shown.slot, %error, "a card can't be shown");
            unposted::unshown(&error.to_string())
        })
    });
    let (update, unshown) = match update.transpose() {
        Ok(update) => (update, None),
        Err(sentence) => (None, Some(sentence)),
    };
    let response = update.map_or_else(ActionResponse::nothing, ActionResponse::update);
    (
        whisper
            .into_iter()
            .fold(response, ActionResponse::with_whisper),
        unshown,
    )
}

/// The answer to a dialog: it closes, or stays open with errors.
pub(super) fn dialog(answer: Answer) -> DialogReply {
    match answer {
        Answer::Done { .. } => DialogReply::close(),
        Answer::Fields { errors, error } => {
            let reply = DialogReply::errors(errors);
            DialogReply { error, ..reply }
        }
        Answer::Refused(text) => DialogReply::error(text),
    }
}

/// The answer to an outgoing webhook: a post where the bot can't post itself. That nothing was done
/// is said where the post is heard only `once`.
pub(super) fn outgoing(doors: &Doors, answer: Answer, once: bool) -> OutgoingResponse {
    let inline = match answer {
        Answer::Done {
            inline: Some(inline),
            ..
        } => inline,
        Answer::Refused(text) if once => return OutgoingResponse::text(text),
        _ => return OutgoingResponse::nothing(),
    };
    let mut response = OutgoingResponse::text(inline.card.text.clone());
    if let Some(attachment) = attachment(doors, &inline) {
        response.attachments = Some(Attachments::List(vec![attachment]));
    }
    response
}

/// What everybody sees as the person's own post, because the bot can't post there.
fn public(
    doors: &Doors,
    inline: &Inline,
    whisper: Option<String>,
    invitable: bool,
) -> SlashResponse {
    let mut response = SlashResponse::in_channel(inline.card.text.clone());
    if let Some(attachment) = attachment(doors, inline) {
        response = response.attach(attachment);
    }
    let hint = (invitable && inline.slot.is_some() && doors.me.is_some())
        .then(|| absent::changes_by_clicks_alone(&doors.memberships.name()));
    if let Some(text) = join(whisper, hint) {
        response.extra_responses = Some(vec![SlashResponse::whisper(text)]);
    }
    response
}

fn attachment(doors: &Doors, inline: &Inline) -> Option<Attachment> {
    let attachment = doors.format.attachment(inline.slot.as_ref(), &inline.card);
    attachment
        .inspect_err(|error| tracing::error!(%error, "a card can't be shown"))
        .ok()
        .flatten()
}

fn join(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}\n{second}")),
        (first, second) => first.or(second),
    }
}
