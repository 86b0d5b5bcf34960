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
    use super::super::tests::Stand;
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

    /// A world with a post of ann's, as an older server has it.
    fn older() -> (Stand, String) {
        let mut stand = Stand::new();
        stand.world.set_like(Like::V10_0);
        let id = stand.says("ann", "first")["id"]
            .as_str()
            .unwrap()
            .to_owned();
        (stand, id)
    }

    #[test]
    fn an_older_server_wipes_props_that_a_put_leaves_out() {
        let (mut stand, id) = older();
        let path = format!("/posts/{id}");
        let props = json!({"id": id, "message": "second", "props": {"mine": 1}});
        let (_, post) = stand.ask("ann", "PUT", &path, props);
        assert_eq!(post["props"]["mine"], 1);
        let bare = json!({"id": id, "message": "third"});
        let (_, post) = stand.ask("ann", "PUT", &path, bare.clone());
        assert_eq!(post["props"], json!({}));
        let props = json!({"id": id, "message": "fourth", "props": {"mine": 1}});
        stand.ask("ann", "PUT", &path, props);
        stand.world.set_like(Like::V11_6);
        let (_, post) = stand.ask("ann", "PUT", &path, bare);
        assert_eq!(post["props"]["mine"], 1);
    }

    #[test]
    fn an_older_server_wants_the_old_format_and_forbids_what_is_not_there() {
        let (mut stand, _) = older();
        let mut ask = |method: &str, path: &str| stand.ask("ann", method, path, json!({})).0;
        assert_eq!(ask("GET", "/config/client"), 501);
        assert_eq!(ask("GET", "/config/client?format=new"), 400);
        assert_eq!(ask("GET", "/config/client?format=old"), 200);
        assert_eq!(ask("DELETE", "/posts/bbbbbbbbbbbbbbbbbbbbbbbbbb"), 403);
        assert_eq!(ask("POST", "/actions/dialogs/lookup"), 404);
    }

    #[test]
    fn an_older_server_does_not_mind_what_else_a_submission_is_answered_with() {
        let (mut stand, _) = older();
        let team = stand.world.team_named("home").unwrap();
        let dialog = json!({
            "url": "http://127.0.0.1:9/", "channel_id": stand.channel("dev"), "team_id": team,
        });
        for (answer, shown) in [
            (json!("no object"), json!({})),
            (
                json!({"type": "form", "form": {"title": "next"}}),
                json!({}),
            ),
            (json!({"errors": {"a": "b"}}), json!({"errors": {"a": "b"}})),
        ] {
            let path = "/actions/dialogs/submit";
            let call = stand.call("ann", "POST", path, dialog.clone());
            assert_eq!(stand.answer(&call, answer), (200, shown));
        }
    }

    #[test]
    fn an_older_server_believes_the_host_header_of_a_command() {
        let (mut stand, _) = older();
        let token = stand.token("ann");
        let line = json!({"channel_id": stand.channel("dev"), "command": "/poll"});
        let request = http::Request::post("/api/v4/commands/execute")
            .header("authorization", format!("Bearer {token}"))
            .header("host", "elsewhere.test")
            .body(line.to_string().into());
        let step = stand.world.request(stand.now, request.unwrap());
        let crate::sandbox::Step::Call(call) = step else {
            panic!("no call but {step:?}");
        };
        let form = String::from_utf8_lossy(call.request.body()).into_owned();
        assert!(
            form.contains("response_url=http%3A%2F%2Felsewhere.test%2Fhooks"),
            "{form}"
        );
        assert!(!form.contains("root_id"), "{form}");
    }
}
