//! What the world answers, beyond the recordings.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::{Value, json};

use super::{Call, CallFailure, ConnectionKey, Frame, Signer, Step, World};
use crate::faults::Fault;
use crate::seed::{Bot, Provisioned, SlashCommand, password};

/// A world with the usual people and a bot, and shorthands to act in it.
pub(super) struct Stand {
    pub world: World,
    pub now: i64,
    pub bot: Provisioned,
}

pub(super) fn bot() -> Bot {
    Bot {
        username: "bot".to_owned(),
        integration_url: "http://127.0.0.1:9/".to_owned(),
        commands: vec![SlashCommand {
            trigger: "poll".to_owned(),
            ..SlashCommand::default()
        }],
        outgoing: vec!["faq".to_owned()],
    }
}

impl Stand {
    pub fn new() -> Self {
        let signer = Signer::new(&Signer::generate().unwrap()).unwrap();
        let mut world = World::new(7, signer);
        world.people(1_000);
        let bot = world.provision(1_000, &bot());
        Self {
            world,
            now: 10_000,
            bot,
        }
    }

    pub fn token(&mut self, name: &str) -> String {
        if name == "bot" {
            return self.bot.bot_token.clone();
        }
        let body = json!({"login_id": name, "password": password(name)}).to_string();
        let request = Request::post("/api/v4/users/login")
            .body(body.into())
            .unwrap();
        let Step::Done(response) = self.world.request(self.now, request) else {
            panic!("no login");
        };
        response.headers()["token"].to_str().unwrap().to_owned()
    }

    pub fn send(&mut self, who: &str, method: &str, path: &str, body: Value) -> Step {
        let token = self.token(who);
        let builder = Request::builder()
            .method(method)
            .uri(format!("/api/v4{path}"));
        let builder = builder.header("authorization", format!("Bearer {token}"));
        let request = builder.body(Bytes::from(body.to_string())).unwrap();
        self.now += 1;
        self.world.request(self.now, request)
    }

    pub fn ask(&mut self, who: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        done(self.send(who, method, path, body))
    }

    pub fn call(&mut self, who: &str, method: &str, path: &str, body: Value) -> Call {
        match self.send(who, method, path, body) {
            Step::Call(call) => call,
            other => panic!("no call but {other:?}"),
        }
    }

    pub fn answer(&mut self, call: &Call, body: Value) -> (u16, Value) {
        let response = Response::builder().header("content-type", "application/json");
        let response = response.body(Bytes::from(body.to_string())).unwrap();
        done(self.world.answered(self.now, call.id, Ok(response)))
    }

    pub fn channel(&self, name: &str) -> String {
        let team = self.world.team_named("home").unwrap();
        self.world.channel_named(&team, name).unwrap().id.clone()
    }

    pub fn says(&mut self, who: &str, message: &str) -> Value {
        let channel = self.channel("dev");
        let post = json!({"channel_id": channel, "message": message});
        self.ask(who, "POST", "/posts", post).1
    }

    pub fn connect(&mut self, who: &str, query: &str) -> ConnectionKey {
        let token = self.token(who);
        let mut headers = HeaderMap::new();
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        self.world.connect(self.now, query, &headers)
    }

    /// The frames for this socket: events and replies as JSON, ends as strings.
    pub fn frames(&mut self, key: ConnectionKey) -> Vec<Value> {
        let frames = self.world.take_frames(key).into_iter();
        let frames = frames.map(|frame| match frame {
            Frame::Text(text) => serde_json::from_str(&text).unwrap(),
            Frame::Close(code) => json!(format!("close {code}")),
            Frame::Drop => json!("drop"),
        });
        frames.collect()
    }
}

pub(super) fn done(step: Step) -> (u16, Value) {
    match step {
        Step::Done(response) => {
            let body = serde_json::from_slice(response.body());
            (response.status().as_u16(), body.unwrap_or(Value::Null))
        }
        other => panic!("no answer but {other:?}"),
    }
}

