//! Further recordings replayed against the sandbox: odd answers of integrations, dialogs of
//! several steps, edits, deletions, archived channels, disabled bots.

use std::collections::VecDeque;

use mattermost_sandbox::{Like, Step};
use serde_json::{Value, json};

use crate::golden::frames::{self, Share};
use crate::golden::replay::{answer, compare};
use crate::golden::stage::Stage;

/// What was recorded of one server, and the ids of what existed before.
pub struct Extra {
    pub like: Like,
    text: &'static str,
    /// What all names in it end with.
    tag: &'static str,
    admin: &'static str,
    user: &'static str,
    pub bot: &'static str,
    team: &'static str,
    pub channel: &'static str,
    hook: &'static str,
    root: &'static str,
    reply: &'static str,
    /// When the root was posted: requests name times.
    began: i64,
    /// Made meanwhile: a post of the bot's, an archived channel, a post of the bot's in it.
    mine: &'static str,
    archived: &'static str,
    buried: &'static str,
}

impl Extra {
    pub fn entries(&self) -> Vec<Value> {
        serde_json::from_str(self.text).unwrap()
    }
}

pub const EXTRA: [Extra; 2] = [
    Extra {
        like: Like::V11_6,
        text: include_str!("../../recordings/11.6/extra.json"),
        tag: "xb0986a",
        admin: "s6wgj45hxjdojkeyzg6pxabq8y",
        user: "9g66xk3awbfjf8rea197dhw1ba",
        bot: "rawx7z3b3inzjp35abkft5cq6o",
        team: "5dx459f61fyuip5wj5whoo8r4e",
        channel: "f47qhit1gidnznckaqxfwxw5tw",
        hook: "mk958uqqyt89bdxjz85u7a1ubc",
        root: "6du55k5br3yp9pebmdh7xf77de",
        reply: "pbojhj4rqfnpueiedfx1qjjzgw",
        began: 1_795_453_837_764,
        mine: "9q6oigiempy33qyictsi6584re",
        archived: "apqnxr4sitdt7b5znqzu8ous4c",
        buried: "e6u5mybjhfycin4knpyp1b7pdh",
    },
    Extra {
        like: Like::V11_10,
        text: include_str!("../../recordings/11.10/extra.json"),
        tag: "x18b921",
        admin: "er3uos8cktn7bkd5yxr8m354ry",
        user: "inauwzbj5pg6dgq9qgo83r18yw",
        bot: "1gxtrxdgnbf1mj4unb9kr8gerw",
        team: "egk9brgjfjgx3bszbprmjkzpeh",
        channel: "qkszx9oypiy85xikycnnw8ky9r",
        hook: "drnspupwhpbdtmeaiqgbiwsp4y",
        root: "uh4zqarqrfy59p7n36e4kw6nir",
        reply: "5aht476p93ryu8yeutji3phtyr",
        began: 1_795_984_464_437,
        mine: "ksiwumd9rbfrj85sk1zptsgppo",
        archived: "37afoqty57gx8xxr337si4zapw",
        buried: "3u3smboi6tgr3po3qdcinidpzw",
    },
];

/// What the recorded server can't answer any more, or what the sandbox leaves out on purpose.
const LEFT_OUT: [&str; 1] = [
    "slash answer with null in extra_responses and attachments", // it crashed on that
];

fn actor(what: &str, path: &str) -> &'static str {
    let by_bot = [
        "a post with many",
        "a burn-on-read post",
        "a card post",
        "a post with props",
        "metadata",
        "props attachments",
        "a channel and a user",
        "patch",
        "put a post",
        "delete",
        "answer to",
        "post to an archived",
        "the bot's token",
        "a call with",
    ];
    match what {
        "login as the bot is refused" => "none",
        "a burn-on-read post by a user" => "anna",
        _ if what.contains("no token") || what.contains("without a token") => "none",
        _ if path.starts_with("/hooks/") => "none",
        _ if what.starts_with("click") || what.starts_with("slash") => "anna",
        _ if by_bot
            .iter()
            .any(|words| what.starts_with(words) || what.contains("the bot's")) =>
        {
            "bot"
        }
        _ => "anna",
    }
}

