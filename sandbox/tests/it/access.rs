//! Recorded sockets that resume with odd parameters, and whose owner's access ends.

use http::HeaderMap;
use mattermost_sandbox::{Frame, Like};
use serde_json::{Value, json};

use crate::extra::{EXTRA, Extra, prepared};
use crate::golden::frames::{Share, compare, first};
use crate::golden::sockets::id;
use crate::golden::stage::Stage;

struct Access {
    extra: &'static Extra,
    stage: Stage,
    entries: Vec<Value>,
    share: Share,
}

impl Access {
    fn new(extra: &'static Extra) -> Self {
        Self {
            extra,
            stage: prepared(extra),
            entries: extra.entries(),
            share: Share::none(),
        }
    }

    fn check(&mut self, name: &str, ours: &[Frame]) {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry["websocket"] == name);
        let frames = entry.unwrap_or_else(|| panic!("no {name}"))["frames"].clone();
        let frames = frames.as_array().unwrap();
        compare(
            &mut self.stage,
            (name, first(ours)),
            frames,
            ours,
            &mut self.share,
        );
        let closed = frames.iter().any(|frame| frame["closed"].is_string());
        assert_eq!(ours.last() == Some(&Frame::Drop), closed, "{name}");
    }

    /// Opens a socket beside one that is alive.
    fn resumes(&mut self, name: &str, query: &str) {
        let live = self.stage.heard["bot"].0;
        let frames = self.stage.world.take_frames(live);
        let kept = &mut self.stage.heard.get_mut("bot").unwrap().1;
        kept.extend(frames);
        let query = query.replace("LIVE", &id(kept));
        let key = self.stage.connect("bot", &query);
        let ours = self.stage.world.take_frames(key);
        self.check(name, &ours);
    }

    /// A bot's access ends while it is connected; then it says something, or not.
    fn ends(&mut self, name: &str, path: &str, body: &Value, speaks: bool) {
        self.stage = prepared(self.extra);
        self.stage.hear();
        let (key, mut ours) = self.stage.heard.remove("bot").unwrap();
        ours.truncate(2); // what came before isn't part of it
        let channel = &self.stage.ids[self.extra.channel];
        let post = json!({"channel_id": channel, "message": "unheard"}).to_string();
        let body = self.token_in(body);
        let path = path.replace("BOT", &self.stage.ids[self.extra.bot]);
        let (status, _) = self.stage.call("admin", "POST", &path, &body);
        assert_eq!(status, 200, "{name}");
        self.stage.call("anna", "POST", "/api/v4/posts", &post);
        if speaks {
            let ping = "{\"seq\": 9, \"action\": \"ping\"}";
            self.stage.world.received(self.stage.now, key, ping);
        }
        ours.extend(self.stage.world.take_frames(key));
        self.check(name, &ours);
        let (status, _) = self.stage.call("bot", "GET", "/api/v4/users/me", "");
        assert_eq!(status, 401, "{name}");
    }

    /// The token's own id in the place of `TOKEN`.
    fn token_in(&mut self, body: &Value) -> String {
        let path = format!("/api/v4/users/{}/tokens", self.stage.ids[self.extra.bot]);
        let (_, tokens) = self.stage.call("admin", "GET", &path, "");
        let token = tokens[0]["id"].as_str().unwrap();
        body.to_string().replace("TOKEN", token)
    }
}

#[test]
fn sockets_with_odd_parameters_end_or_begin_as_on_a_real_server() {
    EXTRA.iter().for_each(odd);
}

