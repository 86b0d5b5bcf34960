//! The recordings of a real server, replayed against the sandbox's world: every request of a
//! client must get the same status, the same error id and the same JSON keys, and every call to
//! the integration must have the same shape.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use matteractor::sandbox::{CallFailure, ConnectionKey, Frame, Signer, Step, World, is_id};
use serde_json::{Value, json};

const FILES: [(&str, &str); 7] = [
    (
        "provisioning",
        include_str!("../fixtures/golden/11.6/provisioning.json"),
    ),
    (
        "websocket",
        include_str!("../fixtures/golden/11.6/websocket.json"),
    ),
    ("slash", include_str!("../fixtures/golden/11.6/slash.json")),
    (
        "actions",
        include_str!("../fixtures/golden/11.6/actions.json"),
    ),
    (
        "dialogs",
        include_str!("../fixtures/golden/11.6/dialogs.json"),
    ),
    (
        "webhooks",
        include_str!("../fixtures/golden/11.6/webhooks.json"),
    ),
    ("rest", include_str!("../fixtures/golden/11.6/rest.json")),
];

/// Who sends what, as far as the recordings' own words tell.
fn actor(file: &str, what: &str, method: &str, path: &str) -> &'static str {
    let by_bot = [
        "the bot",
        "a post with a pending_post_id",
        "catch up",
        "patch a post",
        "delete a post",
        "buttons",
        "that opens a dialog",
        "ping",
    ];
    match what {
        "no token" => "none",
        "wrong token" | "a wrong token" => "wrong",
        "the bot's own post does or does not trigger an outgoing webhook" => "bot",
        "ephemeral post with a button, by a system admin" => "admin",
        "click by another user, message and attachments updated" => "bela",
        _ if what.contains("the bot answers") => "bot",
        _ if what.starts_with("a user ") => "anna",
        _ if path.contains("/actions/") || path.contains("/commands/execute") => "anna",
        _ if file == "rest" => "bot",
        _ if file == "websocket"
            && (path.contains("/channels/oj6") || path.ends_with("/channels")) =>
        {
            "admin"
        }
        _ if file == "provisioning" && method == "POST" || what.contains("list custom") => "admin",
        _ if by_bot.iter().any(|words| what.contains(words)) => "bot",
        _ => "anna",
    }
}

/// A world with the recorded people, and what the recorded ids mean in it.
pub struct Stage {
    pub world: World,
    pub now: i64,
    pub ids: BTreeMap<String, String>,
    pub tokens: BTreeMap<&'static str, String>,
    sockets: Vec<ConnectionKey>,
    /// The keys of each event's data, as our world sends it.
    heard: BTreeMap<String, BTreeSet<String>>,
    pub disagreements: Vec<String>,
    /// The first cookie of the last ephemeral post with buttons.
    cookie: String,
}

impl Stage {
    pub fn new() -> Self {
        let signer = Signer::new(&Signer::generate().unwrap()).unwrap();
        let mut stage = Self {
            world: World::new(1, signer),
            now: 1_795_453_026_000,
            ids: BTreeMap::new(),
            tokens: BTreeMap::from([("wrong", "nope".to_owned())]),
            sockets: Vec::new(),
            heard: BTreeMap::new(),
            disagreements: Vec::new(),
            cookie: String::new(),
        };
        stage.world.people(stage.now);
        stage
    }

