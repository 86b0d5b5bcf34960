//! A world with the recorded people, and what the recorded ids mean in it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Request};
use mattermost_sandbox::{ConnectionKey, Frame, Like, Signer, Step, World, is_id};
use serde_json::{Value, json};

use super::recording::Recording;
use super::shapes::parts;

pub struct Stage {
    pub world: World,
    pub now: i64,
    pub ids: BTreeMap<String, String>,
    pub tokens: BTreeMap<&'static str, String>,
    /// What each one's socket got.
    pub heard: BTreeMap<&'static str, (ConnectionKey, Vec<Frame>)>,
    pub disagreements: Vec<String>,
    /// The first cookie of the last ephemeral post with buttons.
    pub cookie: String,
}

impl Stage {
    pub fn new(like: Like) -> Self {
        let signer = Signer::new(&Signer::generate().unwrap()).unwrap();
        let mut stage = Self {
            world: World::new(1, signer),
            now: 1_795_453_026_000,
            ids: BTreeMap::new(),
            tokens: BTreeMap::from([("wrong", "nope".to_owned())]),
            heard: BTreeMap::new(),
            disagreements: Vec::new(),
            cookie: String::new(),
        };
        stage.world.set_like(like);
        stage.world.people(stage.now);
        stage
    }

    /// The people, team and channel that existed before the recording began.
    pub fn prepared(recording: &Recording) -> Self {
        let mut stage = Self::new(recording.like);
        stage.now = recording.began;
        let tag = recording.tag;
        for (name, id) in [("anna", recording.anna), ("bela", recording.bela)] {
            let user =
                json!({"username": format!("{name}{tag}"), "email": "x@y", "password": "secret"});
            stage.make("none", "/users", user, id);
            stage.login(&format!("{name}{tag}"), "secret");
        }
        let admin = stage.login("admin", "admin-Passw0rd");
        stage.ids.insert(recording.admin.to_owned(), admin);
        let team = json!({"name": format!("t{tag}"), "display_name": "Ops", "type": "O"});
        let team = stage.make("admin", "/teams", team, recording.team);
        let channel = json!({
            "team_id": team, "name": format!("c{tag}"), "display_name": "Releases", "type": "O",
        });
        let channel = stage.make("admin", "/channels", channel, recording.channel);
        for user in [recording.anna, recording.bela] {
            stage.joins(&stage.ids[user].clone(), &team, &channel);
        }
        stage
    }

    /// Makes something and learns its id.
    pub fn make(&mut self, who: &str, path: &str, body: Value, theirs: &str) -> String {
        let (status, made) = self.call(who, "POST", &format!("/api/v4{path}"), &body.to_string());
        assert!(status < 300, "{path}: {made}");
        let id = made["id"].as_str().or(made["user_id"].as_str()).unwrap();
        self.ids.insert(theirs.to_owned(), id.to_owned());
        id.to_owned()
    }

    /// The admin lets a user into a team and a channel.
    pub fn joins(&mut self, user: &str, team: &str, channel: &str) {
        let body = json!({"user_id": user}).to_string();
        for path in [format!("teams/{team}"), format!("channels/{channel}")] {
            self.call("admin", "POST", &format!("/api/v4/{path}/members"), &body);
        }
    }

    pub fn login(&mut self, name: &str, password: &str) -> String {
        let body = json!({"login_id": name, "password": password}).to_string();
        let request = Request::post("/api/v4/users/login")
            .body(Bytes::from(body))
            .unwrap();
        let Step::Done(response) = self.world.request(self.now, request) else {
            panic!("a login needs no integration");
        };
        let token = response.headers()["token"].to_str().unwrap().to_owned();
        let who = match &name[..4] {
            "admi" => "admin",
            "anna" | "cora" => "anna",
            _ => "bela",
        };
        self.tokens.insert(who, token);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    /// Opens a WebSocket with a token in its header.
    pub fn connect(&mut self, who: &str, query: &str) -> ConnectionKey {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", self.tokens[who]);
        headers.insert("authorization", bearer.parse().unwrap());
        self.now += 700;
        self.world.connect(self.now, query, &headers)
    }

    /// From here on what `who` hears is kept.
    pub fn listen(&mut self, who: &'static str) {
        let key = self.connect(who, "");
        self.heard.insert(who, (key, Vec::new()));
    }

    pub fn call(&mut self, who: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        match self.send(who, method, path, body) {
            Step::Done(response) => parts(&response),
            other => panic!("{method} {path} gave {other:?}"),
        }
    }

    pub fn send(&mut self, who: &str, method: &str, path: &str, body: &str) -> Step {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = self.tokens.get(who) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let kind = if body.starts_with("payload=") {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        let request = request.header("content-type", kind);
        self.now += 700;
        let body = Bytes::from(body.to_owned());
        self.world.request(self.now, request.body(body).unwrap())
    }

    /// A recorded text with our ids in the place of the recorded ones.
    pub fn translated(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (theirs, ours) in &self.ids {
            out = out.replace(theirs, ours);
        }
        out
    }

    /// Learns what recorded ids mean from two values of the same shape.
    pub fn learn(&mut self, theirs: &Value, ours: &Value) {
        match (theirs, ours) {
            (Value::String(a), Value::String(b)) => {
                if (is_id(a) && is_id(b)) || (a.len() > 200 && b.len() > 200) {
                    self.ids.entry(a.clone()).or_insert_with(|| b.clone());
                } else if let (Some(a), Some(b)) = (last_id(a), last_id(b)) {
                    self.ids.entry(a).or_insert(b);
                }
            }
            (Value::Array(a), Value::Array(b)) => {
                for (a, b) in a.iter().zip(b) {
                    self.learn(a, b);
                }
            }
            (Value::Object(a), Value::Object(b)) => {
                for (key, a) in a {
                    if let Some(b) = b.get(key) {
                        self.learn(a, b);
                    }
                }
            }
            _ => {}
        }
    }

    pub fn hear(&mut self) {
        for (key, kept) in self.heard.values_mut() {
            for frame in self.world.take_frames(*key) {
                if let Frame::Text(text) = &frame
                    && let Some(cookie) = cookie(text)
                {
                    self.cookie = cookie;
                }
                kept.push(frame);
            }
        }
    }

    pub fn disagree(&mut self, file: &str, what: &str, why: impl Into<String>) {
        let why = why.into();
        self.disagreements.push(format!("{file}: {what}: {why}"));
    }
}

fn cookie(frame: &str) -> Option<String> {
    let message: Value = serde_json::from_str(frame).unwrap();
    let post = message["data"]["post"].as_str()?;
    let post: Value = serde_json::from_str(post).unwrap();
    let action = &post["props"]["attachments"][0]["actions"][0];
    action["cookie"].as_str().map(str::to_owned)
}

/// `…/hooks/commands/{id}` ends with an id.
fn last_id(text: &str) -> Option<String> {
    let (_, id) = text.rsplit_once('/')?;
    is_id(id).then(|| id.to_owned())
}