fn odd(extra: &'static Extra) {
    let mut access = Access::new(extra);
    let key = access.stage.world.connect(0, "", &HeaderMap::new());
    let data = json!({"token": access.stage.tokens["bot"]});
    let message = json!({"seq": 1, "action": "authentication_challenge", "data": data});
    access.stage.world.received(1, key, &message.to_string());
    let ours = access.stage.world.take_frames(key);
    access.check("bot-challenge", &ours);
    let unknown = "yyyyyyyyyyyyyyyyyyyyyyyyyy";
    let last = "connection_id=zzzzzzzzzzzzzzzzzzzzzzzzzz&sequence_number=0\
                &disconnect_err_code=4001&posted_ack=true";
    for (name, query) in [
        ("no sequence_number", "connection_id=LIVE"),
        ("an empty connection_id", "connection_id=&sequence_number=0"),
        (
            "sequence_number is no number",
            "connection_id=LIVE&sequence_number=abc",
        ),
        (
            "a negative sequence_number",
            "connection_id=LIVE&sequence_number=-1",
        ),
        (
            "connection_id of a wrong form",
            "connection_id=short&sequence_number=0",
        ),
        (
            "an unknown connection_id and no sequence_number",
            &format!("connection_id={unknown}"),
        ),
        (
            "an unknown connection_id and sequence_number=0",
            &format!("connection_id={unknown}&sequence_number=0"),
        ),
        ("disconnect_err_code=4001 and posted_ack=true", last),
    ] {
        access.resumes(&format!("resume: {name}"), query);
    }
    let (share, wrong) = (&access.share, &access.stage.disagreements);
    println!("{} of {} frames agree", share.agreed, share.all);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_bot_whose_access_ends_hears_nothing_until_it_speaks_as_on_a_real_server() {
    let mut access = Access::new(&EXTRA[0]); // only this one was recorded
    let token = json!({"token_id": "TOKEN"});
    let (revoke, disable) = (
        "/api/v4/users/tokens/revoke",
        "/api/v4/users/tokens/disable",
    );
    let bot = "/api/v4/bots/BOT/disable";
    for (name, path, body, speaks) in [
        ("the bot's access ends: token revoked", revoke, &token, true),
        (
            "the bot's access ends: token disabled",
            disable,
            &token,
            true,
        ),
        ("the bot's access ends: bot disabled", bot, &json!({}), true),
        (
            "the bot's access ends: token revoked, the client silent",
            revoke,
            &token,
            false,
        ),
        (
            "bot, its account is disabled while connected",
            bot,
            &json!({}),
            false,
        ),
    ] {
        access.ends(name, path, body, speaks);
        let wrong = &access.stage.disagreements;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    println!(
        "{} of {} frames agree",
        access.share.agreed, access.share.all
    );
}

#[test]
fn an_older_server_asks_for_a_number_only_where_it_knows_the_connection() {
    let mut stage = prepared(&EXTRA[0]);
    stage.world.set_like(Like::V10_0);
    stage.hear();
    let (key, frames) = stage.heard.remove("bot").unwrap();
    let known = id(&frames);
    let unknown = stage.connect("bot", "connection_id=yyyyyyyyyyyyyyyyyyyyyyyyyy");
    assert_ne!(id(&stage.world.take_frames(unknown)), known);
    stage.world.disconnected(stage.now, key);
    let again = stage.connect("bot", &format!("connection_id={known}"));
    assert_eq!(stage.world.take_frames(again), [Frame::Drop]);
}

/// As a running server 11.10 answers.
#[test]
fn a_bot_is_changed_by_admins_and_hidden_from_others() {
    let mut stage = prepared(&EXTRA[1]);
    let path = format!("/api/v4/bots/{}", stage.ids[EXTRA[1].bot]);
    let mut put = |who: &str, body: Value| {
        let (status, answer) = stage.call(who, "PUT", &path, &body.to_string());
        let id = answer["id"].as_str().unwrap_or_default().to_owned();
        (status, id, answer)
    };
    let (status, _, bot) = put("admin", json!({"username": "robot9"}));
    assert_eq!((status, &bot["username"]), (200, &json!("robot9")));
    assert!(bot.get("description").is_none(), "{bot}");
    let refused = [
        (
            "admin",
            "admin",
            400,
            "app.user.save.username_exists.app_error",
        ),
        (
            "admin",
            "A b",
            400,
            "model.user.is_valid.username.app_error",
        ),
        ("anna", "robot8", 404, "store.sql_bot.get.missing.app_error"),
    ];
    for (who, name, status, id) in refused {
        let answer = put(who, json!({"username": name}));
        assert_eq!((answer.0, &*answer.1), (status, id), "{who} {name}");
    }
}
