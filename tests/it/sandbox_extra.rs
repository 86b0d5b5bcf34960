//! Further recordings replayed against the sandbox: odd answers of integrations, dialogs of
//! several steps, edits, deletions, archived channels, disabled bots.

use std::collections::VecDeque;

use matteractor::sandbox::Step;
use serde_json::{Value, json};

use crate::sandbox_golden::{Stage, answer, parts, shape_of};

const EXTRA: &str = include_str!("../fixtures/golden/11.6/extra.json");

/// What the recorded server can't answer any more, or what the sandbox leaves out on purpose.
const LEFT_OUT: [&str; 3] = [
    "slash answer with null in extra_responses and attachments", // it crashed on that
    "schedule a post",
    "a thread since an update time",
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
fn prepared() -> Stage {
    let mut stage = Stage::new();
    let admin = stage.login("admin", "admin-Passw0rd");
    let know = |stage: &mut Stage, theirs: &str, ours: &Value| {
        let ours = ours["id"]
            .as_str()
            .or(ours["user_id"].as_str())
            .unwrap()
            .to_owned();
        stage.ids.insert(theirs.to_owned(), ours.clone());
        ours
    };
    know(
        &mut stage,
        "s6wgj45hxjdojkeyzg6pxabq8y",
        &json!({"id": admin}),
    );
    let make = |stage: &mut Stage, who: &str, path: &str, body: Value| {
        let (status, made) = stage.call(who, "POST", &format!("/api/v4{path}"), &body.to_string());
        assert!(status < 300, "{path}: {made}");
        made
    };
    let user = json!({"username": "annau4b4dd9", "password": "secret"});
    let user = make(&mut stage, "none", "/users", user);
    let user = know(&mut stage, "9g66xk3awbfjf8rea197dhw1ba", &user);
    stage.login("annau4b4dd9", "secret");
    let team = make(&mut stage, "admin", "/teams", json!({"name": "txb0986a"}));
    let team = know(&mut stage, "5dx459f61fyuip5wj5whoo8r4e", &team);
    let bot = make(
        &mut stage,
        "admin",
        "/bots",
        json!({"username": "botxb0986a"}),
    );
    let bot = know(&mut stage, "rawx7z3b3inzjp35abkft5cq6o", &bot);
    let token = make(
        &mut stage,
        "admin",
        &format!("/users/{bot}/tokens"),
        json!({}),
    );
    stage
        .tokens
        .insert("bot", token["token"].as_str().unwrap().to_owned());
    for (name, id) in [
        ("cxb0986a", "f47qhit1gidnznckaqxfwxw5tw"),
        ("zxb0986a", "apqnxr4sitdt7b5znqzu8ous4c"),
    ] {
        let channel = json!({"team_id": team, "name": name, "display_name": name, "type": "O"});
        let channel = make(&mut stage, "admin", "/channels", channel);
        let channel = know(&mut stage, id, &channel);
        for member in [&user, &bot] {
            let body = json!({"user_id": member});
            make(
                &mut stage,
                "admin",
                &format!("/teams/{team}/members"),
                body.clone(),
            );
            make(
                &mut stage,
                "admin",
                &format!("/channels/{channel}/members"),
                body,
            );
        }
        let archived = name == "zxb0986a";
        for (who, post, root) in [
            ("anna", "6du55k5br3yp9pebmdh7xf77de", ""),
            (
                "anna",
                "pbojhj4rqfnpueiedfx1qjjzgw",
                "6du55k5br3yp9pebmdh7xf77de",
            ),
            ("bot", "9q6oigiempy33qyictsi6584re", ""),
            ("bot", "e6u5mybjhfycin4knpyp1b7pdh", ""),
        ] {
            if archived != post.starts_with("e6u5") {
                continue;
            }
            let root = stage.ids.get(root).cloned().unwrap_or_default();
            let body = json!({"channel_id": channel, "message": "mine", "root_id": root});
            let made = make(&mut stage, who, "/posts", body);
            know(&mut stage, post, &made);
        }
        if archived {
            stage.call(
                "admin",
                "DELETE",
                &format!("/api/v4/channels/{channel}"),
                "{}",
            );
        }
    }
    let hook = json!({"channel_id": stage.ids["f47qhit1gidnznckaqxfwxw5tw"]});
    let hook = make(&mut stage, "admin", "/hooks/incoming", hook);
    know(&mut stage, "mk958uqqyt89bdxjz85u7a1ubc", &hook);
    for (trigger, method) in [("xpoll", "P"), ("xget", "G")] {
        let command = json!({
            "team_id": team, "trigger": trigger, "method": method,
            "url": "http://127.0.0.1:8941/slash",
        });
        make(&mut stage, "admin", "/commands", command);
    }
    stage
}

/// A fresh trigger id, out of a command that nobody answers.
fn trigger(stage: &mut Stage) -> String {
    let channel = &stage.ids["f47qhit1gidnznckaqxfwxw5tw"];
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
    if what == "a call with the token of a disabled bot" {
        let bot = stage.ids["rawx7z3b3inzjp35abkft5cq6o"].clone();
        stage.call(
            "admin",
            "POST",
            &format!("/api/v4/bots/{bot}/disable"),
            "{}",
        );
    }
    let path = stage.translated(path);
    let mut step = stage.send(actor(what, &path), method, &path, &body);
    if let Step::Call(call) = step {
        step = answer(stage, "extra", what, call, calls);
    }
    let Step::Done(response) = step else {
        panic!("{what}: no answer");
    };
    let (status, ours) = parts(&response);
    let theirs = entry["response"]["body"].as_str().unwrap();
    let theirs: Value = serde_json::from_str(theirs).unwrap_or_else(|_| json!(theirs));
    stage.learn(&theirs, &ours);
    let (wanted, got) = (shape_of(&theirs), shape_of(&ours));
    let missing: Vec<_> = wanted.difference(&got).collect();
    let extra: Vec<_> = got.difference(&wanted).collect();
    if entry["response"]["status"] != status {
        let wanted = &entry["response"]["status"];
        stage.disagree(
            "extra",
            what,
            format!("status {status}, not {wanted}: {ours}"),
        );
    } else if status >= 400 && ours["id"] != theirs["id"] {
        stage.disagree(
            "extra",
            what,
            format!("error {}, not {}", ours["id"], theirs["id"]),
        );
    } else if !(path.contains("/config/client") || missing.is_empty() && extra.is_empty()) {
        stage.disagree(
            "extra",
            what,
            format!("keys missing {missing:?}, extra {extra:?}"),
        );
    }
}

/// A call whose cause wasn't recorded: a command in the thread.
fn orphan(stage: &mut Stage, call: &Value) {
    let channel = &stage.ids["f47qhit1gidnznckaqxfwxw5tw"];
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
    assert!(
        stage.disagreements.is_empty(),
        "{}",
        stage.disagreements.join("\n")
    );
}
