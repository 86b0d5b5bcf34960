//! Calls that need no token: dialogs, late answers, incoming webhooks.

use http::Uri;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Rest, decode, malformed};
use crate::client::error::RestError;
use crate::model::dialog::OpenDialog;
use crate::model::hook::IncomingRequest;
use crate::model::slash::SlashResponse;

/// What Mattermost answers where there is nothing to say.
#[derive(Deserialize)]
struct Acknowledged {
    status: String,
}

impl Rest {
    /// Opens a dialog for who pulled the trigger, at most 30 s ago. Mattermost answers 200 also
    /// for a dialog that it then doesn't show: check it first.
    pub async fn open_dialog(&self, dialog: &OpenDialog) -> Result<(), RestError> {
        let path = "/api/v4/actions/dialogs/open";
        let answer = self.send_openly(self.base().join(path)?, dialog).await?;
        let done: Acknowledged = decode(path, &answer)?;
        match done.status.as_str() {
            "OK" => Ok(()),
            other => Err(malformed(path, &format_args!("its status is {other:?}"))),
        }
    }

    /// Answers a slash command later: 5 times in 30 minutes; it can't be read back.
    ///
    /// The address comes with the command, so it is trusted only if it is a `response_url` of this
    /// server, by the address that we use or by the one that the server's config gives; and then
    /// only its id is used, at the address that we use.
    pub async fn respond(
        &self,
        response_url: &str,
        answer: &SlashResponse,
    ) -> Result<(), RestError> {
        let bases = [Some(self.base()), self.site()];
        let hook = bases
            .into_iter()
            .flatten()
            .find_map(|base| base.command_hook(response_url));
        let hook = hook.ok_or(RestError::NotOurs)?;
        self.send_openly(
            self.base().join(&format!("/hooks/commands/{hook}"))?,
            answer,
        )
        .await
        .map(drop)
    }

    /// Posts by an incoming webhook, whose whole address is a secret that the admin configured.
    pub async fn incoming_webhook(
        &self,
        url: &SecretString,
        post: &IncomingRequest,
    ) -> Result<(), RestError> {
        let uri: Uri = url
            .expose_secret()
            .trim()
            .parse()
            .map_err(|_| RestError::NotOurs)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(RestError::NotOurs);
        }
        self.send_openly(uri, post).await.map(drop)
    }
}