/// What existed before the recording began, under the recorded ids.
pub fn prepared(extra: &Extra) -> Stage {
    let mut stage = Stage::new(extra.like);
    let named = |name: &str| format!("{name}{}", extra.tag);
    let admin = stage.login("admin", "admin-Passw0rd");
    stage.ids.insert(extra.admin.to_owned(), admin);
    let user = json!({"username": named("cora"), "password": "secret"});
    let user = stage.make("none", "/users", user, extra.user);
    stage.login(&named("cora"), "secret");
    let team = json!({"name": named("t")});
    let team = stage.make("admin", "/teams", team, extra.team);
    let bot = json!({"username": named("bot")});
    let bot = stage.make("admin", "/bots", bot, extra.bot);
    let path = format!("/api/v4/users/{bot}/tokens");
    let described = json!({"description": "recorded"}).to_string();
    let (_, token) = stage.call("admin", "POST", &path, &described);
    let token = token["token"].as_str().unwrap().to_owned();
    stage.tokens.insert("bot", token);
    let channel = open(&mut stage, extra, "c", extra.channel);
    stage.joins(&user, &team, &channel);
    stage.joins(&bot, &team, &channel);
    let hook = json!({"channel_id": channel});
    stage.make("admin", "/hooks/incoming", hook, extra.hook);
    for (trigger, method) in [("xpoll", "P"), ("xget", "G")] {
        let command = json!({
            "team_id": team, "trigger": trigger, "method": method,
            "url": "http://127.0.0.1:8941/slash",
        });
        stage.make("admin", "/commands", command, trigger);
        stage.ids.remove(trigger);
    }
    stage.now = extra.began - 2_100;
    stage.listen("bot");
    stage.listen("anna");
    posts(&mut stage, extra, ("anna", "root"), "", extra.root);
    posts(
        &mut stage,
        extra,
        ("anna", "reply"),
        extra.root,
        extra.reply,
    );
    stage
}

fn open(stage: &mut Stage, extra: &Extra, name: &str, theirs: &str) -> String {
    let team = &stage.ids[extra.team];
    let name = format!("{name}{}", extra.tag);
    let channel = json!({"team_id": team, "name": name, "display_name": name, "type": "O"});
    stage.make("admin", "/channels", channel, theirs)
}

fn posts(stage: &mut Stage, extra: &Extra, (who, message): (&str, &str), root: &str, theirs: &str) {
    let root = stage.ids.get(root).cloned().unwrap_or_default();
    let post = json!({"channel_id": stage.ids[extra.channel], "message": message, "root_id": root});
    stage.make(who, "/posts", post, theirs);
}

/// What happened between the recorded entries, before the one that needs it.
fn meanwhile(stage: &mut Stage, extra: &Extra, what: &str) {
    match what {
        "open a dialog with date, datetime, multiselect, refresh and dynamic elements" => {
            let button = json!({"id": "open", "name": "Open", "integration": {"url": "http://x"}});
            let post = json!({
                "channel_id": stage.ids[extra.channel], "message": "D",
                "props": {"attachments": [{"actions": [button]}]},
            });
            stage.make("bot", "/posts", post, "D");
            stage.ids.remove("D");
        }
        "a burn-on-read post" => posts(stage, extra, ("bot", "mine"), "", extra.mine),
        "post to an archived channel" => {
            let channel = open(stage, extra, "z", extra.archived);
            let (bot, team) = (stage.ids[extra.bot].clone(), stage.ids[extra.team].clone());
            stage.joins(&bot, &team, &channel);
            let post = json!({"channel_id": channel, "message": "z"});
            stage.make("bot", "/posts", post, extra.buried);
            stage.call(
                "admin",
                "DELETE",
                &format!("/api/v4/channels/{channel}"),
                "",
            );
        }
        "a call with the token of a disabled bot" => {
            let path = format!("/api/v4/bots/{}/disable", stage.ids[extra.bot]);
            stage.hear();
            stage.call("admin", "POST", &path, "");
        }
        _ => {}
    }
}

/// A fresh trigger id, out of a command that nobody answers.
fn trigger(stage: &mut Stage, extra: &Extra) -> String {
    let channel = &stage.ids[extra.channel];
    let line = json!({"channel_id": channel, "command": "/xpoll"}).to_string();
    let Step::Call(call) = stage.send("anna", "POST", "/api/v4/commands/execute", &line) else {
        panic!("a command calls its integration");
    };
    let mut pairs = url::form_urlencoded::parse(call.request.body());
    pairs
        .find(|(key, _)| key == "trigger_id")
        .unwrap()
        .1
        .into_owned()
}

