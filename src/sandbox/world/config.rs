//! What clients may know of the server.

use serde_json::json;

use super::World;
use super::errors::Refusal;
use super::rest::{Answer, MAX_BODY, Question, Reply};

/// `GET /config/client`: a selection of the real one's keys, without a login.
pub fn client(world: &World, q: &Question) -> Answer {
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
    Reply::ok(json!({
        "AsymmetricSigningPublicKey": world.signer.public_key(),
        "BuildDate": "", "BuildEnterpriseReady": "false", "BuildHash": "sandbox",
        "BuildNumber": "", "DefaultClientLocale": "en", "EnableBotAccountCreation": "true",
        "EnableCustomEmoji": "false", "EnableFile": "true", "EnableUserStatuses": "true",
        "MaxFileSize": "104857600", "MaxPostSize": super::posts::MAX_MESSAGE.to_string(),
        "MaximumPayloadSizeBytes": MAX_BODY.to_string(), "SiteName": "Mattermost sandbox",
        "SiteURL": world.site_url, "Version": world.like().version(), "WebsocketURL": "",
    }))
}

/// `GET /system/ping`
pub fn ping(_: &World, q: &Question) -> Answer {
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
