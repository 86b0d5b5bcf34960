//! What the server says of itself.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The answer of calls that have nothing else to say: `{"status":"OK"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusOk {
    /// `OK`.
    pub status: String,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for StatusOk {
    fn default() -> Self {
        Self {
            status: "OK".into(),
            extra: Map::new(),
        }
    }
}

/// The answer of `system/ping`; with `get_server_status=true` also of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// `OK`, or `UNHEALTHY`.
    pub status: String,
    /// Of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_status: Option<String>,
    /// Of the store of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filestore_status: Option<String>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The settings that clients see (`config/client`), all of them texts. Without a session it is
/// a part of them. 10.0 wants `?format=old`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientConfig(pub Map<String, Value>);

impl ClientConfig {
    /// A setting; `None` if it isn't there or is empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// The server's version: `11.6.0`.
    pub fn version(&self) -> Option<&str> {
        self.get("Version")
    }

    /// The address that people use.
    pub fn site_url(&self) -> Option<&str> {
        self.get("SiteURL")
    }

    /// The key that trigger ids are signed with: base64 of DER, see [`super::trigger`].
    pub fn signing_key(&self) -> Option<&str> {
        self.get("AsymmetricSigningPublicKey")
    }

    /// Characters of a post; only with a session. What is no such number is none.
    pub fn max_post_size(&self) -> Option<usize> {
        let size = self.get("MaxPostSize")?.parse().ok()?;
        (size > 0).then_some(size)
    }
}
