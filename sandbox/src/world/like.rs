//! Which server the world pretends to be, and what others show differently.
//!
//! Everything else in this folder answers as 11.6 does. What 10.0 and 11.10 only show differently is
//! taken away or added here, on the way out; what they do differently asks [`Like::older`] or
//! [`Like::newer`] on the spot.

mod keys;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The servers whose recordings the world is replayed against, and one that is known by its
/// changelog alone; in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Like {
    /// Mattermost 10.0.
    #[serde(rename = "10.0")]
    V10_0,
    /// Mattermost 11.6.
    #[default]
    #[serde(rename = "11.6")]
    V11_6,
    /// Mattermost 11.10.
    #[serde(rename = "11.10")]
    V11_10,
    /// Mattermost 12.0, of which nothing is recorded: a 11.10 with longer posts and titles of
    /// dialogs, for tests of what goes by them.
    #[serde(rename = "12.0")]
    V12_0,
}

/// No such version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not among the versions that the sandbox knows: 10.0, 11.6, 11.10, 12.0")]
pub struct UnknownVersion(String);

impl std::str::FromStr for Like {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        match text {
            "10.0" => Ok(Self::V10_0),
            "11.6" => Ok(Self::V11_6),
            "11.10" => Ok(Self::V11_10),
            "12.0" => Ok(Self::V12_0),
            _ => Err(UnknownVersion(text.to_owned())),
        }
    }
}

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

    /// Whether it is 11.10, or what came after it.
    pub fn newer(self) -> bool {
        self >= Self::V11_10
    }

    /// As `ping` over the WebSocket and the client's config tell it.
    pub fn version(self) -> &'static str {
        match self {
            Self::V10_0 => "10.0.0",
            Self::V11_6 => "11.6.0",
            Self::V11_10 => "11.10.0",
            Self::V12_0 => "12.0.0",
        }
    }

    /// The longest message where nobody has set another one, in characters.
    pub(super) fn max_post_size(self) -> usize {
        match self {
            Self::V12_0 => 262_144,
            _ => 16_383,
        }
    }

    /// As answers and `hello` carry it: version, build, hash, licence.
    pub fn version_id(self) -> String {
        format!("{}..sandbox.false", self.version())
    }

    /// What this server calls an error.
    pub(super) fn error(self, id: String) -> String {
        let known = RENAMED.iter().find(|(now, _)| self.older() && *now == id);
        known.map_or(id, |(_, then)| (*then).to_owned())
    }

    /// What is to be changed on the way out.
    fn shown(self) -> Option<fn(&mut Value)> {
        match self {
            Self::V10_0 => Some(keys::age),
            Self::V11_6 => None,
            Self::V11_10 | Self::V12_0 => Some(keys::renew),
        }
    }

    /// An answer's body as this server sends it.
    pub(super) fn body(self, body: &mut Value) {
        if let Some(shown) = self.shown() {
            shown(body);
        }
    }

    /// An event's data as this server sends it: objects are strings of JSON in there.
    pub(super) fn event(self, data: &mut Value) {
        let Some(shown) = self.shown() else { return };
        let fields = data.as_object_mut();
        for value in fields.into_iter().flat_map(|map| map.values_mut()) {
            let inner = value.as_str().filter(|text| text.starts_with('{'));
            let inner = inner.and_then(|text| serde_json::from_str::<Value>(text).ok());
            if let Some(mut inner) = inner {
                shown(&mut inner);
                *value = json!(inner.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::tests::Stand;

    #[test]
    fn versions_are_named_by_their_numbers() {
        assert_eq!("10.0".parse(), Ok(Like::V10_0));
        assert_eq!("11.6".parse(), Ok(Like::V11_6));
        assert_eq!("11.10".parse(), Ok(Like::V11_10));
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

    /// A whisper with a button to ann, and the click on it.
    fn whispered(stand: &mut Stand) -> (String, Value) {
        let ann = stand.world.user_named("ann").unwrap().id.clone();
        let key = stand.connect("ann", "");
        let button = json!({"id": "a_b-c", "name": "Go", "integration": {"url": "http://x"}});
        let post = json!({
            "channel_id": stand.channel("dev"), "message": "psst",
            "props": {"attachments": [{"actions": [button]}]},
        });
        let whisper = json!({"user_id": ann, "post": post});
        stand.ask("admin", "POST", "/posts/ephemeral", whisper);
        let frames = stand.frames(key);
        let post = frames.last().unwrap()["data"]["post"].as_str().unwrap();
        let post: Value = serde_json::from_str(post).unwrap();
        let cookie = &post["props"]["attachments"][0]["actions"][0]["cookie"];
        let path = format!("/posts/{}/actions/a_b-c", post["id"].as_str().unwrap());
        (path, json!({"cookie": cookie, "selected_option": "mine"}))
    }

    #[test]
    fn a_newer_server_lets_a_button_change_what_only_one_person_sees() {
        let mut stand = Stand::new();
        let (path, click) = whispered(&mut stand);
        assert_eq!(stand.ask("ann", "POST", &path, click).0, 404);
        stand.world.set_like(Like::V11_10);
        let (path, click) = whispered(&mut stand);
        let call = stand.call("ann", "POST", &path, click);
        let told: Value = serde_json::from_slice(call.request.body()).unwrap();
        assert_eq!(told["context"]["selected_option"], "mine", "{told}");
        let key = stand.connect("ann", "");
        let update = json!({"update": {"message": "done"}});
        assert_eq!(stand.answer(&call, update).0, 200);
        let frames = stand.frames(key);
        let edited = frames.last().unwrap();
        assert_eq!(edited["event"], "post_edited");
        let post: Value = serde_json::from_str(edited["data"]["post"].as_str().unwrap()).unwrap();
        assert_eq!(post["message"], "done");
        assert!(path.contains(post["id"].as_str().unwrap()), "{post}");
    }

    #[test]
    fn a_newer_server_says_how_an_integration_failed() {
        for (like, shown) in [
            (Like::V11_6, [400, 400, 400, 400]),
            (Like::V11_10, [502, 429, 503, 400]),
        ] {
            let mut stand = Stand::new();
            stand.world.set_like(like);
            let got = [500, 429, 503, 404].map(|status| {
                let dialog = json!({
                    "url": "http://127.0.0.1:9/", "channel_id": stand.channel("dev"),
                    "team_id": stand.world.team_named("home").unwrap(),
                });
                let call = stand.call("ann", "POST", "/actions/dialogs/submit", dialog);
                let answer = http::Response::builder().status(status).body("no".into());
                let step = stand
                    .world
                    .answered(stand.now, call.id, Ok(answer.unwrap()));
                crate::world::tests::done(step).0
            });
            assert_eq!(got, shown, "{like:?}");
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
        let crate::Step::Call(call) = step else {
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
