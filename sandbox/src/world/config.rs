//! What clients may know of the server, and how long posts may be.

use serde_json::json;

use super::{Like, World};
use crate::entry::Entry;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{MAX_BODY, Question, Replied, Reply};

/// `GET /config/client`: a selection of the real one's keys; how long posts may be is told with a login only.
pub fn client(world: &World, q: &Question) -> Replied {
    match q.param("format").filter(|format| !format.is_empty()) {
        None if world.like().older() => {
            let id = "api.config.client.old_format.app_error";
            let text = "New format for the client configuration is not supported yet.";
            return Err(Refusal::new(501, id, text));
        }
        Some(format) if world.like().older() && format != "old" => {
            return Err(Refusal::url("format"));
        }
        _ => {}
    }
    let mut body = json!({
        "AsymmetricSigningPublicKey": world.signer.public_key(),
        "BuildDate": "", "BuildEnterpriseReady": "false", "BuildHash": "sandbox",
        "BuildNumber": "", "DefaultClientLocale": "en", "EnableBotAccountCreation": "true",
        "EnableCustomEmoji": "false", "EnableFile": "true", "EnableUserStatuses": "true",
        "MaxFileSize": "104857600", "MaximumPayloadSizeBytes": MAX_BODY.to_string(), "SiteName": "Mattermost sandbox",
        "SiteURL": world.site_url, "Version": world.like().version(), "WebsocketURL": "",
    });
    if q.who.is_some() {
        body["MaxPostSize"] = json!(world.max_post_size().to_string());
    }
    Reply::ok(body)
}

impl World {
    /// Which server the world pretends to be.
    pub fn like(&self) -> Like {
        self.like
    }

    /// From now on it pretends to be this one.
    pub fn set_like(&mut self, like: Like) {
        self.keep(|| Entry::Like { version: like });
        self.apply_like(like);
    }

    /// The same without the journal: for replay.
    pub(crate) fn apply_like(&mut self, like: Like) {
        self.like = like;
    }
}

impl World {
    /// The longest message, in characters: the server's own unless it was set.
    pub fn max_post_size(&self) -> usize {
        self.post_size.unwrap_or(self.like.max_post_size())
    }

    /// From now on longer messages are refused (`MaxPostSize`).
    pub fn set_max_post_size(&mut self, characters: usize) {
        self.keep(|| Entry::PostSize { characters });
        self.apply_max_post_size(characters);
    }

    /// The same without the journal: for replay.
    pub(crate) fn apply_max_post_size(&mut self, characters: usize) {
        self.post_size = Some(characters);
    }

    /// Refuses a message that is too long.
    pub(super) fn check_length(&self, message: &str) -> Result<(), Refusal> {
        if message.chars().count() <= self.max_post_size() {
            return Ok(());
        }
        let id = "model.post.is_valid.message_length.app_error";
        let text = "Post Message property is longer than the maximum permitted length.";
        Err(Refusal::new(400, id, text))
    }
}

/// `GET /system/ping`
pub fn ping(_: &World, q: &Question) -> Replied {
    let mut body = json!({
        "ActiveSearchBackend": "database", "AndroidLatestVersion": "",
        "AndroidMinVersion": "", "IosLatestVersion": "", "IosMinVersion": "", "status": "OK",
    });
    if q.param("get_server_status") == Some("true") {
        body["database_status"] = json!("OK");
        body["filestore_status"] = json!("OK");
        return Ok(Reply::Headed("status", "OK".to_owned(), body));
    }
    Reply::ok(body)
}
