//! What clients may know of the server.

use serde_json::json;

use super::World;
use super::rest::{Answer, MAX_BODY, Question, Reply};

/// The version that the sandbox pretends to be.
pub const VERSION: &str = "11.6.0";
/// The same as answers and `hello` carry it: version, build, hash, licence.
pub const VERSION_ID: &str = "11.6.0..sandbox.false";

/// `GET /config/client`: a selection of the real one's keys, without a login.
pub fn client(world: &World, _: &Question) -> Answer {
    Reply::ok(json!({
        "AsymmetricSigningPublicKey": world.signer.public_key(),
        "BuildDate": "", "BuildEnterpriseReady": "false", "BuildHash": "sandbox",
        "BuildNumber": "", "DefaultClientLocale": "en", "EnableBotAccountCreation": "true",
        "EnableCustomEmoji": "false", "EnableFile": "true", "EnableUserStatuses": "true",
        "MaxFileSize": "104857600", "MaxPostSize": super::posts::MAX_MESSAGE.to_string(),
        "MaximumPayloadSizeBytes": MAX_BODY.to_string(), "SiteName": "Mattermost sandbox",
        "SiteURL": world.site_url, "Version": VERSION, "WebsocketURL": "",
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
    }
    Reply::ok(body)
}