fn card(channel: &str) -> Value {
    let integration = json!({"url": "http://127.0.0.1:9/actions", "context": {"n": 1}});
    let action = json!({"id": "yes", "name": "Yes", "type": "button", "integration": integration});
    json!({"channel_id": channel, "message": "Vote", "props": {
        "from_webhook": "true", "attachments": [{"text": "Pick", "actions": [action]}],
    }})
}

#[test]
fn the_same_inputs_give_the_same_world() {
    let key = Signer::generate().unwrap();
    let make = || {
        let mut world = World::new(3, Signer::new(&key).unwrap());
        world.people(5);
        let provisioned = world.provision(6, &bot());
        (provisioned, world.users.keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(make(), make());
}

#[test]
fn provisioning_again_keeps_every_token_and_adapts_addresses() {
    let mut stand = Stand::new();
    let mut moved = bot();
    moved.integration_url = "http://127.0.0.1:10".to_owned();
    let again = stand.world.provision(stand.now, &moved);
    assert_eq!(again, stand.bot);
    let urls: Vec<&str> = stand
        .world
        .commands
        .values()
        .map(|c| c.url.as_str())
        .collect();
    assert_eq!(urls, ["http://127.0.0.1:10/slash"]);
}

#[test]
fn an_in_channel_answer_belongs_to_who_typed_and_the_bot_may_not_edit_it() {
    let mut stand = Stand::new();
    let line = json!({"channel_id": stand.channel("dev"), "command": "/poll a b"});
    let call = stand.call("ann", "POST", "/commands/execute", line);
    stand.answer(
        &call,
        json!({"response_type": "in_channel", "text": "Lunch?"}),
    );
    let path = format!("/channels/{}/posts", stand.channel("dev"));
    let page = stand.ask("ann", "GET", &path, Value::Null).1;
    let id = page["order"][0].as_str().unwrap().to_owned();
    let post = &page["posts"][&id];
    assert_eq!(post["props"]["from_webhook"], "true");
    assert_eq!(post["user_id"], stand.world.user_named("ann").unwrap().id);
    let path = format!("/posts/{id}/patch");
    let (status, body) = stand.ask("bot", "PUT", &path, json!({"message": "mine"}));
    assert_eq!(
        (status, &body["id"]),
        (403, &json!("api.context.permissions.app_error"))
    );
}

#[test]
fn a_response_url_works_five_times_and_for_half_an_hour() {
    let mut stand = Stand::new();
    let line = json!({"channel_id": stand.channel("dev"), "command": "/poll"});
    let late = |stand: &mut Stand| {
        let call = stand.call("ann", "POST", "/commands/execute", line.clone());
        stand.answer(&call, json!({}));
        let form: Vec<(String, String)> =
            serde_urlencoded::from_bytes(call.request.body()).unwrap();
        let url = form
            .into_iter()
            .find(|(key, _)| key == "response_url")
            .unwrap()
            .1;
        url.rsplit_once('/').unwrap().1.to_owned()
    };
    let use_it = |stand: &mut Stand, id: &str| {
        let uri = format!("/hooks/commands/{id}");
        let request = Request::post(uri).header("content-type", "application/json");
        let request = request.body(Bytes::from("{\"text\":\"late\"}")).unwrap();
        match stand.world.request(stand.now, request) {
            Step::Done(response) => response.status().as_u16(),
            other => panic!("{other:?}"),
        }
    };
    let id = late(&mut stand);
    let statuses: Vec<u16> = (0..6).map(|_| use_it(&mut stand, &id)).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 400]);
    let id = late(&mut stand);
    stand.now += 30 * 60 * 1_000 + 1;
    assert_eq!(use_it(&mut stand, &id), 404);
}

#[test]
fn an_update_with_empty_props_keeps_only_who_it_seems_to_be_from() {
    let mut stand = Stand::new();
    let card = card(&stand.channel("dev"));
    let post = stand.ask("bot", "POST", "/posts", card).1;
    assert!(!post.to_string().contains("127.0.0.1"));
    let path = format!("/posts/{}/actions/yes", post["id"].as_str().unwrap());
    let call = stand.call("ann", "POST", &path, json!({}));
    stand.answer(&call, json!({"update": {"message": "1"}}));
    let kept = &stand.world.posts[post["id"].as_str().unwrap()];
    assert!(kept.props.get("attachments").is_some() && kept.props.get("from_bot").is_some());
    let call = stand.call("ann", "POST", &path, json!({}));
    stand.answer(
        &call,
        json!({"update": {"props": {}}, "ephemeral_text": "closed"}),
    );
    let cleared = &stand.world.posts[post["id"].as_str().unwrap()];
    assert_eq!(cleared.message, "");
    assert_eq!(
        Value::Object(cleared.props.map()),
        json!({"from_webhook": "true"})
    );
}