    /// The people, team and channel that existed before the recording began.
    fn people(&mut self) {
        for (name, id) in [
            ("annau4b4dd9", "oxf15agrypnrbphqkg3nhtugby"),
            ("belau4b4dd9", "cuou5jkg3bfkiq13onm5iuqqdy"),
        ] {
            let user = json!({"username": name, "email": "x@y", "password": "secret"});
            let made = self
                .call("none", "POST", "/api/v4/users", &user.to_string())
                .1;
            self.ids
                .insert(id.to_owned(), made["id"].as_str().unwrap().to_owned());
        }
        let admin = self.login("admin", "admin-Passw0rd");
        self.ids
            .insert("s6wgj45hxjdojkeyzg6pxabq8y".to_owned(), admin);
        self.login("annau4b4dd9", "secret");
        self.login("belau4b4dd9", "secret");
        let team = json!({"name": "tu4b4dd9", "display_name": "Ops", "type": "O"});
        let team = self
            .call("admin", "POST", "/api/v4/teams", &team.to_string())
            .1;
        let team = team["id"].as_str().unwrap().to_owned();
        let channel =
            json!({"team_id": team, "name": "cu4b4dd9", "display_name": "Releases", "type": "O"});
        let channel = self
            .call("admin", "POST", "/api/v4/channels", &channel.to_string())
            .1;
        let channel = channel["id"].as_str().unwrap().to_owned();
        for user in ["oxf15agrypnrbphqkg3nhtugby", "cuou5jkg3bfkiq13onm5iuqqdy"] {
            let body = json!({"user_id": self.ids[user]}).to_string();
            self.call(
                "admin",
                "POST",
                &format!("/api/v4/teams/{team}/members"),
                &body,
            );
            self.call(
                "admin",
                "POST",
                &format!("/api/v4/channels/{channel}/members"),
                &body,
            );
        }
        self.ids
            .insert("6ggob4o5bbfmdjymuez11tjwjh".to_owned(), team);
        self.ids
            .insert("km7qshsrt7bpzg5ub4gs6wyago".to_owned(), channel);
        self.listen("anna");
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
        let who = match name {
            "admin" => "admin",
            "annau4b4dd9" => "anna",
            _ => "bela",
        };
        self.tokens.insert(who, token);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    fn listen(&mut self, who: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(
            "authorization",
            format!("Bearer {}", self.tokens[who]).parse().unwrap(),
        );
        let key = self.world.connect(self.now, "", &headers);
        self.sockets.push(key);
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

    fn hear(&mut self) {
        for key in self.sockets.clone() {
            for frame in self.world.take_frames(key) {
                let Frame::Text(text) = frame else { continue };
                note(&mut self.heard, &text);
                self.keep_cookie(&text);
            }
        }
    }

    fn keep_cookie(&mut self, frame: &str) {
        let message: Value = serde_json::from_str(frame).unwrap();
        let post = message["data"]["post"].as_str().unwrap_or("null");
        let post: Value = serde_json::from_str(post).unwrap();
        let action = &post["props"]["attachments"][0]["actions"][0];
        if let Some(cookie) = action["cookie"].as_str() {
            self.cookie = cookie.to_owned();
        }
    }

    pub fn disagree(&mut self, file: &str, what: &str, why: String) {
        self.disagreements.push(format!("{file}: {what}: {why}"));
    }
}

/// `…/hooks/commands/{id}` ends with an id.
fn last_id(text: &str) -> Option<String> {
    let (_, id) = text.rsplit_once('/')?;
    is_id(id).then(|| id.to_owned())
}

pub fn parts(response: &Response<Bytes>) -> (u16, Value) {
    let body = serde_json::from_slice(response.body())
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(response.body())));
    (response.status().as_u16(), body)
}

fn note(heard: &mut BTreeMap<String, BTreeSet<String>>, text: &str) {
    let message: Value = serde_json::from_str(text).unwrap();
    let Some(event) = message["event"].as_str() else {
        return;
    };
    let mut keys = BTreeSet::new();
    for (key, value) in message["data"].as_object().into_iter().flatten() {
        keys.insert(key.clone());
        if let Some(inner) = value
            .as_str()
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
        {
            shape(&inner, key, &mut keys);
        }
    }
    keys.extend(
        message["broadcast"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone()),
    );
    heard.entry(event.to_owned()).or_default().extend(keys);
}

/// Every path of keys in a value; ids as keys, lists' places and author's own data are alike.
fn shape(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = if is_id(key) { "*" } else { key };
                let path = format!("{at}.{key}");
                into.insert(path.clone());
                shape(value, &path, into);
            }
        }
        Value::Array(list) => list
            .iter()
            .for_each(|one| shape(one, &format!("{at}[]"), into)),
        _ => {}
    }
}

pub fn shape_of(value: &Value) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    shape(value, "", &mut keys);
    keys
}

