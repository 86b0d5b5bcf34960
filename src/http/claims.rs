//! What a body says to prove who calls. It is read before all the rest, so that nobody gets a large body
//! taken apart who has proved nothing.

use std::borrow::Cow;

use bytes::Bytes;
use http::Request;
use serde::Deserialize;

use super::doors::media_type;
use super::refusals::Refusal;
use crate::model::form;
use crate::model::ids::UserId;

/// What a slash command proves itself with.
pub(super) struct SlashClaim<'a> {
    /// As typed, with its slash.
    pub command: Cow<'a, str>,
    /// The command's own.
    pub token: Cow<'a, str>,
    /// Signed by the server.
    pub trigger_id: Cow<'a, str>,
    /// Whom the trigger is of.
    pub user: UserId,
}

/// What a click proves itself with.
#[derive(Deserialize)]
pub(super) struct ClickClaim<'a> {
    /// Whom the trigger is of.
    pub user_id: UserId,
    /// Signed by the server.
    #[serde(default, borrow)]
    pub trigger_id: Cow<'a, str>,
    #[serde(default, borrow)]
    context: Option<ClickContext<'a>>,
}

#[derive(Deserialize)]
struct ClickContext<'a> {
    #[serde(default, borrow)]
    envelope: Cow<'a, str>,
}

/// What a dialog proves itself with.
#[derive(Deserialize)]
pub(super) struct DialogClaim<'a> {
    /// The envelope.
    #[serde(default, borrow)]
    pub state: Cow<'a, str>,
}

/// What an outgoing webhook proves itself with.
#[derive(Deserialize)]
pub(super) struct OutgoingClaim<'a> {
    /// The webhook's own.
    #[serde(borrow)]
    pub token: Cow<'a, str>,
}

impl<'a> SlashClaim<'a> {
    /// From a form.
    pub fn from_form(body: &'a [u8]) -> Result<Self, Refusal> {
        let names = ["command", "token", "trigger_id", "user_id"];
        let [command, token, trigger_id, user] = form::firsts(body, names);
        let user = UserId::parse(&user).map_err(broken)?;
        Ok(Self {
            command,
            token,
            trigger_id,
            user,
        })
    }
}

impl ClickClaim<'_> {
    /// What the button or menu was posted with.
    pub fn envelope(&self) -> &str {
        self.context
            .as_ref()
            .map_or("", |context| &context.envelope)
    }
}

impl<'a> OutgoingClaim<'a> {
    /// From a form.
    pub fn from_form(body: &'a [u8]) -> Self {
        let [token] = form::firsts(body, ["token"]);
        Self { token }
    }
}

/// A body of JSON, or what of it is asked for.
pub(super) fn json_body<'a, T: Deserialize<'a>>(request: &'a Request<Bytes>) -> Result<T, Refusal> {
    if media_type(request) != "application/json" {
        return Err(Refusal::MediaType);
    }
    serde_json::from_slice(request.body()).map_err(broken)
}

pub(super) fn broken(error: impl std::fmt::Display) -> Refusal {
    Refusal::Broken(error.to_string())
}
