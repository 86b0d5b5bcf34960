//! The connections of websocket.json, step by step as they were recorded.

use http::HeaderMap;
use mattermost_sandbox::{ConnectionKey, Frame};
use serde_json::{Value, json};

use super::frames::{Share, compare};
use super::recording::Recording;
use super::replay::replay;
use super::stage::Stage;

/// A stage on which the bot is provisioned, with the recorded connections to act again.
pub struct Sockets<'a> {
    pub stage: Stage,
    recording: &'a Recording,
    entries: Vec<Value>,
    pub share: Share,
}

impl<'a> Sockets<'a> {
    pub fn new(recording: &'a Recording) -> Self {
        let mut stage = Stage::prepared(recording);
        let mut files = recording.files().into_iter();
        let (name, provisioning) = files.next().unwrap();
        replay(&mut stage, name, &provisioning);
        Self {
            stage,
            recording,
            entries: files.next().unwrap().1,
            share: Share::none(),
        }
    }

    /// Acts all connections in turn.
    pub fn act(&mut self) {
        let first = self.first();
        self.followers(&first);
        self.resumed();
        self.refused();
    }

    fn check(&mut self, name: &str, first: i64, key: ConnectionKey) -> Vec<Frame> {
        let ours = self.stage.world.take_frames(key);
        self.check_all(name, first, &ours);
        ours
    }

    fn check_all(&mut self, name: &str, first: i64, ours: &[Frame]) {
        let entry = self.entries.iter().find(|entry| entry["websocket"] == name);
        let frames = entry.unwrap()["frames"].as_array().unwrap().clone();
        compare(
            &mut self.stage,
            (name, first),
            &frames,
            ours,
            &mut self.share,
        );
    }

    fn drops(&mut self, key: ConnectionKey) {
        self.stage.now += 100;
        self.stage.world.disconnected(self.stage.now, key);
    }

    fn says(&mut self, message: &str) {
        let channel = &self.stage.ids[self.recording.channel];
        let post = json!({"channel_id": channel, "message": message}).to_string();
        self.stage.call("bela", "POST", "/api/v4/posts", &post);
    }

    fn sends(&mut self, key: ConnectionKey, message: &Value) {
        self.stage.now += 10;
        let now = self.stage.now;
        self.stage.world.received(now, key, &message.to_string());
    }

    fn challenge(&mut self, query: &str, token: &str) -> ConnectionKey {
        let now = self.stage.now;
        let key = self.stage.world.connect(now, query, &HeaderMap::new());
        let data = json!({"token": token});
        let message = json!({"seq": 1, "action": "authentication_challenge", "data": data});
        self.sends(key, &message);
        key
    }

    /// Everything that happens in the first connection; gives its id.
    fn first(&mut self) -> String {
        let token = self.stage.tokens["bot"].clone();
        let key = self.challenge("", &token);
        let channel = self.stage.ids[self.recording.channel].clone();
        let typing = json!({"channel_id": channel, "parent_id": ""});
        for message in [
            json!({"seq": 2, "action": "get_statuses"}),
            json!({"seq": 3, "action": "user_typing", "data": typing}),
            json!({"seq": 4, "action": "no_such_action"}),
            json!({"seq": 5, "action": "ping"}),
        ] {
            self.sends(key, &message);
        }
        let requests = self.entries.iter().take_while(|e| e["websocket"].is_null());
        let requests: Vec<Value> = requests.cloned().collect();
        replay(&mut self.stage, "websocket", &requests);
        self.stage.call(
            "anna",
            "POST",
            "/api/v4/users/me/typing",
            &typing.to_string(),
        );
        for n in 0..10 {
            self.says(&format!("burst {n}"));
        }
        let ours = self.check("bot", 0, key);
        self.drops(key);
        id(&ours)
    }

    /// With a challenge nothing is resumed: the server doesn't know yet who asks.
    fn followers(&mut self, first: &str) {
        for n in 0..3 {
            self.says(&format!("missed {n}"));
        }
        let token = self.stage.tokens["bot"].clone();
        let key = self.challenge(&format!("connection_id={first}&sequence_number=28"), &token);
        self.says("after resume");
        let ours = self.check("bot-resumed", 0, key);
        let unknown = format!("connection_id={}&sequence_number=3", "y".repeat(26));
        let other = self.challenge(&unknown, &token);
        self.check("bot-unknown-connection", 0, other);
        let ahead = format!("connection_id={}&sequence_number=999", id(&ours));
        let hole = self.challenge(&ahead, &token);
        self.check("bot-hole", 0, hole);
        for key in [key, other, hole] {
            self.drops(key);
        }
    }

    /// With a token in the header what was missed comes first, if it isn't too much.
    fn resumed(&mut self) {
        let key = self.stage.connect("bot", "");
        self.says("seen by the header connection");
        let ours = self.check("header-first", 0, key);
        let (id, next) = (id(&ours), ours.len());
        self.drops(key);
        for n in 0..3 {
            self.says(&format!("while the header connection is away {n}"));
        }
        let query = format!("connection_id={id}&sequence_number={next}");
        let key = self.stage.connect("bot", &query);
        self.says("after the header resume");
        let ours = self.check("header-resumed", next as i64, key);
        let next = next + ours.len();
        self.drops(key);
        for n in 0..600 {
            self.says(&format!("too many {n}"));
        }
        let query = format!("connection_id={id}&sequence_number={next}");
        let key = self.stage.connect("bot", &query);
        self.check("header-overflow", 0, key);
    }

    /// What ends without a word: a wrong token, no JSON, no authentication in time.
    fn refused(&mut self) {
        let key = self.challenge("", "notavalidtoken");
        let ours = self.check("bad-token", 0, key);
        assert_eq!(ours, [Frame::Drop], "a wrong token");
        let key = self.stage.connect("bot", "");
        let mut ours = self.stage.world.take_frames(key);
        let now = self.stage.now;
        self.stage.world.received(now, key, "this is not json");
        ours.extend(self.stage.world.take_frames(key));
        self.check_all("header-auth", 0, &ours);
        assert_eq!(ours.last(), Some(&Frame::Drop), "no JSON");
        let key = self.stage.world.connect(now, "", &HeaderMap::new());
        self.stage.world.tick(now + 4_999);
        assert_eq!(self.stage.world.take_frames(key), [], "within the limit");
        self.stage.world.tick(now + 5_000);
        let ours = self.check("unauthenticated", 0, key);
        assert_eq!(ours, [Frame::Drop], "over the limit");
    }
}

/// The connection's id, as its `hello` tells it.
pub fn id(frames: &[Frame]) -> String {
    let Some(Frame::Text(hello)) = frames.first() else {
        panic!("no hello in {frames:?}");
    };
    let hello: Value = serde_json::from_str(hello).unwrap();
    hello["data"]["connection_id"].as_str().unwrap().to_owned()
}