/// A body as JSON: forms become objects.
fn body_of(kind: &str, body: &str) -> Value {
    if kind.contains("form-urlencoded") {
        let pairs = url::form_urlencoded::parse(body.as_bytes());
        return pairs
            .map(|(key, value)| (key.into_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    serde_json::from_str(body).unwrap_or(Value::Null)
}

/// The recorded request body; placeholders for long ones are written out again.
fn recorded_body(what: &str, recorded: &Value) -> String {
    let body = recorded["body"].as_str().unwrap_or("");
    let Some((head, _)) = body
        .split_once('…')
        .filter(|_| body.ends_with("characters)"))
    else {
        return body.to_owned();
    };
    assert_eq!(what, "props too large");
    format!("{head}{}\"}}}}", "b".repeat(900_000))
}

fn replay(stage: &mut Stage, file: &str, entries: &[Value]) -> (usize, usize) {
    let mut calls: VecDeque<&Value> = entries
        .iter()
        .filter(|entry| entry["direction"] == "mattermost->integration")
        .collect();
    let (mut agreed, mut all) = (0, 0);
    for entry in entries
        .iter()
        .filter(|entry| entry["direction"] == "client->mattermost")
    {
        all += 1;
        let before = stage.disagreements.len();
        exchange(stage, file, entry, &mut calls);
        stage.hear();
        agreed += usize::from(stage.disagreements.len() == before);
    }
    if !calls.is_empty() {
        stage.disagree(
            file,
            "calls",
            format!("{} recorded calls were never made", calls.len()),
        );
    }
    (agreed, all)
}

fn exchange(stage: &mut Stage, file: &str, entry: &Value, calls: &mut VecDeque<&Value>) {
    let what = entry["what"].as_str().unwrap();
    let method = entry["request"]["method"].as_str().unwrap();
    let path = entry["request"]["path"].as_str().unwrap();
    let status = entry["response"]["status"].as_u64().unwrap() as u16;
    let who = actor(file, what, method, path);
    let mut body = stage.translated(&recorded_body(what, &entry["request"]));
    if body.contains("\"cookie\"") {
        body = json!({"cookie": stage.cookie}).to_string(); // each reader has its own
    }
    if status == 500 && what.contains("at the same moment") {
        let pending: Value = serde_json::from_str(&body).unwrap();
        stage
            .world
            .faults
            .pend(pending["pending_post_id"].as_str().unwrap());
    }
    let path = stage.translated(path);
    let mut step = stage.send(who, method, &path, &body);
    for call in stage.world.take_calls() {
        answer(stage, file, what, call, calls);
    }
    if let Step::Call(call) = step {
        step = answer(stage, file, what, call, calls);
    }
    let Step::Done(response) = step else {
        panic!("{what}: no answer");
    };
    let (our_status, ours) = parts(&response);
    let theirs = entry["response"]["body"].as_str().unwrap();
    let theirs: Value = serde_json::from_str(theirs).unwrap_or_else(|_| json!(theirs));
    stage.learn(&theirs, &ours);
    if what == "give the bot an access token" {
        stage
            .tokens
            .insert("bot", ours["token"].as_str().unwrap().to_owned());
        stage.listen("bot");
    }
    let (mut wanted, mut got) = (shape_of(&theirs), shape_of(&ours));
    if what.starts_with("catch up") {
        // Which posts are there differs: most of them were made outside of the recording.
        for keys in [&mut wanted, &mut got] {
            keys.retain(|key| !ignored(key));
        }
    }
    if our_status != status {
        stage.disagree(
            file,
            what,
            format!("status {our_status}, not {status}: {ours}"),
        );
    } else if status >= 400 && ours["id"] != theirs["id"] {
        stage.disagree(
            file,
            what,
            format!("error {}, not {}", ours["id"], theirs["id"]),
        );
    } else if wanted != got {
        let missing: Vec<_> = wanted.difference(&got).collect();
        let extra: Vec<_> = got.difference(&wanted).collect();
        stage.disagree(
            file,
            what,
            format!("keys missing {missing:?}, extra {extra:?}"),
        );
    }
}

/// Compares a call with the recorded one and answers as the integration did.
pub fn answer(
    stage: &mut Stage,
    file: &str,
    what: &str,
    call: matteractor::sandbox::Call,
    calls: &mut VecDeque<&Value>,
) -> Step {
    let Some(recorded) = calls.pop_front() else {
        stage.disagree(file, what, format!("unexpected call {:?}", call.request));
        return stage
            .world
            .answered(stage.now, call.id, Err(CallFailure::TimedOut));
    };
    let (theirs, reply) = (&recorded["request"], &recorded["response"]);
    let kind = theirs["headers"]["Content-Type"].as_str().unwrap_or("");
    let target = theirs["path"].as_str().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let uri = call.request.uri();
    let their_body = if query.is_empty() {
        body_of(kind, theirs["body"].as_str().unwrap_or(""))
    } else {
        body_of("form-urlencoded", query)
    };
    let our_body = match uri.query() {
        Some(query) => body_of("form-urlencoded", query),
        None => body_of(kind, std::str::from_utf8(call.request.body()).unwrap()),
    };
    if uri.path() != path || shape_of(&their_body) != shape_of(&our_body) {
        stage.disagree(file, what, format!("call to {uri} with {our_body}"));
    }
    for name in ["user-agent", "accept", "authorization", "content-type"] {
        let has = call.request.headers().contains_key(name);
        let had = theirs["headers"]
            .as_object()
            .unwrap()
            .keys()
            .any(|key| key.eq_ignore_ascii_case(name));
        if has != had {
            stage.disagree(file, what, format!("header {name}: {has}, not {had}"));
        }
    }
    stage.learn(&their_body, &our_body);
    let answer = if what.contains("time limit") {
        Err(CallFailure::TimedOut)
    } else {
        let response = Response::builder()
            .status(reply["status"].as_u64().unwrap() as u16)
            .header("content-type", reply["content_type"].as_str().unwrap_or(""));
        let mut body = reply["body"].as_str().unwrap_or("").to_owned();
        if body.ends_with(" characters)") {
            body = format!("{{\"text\": \"{}\"}}", "x".repeat(2_000_000));
        }
        Ok(response.body(Bytes::from(body)).unwrap())
    };
    stage.world.answered(stage.now, call.id, answer)
}

#[test]
fn the_sandbox_answers_as_a_real_server_did() {
    let mut stage = Stage::new();
    stage.people();
    let (mut agreed, mut all) = (0, 0);
    for (name, text) in FILES {
        let entries: Vec<Value> = serde_json::from_str(text).unwrap();
        let (good, total) = replay(&mut stage, name, &entries);
        println!("{name}: {good} of {total} agree");
        agreed += good;
        all += total;
    }
    println!("{agreed} of {all} exchanges agree");
    assert!(
        stage.disagreements.is_empty(),
        "{}",
        stage.disagreements.join("\n")
    );
}

#[test]
fn the_sandbox_sends_the_events_that_a_real_server_sent() {
    let mut stage = Stage::new();
    stage.people();
    let mut recorded = BTreeMap::new();
    for (name, text) in FILES {
        let entries: Vec<Value> = serde_json::from_str(text).unwrap();
        replay(&mut stage, name, &entries);
        let sockets = entries
            .iter()
            .filter(|entry| entry.get("websocket").is_some());
        for frame in sockets.flat_map(|socket| socket["frames"].as_array().unwrap()) {
            if let Some(text) = frame["received"].as_str() {
                note(&mut recorded, text);
            }
        }
    }
    // Typing needs a socket, and threads aren't followed here.
    recorded.remove("typing");
    recorded.remove("thread_updated");
    for (event, keys) in &recorded {
        let ours = stage
            .heard
            .get(event)
            .unwrap_or_else(|| panic!("{event} was never sent"));
        let missing: Vec<_> = keys.difference(ours).filter(|key| !ignored(key)).collect();
        assert!(missing.is_empty(), "{event} lacks {missing:?}");
    }
}

/// Props of posts that no replayed request made.
fn ignored(key: &str) -> bool {
    key.contains(".props.") || key.contains("metadata.")
}
