//! Further recordings replayed against the sandbox: odd answers of integrations, dialogs of
//! several steps, edits, deletions, archived channels, disabled bots.

use std::collections::VecDeque;

use matteractor::sandbox::{Like, Step};
use serde_json::{Value, json};

use crate::sandbox_golden::frames::{self, Share};
use crate::sandbox_golden::replay::{answer, compare};
use crate::sandbox_golden::stage::Stage;

pub const EXTRA: &str = include_str!("../fixtures/golden/11.6/extra.json");

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

const USER: &str = "9g66xk3awbfjf8rea197dhw1ba";
pub const BOT: &str = "rawx7z3b3inzjp35abkft5cq6o";
const TEAM: &str = "5dx459f61fyuip5wj5whoo8r4e";
pub const CHANNEL: &str = "f47qhit1gidnznckaqxfwxw5tw";
const ARCHIVED: &str = "apqnxr4sitdt7b5znqzu8ous4c";

/// What existed before the recording began, under the recorded ids.
pub fn prepared() -> Stage {
    let mut stage = Stage::new(Like::V11_6);
    let admin = stage.login("admin", "admin-Passw0rd");
    stage
        .ids
        .insert("s6wgj45hxjdojkeyzg6pxabq8y".to_owned(), admin);
    let user = json!({"username": "coraxb0986a", "password": "secret"});
    let user = stage.make("none", "/users", user, USER);
    stage.login("coraxb0986a", "secret");
    let team = stage.make("admin", "/teams", json!({"name": "txb0986a"}), TEAM);
    let bot = json!({"username": "botxb0986a"});
    let bot = stage.make("admin", "/bots", bot, BOT);
    let path = format!("/api/v4/users/{bot}/tokens");
    let described = json!({"description": "recorded"}).to_string();
    let (_, token) = stage.call("admin", "POST", &path, &described);
    let token = token["token"].as_str().unwrap().to_owned();
    stage.tokens.insert("bot", token);
    let channel = open(&mut stage, "cxb0986a", CHANNEL);
    stage.joins(&user, &team, &channel);
    stage.joins(&bot, &team, &channel);
    let hook = json!({"channel_id": channel});
    stage.make(
        "admin",
        "/hooks/incoming",
        hook,
        "mk958uqqyt89bdxjz85u7a1ubc",
    );
    for (trigger, method) in [("xpoll", "P"), ("xget", "G")] {
        let command = json!({
            "team_id": team, "trigger": trigger, "method": method,
            "url": "http://127.0.0.1:8941/slash",
        });
        stage.make("admin", "/commands", command, trigger);
        stage.ids.remove(trigger);
    }
    stage.now = 1_795_453_837_764 - 2_100; // requests name times
    stage.listen("bot");
    stage.listen("anna");
    let root = "6du55k5br3yp9pebmdh7xf77de";
    posts(&mut stage, "anna", "root", "", root);
    posts(
        &mut stage,
        "anna",
        "reply",
        root,
        "pbojhj4rqfnpueiedfx1qjjzgw",
    );
    stage
}

fn open(stage: &mut Stage, name: &str, theirs: &str) -> String {
    let team = &stage.ids[TEAM];
    let channel = json!({"team_id": team, "name": name, "display_name": name, "type": "O"});
    stage.make("admin", "/channels", channel, theirs)
}

fn posts(stage: &mut Stage, who: &str, message: &str, root: &str, theirs: &str) {
    let root = stage.ids.get(root).cloned().unwrap_or_default();
    let post = json!({"channel_id": stage.ids[CHANNEL], "message": message, "root_id": root});
    stage.make(who, "/posts", post, theirs);
}

/// What happened between the recorded entries, before the one that needs it.
fn meanwhile(stage: &mut Stage, what: &str) {
    match what {
        "open a dialog with date, datetime, multiselect, refresh and dynamic elements" => {
            let button = json!({"id": "open", "name": "Open", "integration": {"url": "http://x"}});
            let post = json!({
                "channel_id": stage.ids[CHANNEL], "message": "D",
                "props": {"attachments": [{"actions": [button]}]},
            });
            stage.make("bot", "/posts", post, "D");
            stage.ids.remove("D");
        }
        "a burn-on-read post" => posts(stage, "bot", "mine", "", "9q6oigiempy33qyictsi6584re"),
        "post to an archived channel" => {
            let channel = open(stage, "zxb0986a", ARCHIVED);
            let (bot, team) = (stage.ids[BOT].clone(), stage.ids[TEAM].clone());
            stage.joins(&bot, &team, &channel);
            let post = json!({"channel_id": channel, "message": "z"});
            stage.make("bot", "/posts", post, "e6u5mybjhfycin4knpyp1b7pdh");
            stage.call(
                "admin",
                "DELETE",
                &format!("/api/v4/channels/{channel}"),
                "",
            );
        }
        "a call with the token of a disabled bot" => {
            let path = format!("/api/v4/bots/{}/disable", stage.ids[BOT]);
            stage.hear();
            stage.call("admin", "POST", &path, "");
        }
        _ => {}
    }
}

/// A fresh trigger id, out of a command that nobody answers.
fn trigger(stage: &mut Stage) -> String {
    let channel = &stage.ids[CHANNEL];
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

fn exchange(stage: &mut Stage, entry: &Value, calls: &mut VecDeque<&Value>) {
    let what = entry["what"].as_str().unwrap();
    meanwhile(stage, what);
    let path = entry["request"]["path"].as_str().unwrap();
    let method = entry["request"]["method"].as_str().unwrap();
    let mut body = stage.translated(entry["request"]["body"].as_str().unwrap_or(""));
    if path.ends_with("/dialogs/open") {
        let mut open: Value = serde_json::from_str(&body).unwrap();
        let mut fresh = trigger(stage);
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
fn orphan(stage: &mut Stage, call: &Value) {
    let channel = &stage.ids[CHANNEL];
    let root = &stage.ids["6du55k5br3yp9pebmdh7xf77de"];
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
    let entries: Vec<Value> = serde_json::from_str(EXTRA).unwrap();
    let mut stage = prepared();
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
                    exchange(&mut stage, entry, &mut call.into_iter().collect());
                }
            }
            Some(_) => orphan(&mut stage, entry),
            None => {}
        }
    }
    println!("{} of {all} agree", all - stage.disagreements.len());
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
        let (_, ours) = stage.heard.remove(who).unwrap();
        frames::compare(stage, (name, 0), &recorded, &ours, &mut share);
    }
    println!("{} of {} frames agree", share.agreed, share.all);
}

/// What the post in a frame says.
fn message(frame: &Value) -> String {
    let received = frame["received"].as_str().unwrap_or("null");
    let event: Value = serde_json::from_str(received).unwrap();
    let post = event["data"]["post"].as_str().unwrap_or("null");
    let post: Value = serde_json::from_str(post).unwrap();
    post["message"].as_str().unwrap_or("").to_owned()
}
