//! Which server the world pretends to be, and what an older one shows differently.
//!
//! Everything else in this folder answers as 11.6 does. What 10.0 only shows differently is taken
//! away or added here, on the way out; what it does differently asks [`Like::older`] on the spot.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use crate::sandbox::entry::Entry;

/// The servers whose recordings the world is replayed against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Like {
    /// Mattermost 10.0.
    #[serde(rename = "10.0")]
    V10_0,
    /// Mattermost 11.6.
    #[default]
    #[serde(rename = "11.6")]
    V11_6,
}

/// No such version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not among the versions that the sandbox knows: 10.0, 11.6")]
pub struct UnknownVersion(String);

impl std::str::FromStr for Like {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        match text {
            "10.0" => Ok(Self::V10_0),
            "11.6" => Ok(Self::V11_6),
            _ => Err(UnknownVersion(text.to_owned())),
        }
    }
}

/// Keys that channels have got since 10.0.
const NEW_IN_CHANNELS: [&str; 5] = [
    "autotranslation",
    "banner_info",
    "default_category_name",
    "policy_enforced",
    "policy_is_active",
];
/// Keys that dialogs and their elements have got since 10.0.
const NEW_IN_DIALOGS: [&str; 8] = [
    "multiselect",
    "data_source_url",
    "refresh",
    "min_date",
    "max_date",
    "time_interval",
    "datetime_config",
    "source_url",
];
/// Errors that were called otherwise: now → then.
const RENAMED: [(&str, &str); 1] = [(
    "model.post.is_valid.message_length.app_error",
    "model.post.is_valid.msg.app_error",
)];

impl Like {
    /// Whether it is 10.0.
    pub fn older(self) -> bool {
        self == Self::V10_0
    }

    /// As `ping` over the WebSocket and the client's config tell it.
    pub fn version(self) -> &'static str {
        match self {
            Self::V10_0 => "10.0.0",
            Self::V11_6 => "11.6.0",
        }
    }

    /// As answers and `hello` carry it: version, build, hash, licence.
    pub fn version_id(self) -> &'static str {
        match self {
            Self::V10_0 => "10.0.0..sandbox.false",
            Self::V11_6 => "11.6.0..sandbox.false",
        }
    }

    /// What this server calls an error.
    pub(super) fn error(self, id: String) -> String {
        let known = RENAMED.iter().find(|(now, _)| self.older() && *now == id);
        known.map_or(id, |(_, then)| (*then).to_owned())
    }

    /// An answer's body as this server sends it.
    pub(super) fn body(self, body: &mut Value) {
        if self.older() {
            age(body);
        }
    }

    /// An event's data as this server sends it: objects are strings of JSON in there.
    pub(super) fn event(self, data: &mut Value) {
        let fields = data.as_object_mut().filter(|_| self.older());
        for value in fields.into_iter().flat_map(|map| map.values_mut()) {
            let inner = value.as_str().filter(|text| text.starts_with('{'));
            let inner = inner.and_then(|text| serde_json::from_str::<Value>(text).ok());
            if let Some(mut inner) = inner {
                age(&mut inner);
                *value = json!(inner.to_string());
            }
        }
    }
}

/// Takes away what 10.0 doesn't have yet, and adds what it still has, at any depth.
fn age(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(age),
        Value::Object(map) => {
            let has = |key: &str| map.contains_key(key);
            let new: &[&str] = if has("total_msg_count_root") {
                &NEW_IN_CHANNELS
            } else if has("explicit_roles") {
                &["autotranslation_disabled"]
            } else if has("callback_id") || has("data_source") && has("help_text") {
                &NEW_IN_DIALOGS
            } else if has("pending_post_id") && map["file_ids"].as_array().is_none_or(Vec::is_empty)
            {
                &["file_ids"]
            } else {
                &[]
            };
            let listed = has("order") && has("prev_post_id") && !has("has_next");
            let own = has("last_password_update") && !has("auth_data");
            map.retain(|key, _| !new.contains(&key.as_str()));
            if listed {
                map.insert("has_next".to_owned(), json!(false));
            }
            if own {
                map.insert("auth_data".to_owned(), json!(""));
            }
            // What integrations and people gave stays as it is.
            let inner = map.iter_mut().filter(|(key, _)| *key != "props");
            inner.for_each(|(_, value)| age(value));
        }
        _ => {}
    }
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
    pub(in crate::sandbox) fn apply_like(&mut self, like: Like) {
        self.like = like;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_named_by_their_numbers() {
        assert_eq!("10.0".parse(), Ok(Like::V10_0));
        assert_eq!("11.6".parse(), Ok(Like::V11_6));
        assert!("9".parse::<Like>().is_err());
    }

    #[test]
    fn an_older_server_leaves_out_empty_file_ids_but_no_ones_props() {
        let now = json!({"posts": {"a": {
            "pending_post_id": "", "file_ids": [], "props": {"pending_post_id": 1, "file_ids": []},
        }}});
        let mut then = now.clone();
        Like::V11_6.body(&mut then);
        assert_eq!(then, now);
        Like::V10_0.body(&mut then);
        let post = &then["posts"]["a"];
        assert!(post.get("file_ids").is_none());
        assert_eq!(post["props"], now["posts"]["a"]["props"]);
    }
}
