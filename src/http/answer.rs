use super::doors::Doors;
use crate::actors::messages::Answered;
use crate::event::{Answer, Inline};
use crate::model::attachment::{Attachment, Attachments};
use crate::model::click::ActionResponse;
use crate::model::dialog::DialogReply;
use crate::model::hook::OutgoingResponse;
use crate::model::slash::SlashResponse;

/// The answer to a slash command.
pub(super) fn slash(doors: &Doors, answer: Answer) -> SlashResponse {
    let (whisper, inline) = match answer {
        Answer::Done {
            whisper, inline, ..
        } => (whisper, inline),
        Answer::Fields { error, .. } => (error, None),
        Answer::Refused(text) => (Some(text), None),
    };
    let mut response = match (inline, whisper) {
        (Some(inline), whisper) => public(doors, &inline, whisper),
        (None, Some(text)) => SlashResponse::whisper(text),
        (None, None) => SlashResponse::nothing(),
    };
    response.skip_slack_parsing = Some(true);
    response
}

/// The answer to a click, with the card where nobody else is writing it.
pub(super) fn action(doors: &Doors, answered: Answered) -> ActionResponse {
    let whisper = match answered.answer {
        Answer::Done { whisper, .. } => whisper,
        Answer::Fields { error, .. } => error,
        Answer::Refused(text) => Some(text),
    };
    let update = answered.shown.map(|shown| {
        let update = doors
            .face
            .update(&shown.slot, &shown.card, shown.row.as_ref(), shown.version);
        update.map_err(|error| {
            tracing::error!(slot = %shown.slot, %error, "a card can't be shown");
            format!("That is done, but this post can't show it: {error}.")
        })
    });
    let (update, unshown) = match update.transpose() {
        Ok(update) => (update, None),
        Err(sentence) => (None, Some(sentence)),
    };
    let mut response = update.map_or_else(ActionResponse::nothing, ActionResponse::update);
    if let Some(text) = join(whisper, unshown) {
        response = response.with_whisper(text);
    }
    response
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
fn public(doors: &Doors, inline: &Inline, whisper: Option<String>) -> SlashResponse {
    let mut response = SlashResponse::in_channel(inline.card.text.clone());
    if let Some(attachment) = attachment(doors, inline) {
        response = response.attach(attachment);
    }
    let hint = (inline.slot.is_some() && doors.me.is_some()).then(|| {
        format!(
            "@{0} is not a member of this channel, so this post changes only when somebody clicks. \
             Invite it with `/invite @{0}`.",
            doors.name
        )
    });
    if let Some(text) = join(whisper, hint) {
        response.extra_responses = Some(vec![SlashResponse::whisper(text)]);
    }
    response
}

fn attachment(doors: &Doors, inline: &Inline) -> Option<Attachment> {
    let attachment = doors.face.attachment(inline.slot.as_ref(), &inline.card);
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