#[test]
fn a_replaced_post_is_unpinned_and_hides_its_reactions_while_a_patched_one_keeps_both() {
    let mut stand = Stand::new();
    let id = stand.says("ann", "Lunch?")["id"].clone();
    let post = format!("/posts/{}", id.as_str().unwrap());
    stand.ask("ann", "POST", &format!("{post}/pin"), json!({}));
    let thumb = |stand: &mut Stand, who: &str| {
        let me = stand.world.user_named(who).unwrap().id.clone();
        let body = json!({"user_id": me, "post_id": id, "emoji_name": "+1"});
        stand.ask(who, "POST", "/reactions", body);
    };
    let looks = |stand: &mut Stand| {
        let shown = stand.ask("ann", "GET", &post, Value::Null).1;
        let reactions = shown["metadata"]["reactions"].as_array().map(Vec::len);
        (shown["is_pinned"] == true, reactions)
    };
    thumb(&mut stand, "ann");
    let patch = format!("{post}/patch");
    stand.ask("ann", "PUT", &patch, json!({"message": "Dinner?"}));
    assert_eq!(looks(&mut stand), (true, Some(1)));
    let whole = json!({"id": id, "message": "Supper?"});
    stand.ask("ann", "PUT", &post, whole);
    assert_eq!(looks(&mut stand), (false, None));
    // They were never gone.
    thumb(&mut stand, "ben");
    assert_eq!(looks(&mut stand), (false, Some(2)));
}

#[test]
fn a_dialog_opens_for_who_clicked_and_its_trigger_ends_after_thirty_seconds() {
    let mut stand = Stand::new();
    let card = card(&stand.channel("dev"));
    let post = stand.ask("bot", "POST", "/posts", card).1;
    let path = format!("/posts/{}/actions/yes", post["id"].as_str().unwrap());
    let call = stand.call("ann", "POST", &path, json!({}));
    let payload: Value = serde_json::from_slice(call.request.body()).unwrap();
    let (ann, ben) = (stand.connect("ann", ""), stand.connect("ben", ""));
    let open =
        json!({"trigger_id": payload["trigger_id"], "url": "http://x/", "dialog": {"title": "T"}});
    assert_eq!(
        stand
            .ask("bot", "POST", "/actions/dialogs/open", open.clone())
            .0,
        200
    );
    let opened = |frames: Vec<Value>| frames.iter().any(|frame| frame["event"] == "open_dialog");
    assert!(opened(stand.frames(ann)));
    assert!(!opened(stand.frames(ben)));
    stand.now += 30_001;
    assert_eq!(
        stand.ask("bot", "POST", "/actions/dialogs/open", open).0,
        400
    );
}

#[test]
fn an_integration_that_is_silent_shows_as_an_error() {
    let mut stand = Stand::new();
    let line = json!({"channel_id": stand.channel("dev"), "command": "/poll"});
    let call = stand.call("ann", "POST", "/commands/execute", line);
    let step = stand
        .world
        .answered(stand.now, call.id, Err(CallFailure::TimedOut));
    let (status, body) = done(step);
    assert_eq!(status, 500);
    assert_eq!(body["id"], "api.command.execute_command.failed.app_error");
}

#[test]
fn an_outgoing_webhook_fires_in_public_channels_only() {
    let mut stand = Stand::new();
    stand.says("ann", "faq please");
    let calls = stand.world.take_calls();
    assert_eq!(calls.len(), 1);
    let payload: Value = serde_json::from_slice(calls[0].request.body()).unwrap();
    assert_eq!(payload["trigger_word"], "faq");
    stand.answer(
        &calls[0],
        json!({"text": "see the FAQ", "response_type": "comment"}),
    );
    assert!(
        stand.world.take_calls().is_empty(),
        "a webhook's post fires none"
    );
    let both = json!([stand.world.user_named("ann").unwrap().id, stand.bot.bot_id]);
    let direct = stand.ask("ann", "POST", "/channels/direct", both).1;
    let post = json!({"channel_id": direct["id"], "message": "faq"});
    stand.ask("ann", "POST", "/posts", post);
    assert!(stand.world.take_calls().is_empty());
}