fn exchange(stage: &mut Stage, extra: &Extra, entry: &Value, calls: &mut VecDeque<&Value>) {
    let what = entry["what"].as_str().unwrap();
    meanwhile(stage, extra, what);
    let path = entry["request"]["path"].as_str().unwrap();
    let method = entry["request"]["method"].as_str().unwrap();
    let mut body = stage.translated(entry["request"]["body"].as_str().unwrap_or(""));
    if path.ends_with("/dialogs/open") {
        let mut open: Value = serde_json::from_str(&body).unwrap();
        let mut fresh = trigger(stage, extra);
        if what.contains("signature is broken") {
            fresh.replace_range(180..200, "QUFBQUFBQUFBQUFBQUFB");
        }
        open["trigger_id"] = json!(fresh);
        body = open.to_string();
    }
    let path = stage.translated(path);
    let mut step = stage.send(actor(what, &path), method, &path, &body);
    if let Step::Call(call) = step {
        step = answer(stage, "extra", what, call, calls);
    }
    let Step::Done(response) = step else {
        panic!("{what}: no answer");
    };
    compare(stage, "extra", entry, &response);
    stage.hear();
}

/// A call whose cause wasn't recorded: a command in the thread.
fn orphan(stage: &mut Stage, extra: &Extra, call: &Value) {
    let channel = &stage.ids[extra.channel];
    let root = &stage.ids[extra.root];
    let line = json!({"channel_id": channel, "command": "/xpoll later", "root_id": root});
    let step = stage.send(
        "anna",
        "POST",
        "/api/v4/commands/execute",
        &line.to_string(),
    );
    let Step::Call(made) = step else {
        panic!("a command calls its integration");
    };
    answer(
        stage,
        "extra",
        "a command",
        made,
        &mut VecDeque::from([call]),
    );
}

#[test]
fn the_sandbox_answers_odd_requests_as_a_real_server_did() {
    EXTRA.iter().for_each(agree);
}

fn agree(extra: &Extra) {
    let entries = extra.entries();
    let mut stage = prepared(extra);
    let (mut all, mut at) = (0, 0);
    while let Some(entry) = entries.get(at) {
        let next = entries.get(at + 1);
        let call = next.filter(|next| next["direction"] == "mattermost->integration");
        let left_out = LEFT_OUT.contains(&entry["what"].as_str().unwrap_or(""));
        at += 1;
        match entry["direction"].as_str() {
            Some("client->mattermost") => {
                at += usize::from(call.is_some());
                if !left_out {
                    all += 1;
                    exchange(&mut stage, extra, entry, &mut call.into_iter().collect());
                }
            }
            Some(_) => orphan(&mut stage, extra, entry),
            None => {}
        }
    }
    let like = extra.like.version();
    println!("{like}: {} of {all} agree", all - stage.disagreements.len());
    sockets(&mut stage, &entries);
    let wrong = &stage.disagreements;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sockets(stage: &mut Stage, entries: &[Value]) {
    let mut share = Share::none();
    for (who, name) in [("bot", "bot"), ("anna", "user (what the user saw)")] {
        let entry = entries.iter().find(|entry| entry["websocket"] == name);
        let mut recorded = entry.unwrap()["frames"].as_array().unwrap().clone();
        // The one thing that this user saw of the answer that is left out.
        recorded.retain(|frame| message(frame) != "n");
        in_order(&mut recorded);
        let (_, ours) = stage.heard.remove(who).unwrap();
        frames::compare(stage, (name, 0), &recorded, &ours, &mut share);
    }
    println!("{} of {} frames agree", share.agreed, share.all);
}

/// A server tells that somebody was added beside all else: on one of them the bot's first post there
/// was quicker.
fn in_order(recorded: &mut [Value]) {
    let received = |frame: &Value| frame["received"].as_str().unwrap_or("").to_owned();
    for at in 1..recorded.len() {
        let told = received(&recorded[at]).contains("system_add_to_channel");
        if told && message(&recorded[at - 1]) == "z" {
            recorded.swap(at - 1, at);
        }
    }
}

/// What the post in a frame says.
fn message(frame: &Value) -> String {
    let received = frame["received"].as_str().unwrap_or("null");
    let event: Value = serde_json::from_str(received).unwrap();
    let post = event["data"]["post"].as_str().unwrap_or("null");
    let post: Value = serde_json::from_str(post).unwrap();
    post["message"].as_str().unwrap_or("").to_owned()
}