#[test]
fn a_repeated_pending_post_id_gives_the_same_post_for_thirty_seconds() {
    let mut stand = Stand::new();
    let post =
        json!({"channel_id": stand.channel("dev"), "message": "once", "pending_post_id": "b:1"});
    let first = stand.ask("bot", "POST", "/posts", post.clone()).1;
    let second = stand.ask("bot", "POST", "/posts", post.clone()).1;
    assert_eq!(first["id"], second["id"]);
    stand.now += 30_000;
    let third = stand.ask("bot", "POST", "/posts", post.clone()).1;
    assert_ne!(first["id"], third["id"]);
    let gone = format!("/posts/{}", third["id"].as_str().unwrap());
    stand.ask("bot", "DELETE", &gone, Value::Null);
    assert_eq!(stand.ask("bot", "POST", "/posts", post).0, 500);
}

#[test]
fn pages_before_and_after_a_post_meet_without_gap_or_overlap() {
    let mut stand = Stand::new();
    let posts: Vec<Value> = (0..7)
        .map(|n| stand.says("ann", &n.to_string())["id"].clone())
        .collect();
    let path = |query: String| format!("/channels/{}/posts?{query}", "CHANNEL");
    let channel = stand.channel("dev");
    let page = |stand: &mut Stand, query: String| {
        let path = path(query).replace("CHANNEL", &channel);
        stand.ask("ann", "GET", &path, Value::Null).1["order"].clone()
    };
    let pivot = posts[3].as_str().unwrap();
    let after = page(&mut stand, format!("after={pivot}&per_page=2"));
    assert_eq!(after, json!([posts[5], posts[4]]));
    let before = page(&mut stand, format!("before={pivot}&per_page=2"));
    assert_eq!(before, json!([posts[2], posts[1]]));
    let second = page(&mut stand, format!("after={pivot}&per_page=2&page=1"));
    assert_eq!(second, json!([posts[6]]));
}

#[test]
fn faults_strike_the_bot_and_spare_people() {
    let mut stand = Stand::new();
    let post = json!({"channel_id": stand.channel("dev"), "message": "x"});
    stand
        .world
        .faults
        .strike(1, "POST", "/api/v4/posts", Fault::TooMany(2));
    stand
        .world
        .faults
        .strike(1, "*", "/api/v4/posts", Fault::FailAfter);
    stand
        .world
        .faults
        .strike(1, "POST", "/api/v4/posts", Fault::CutAfter);
    assert_eq!(stand.ask("ann", "POST", "/posts", post.clone()).0, 201);
    let before = stand.world.posts.len();
    match stand.send("bot", "POST", "/posts", post.clone()) {
        Step::Done(response) => {
            assert_eq!(response.status(), 429);
            assert_eq!(response.headers()["retry-after"], "2");
            assert_eq!(response.body(), "limit exceeded");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stand.world.posts.len(), before);
    assert_eq!(stand.ask("bot", "POST", "/posts", post.clone()).0, 500);
    assert_eq!(stand.world.posts.len(), before + 1);
    assert!(matches!(
        stand.send("bot", "POST", "/posts", post.clone()),
        Step::Cut
    ));
    assert_eq!(stand.world.posts.len(), before + 2);
    assert_eq!(stand.ask("bot", "POST", "/posts", post).0, 201);
}

#[test]
fn a_text_with_a_nul_fails_as_the_database_says() {
    let mut stand = Stand::new();
    let post = json!({"channel_id": stand.channel("dev"), "message": "a\0b"});
    let (status, error) = stand.ask("bot", "POST", "/posts", post);
    assert_eq!(
        (status, &error["id"]),
        (500, &json!("app.post.save.app_error"))
    );
}
