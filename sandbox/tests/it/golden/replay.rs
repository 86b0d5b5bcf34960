//! Requests of clients and calls to the integration, one after the other.

use std::collections::VecDeque;

use bytes::Bytes;
use http::Response;
use mattermost_sandbox::{Call, CallFailure, Step};
use serde_json::{Value, json};

use super::shapes::{body_of, difference, ignored, parts, shape_of};
use super::stage::Stage;

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
            && ["new channel", "add bot", "header", "remove bot", "archive"].contains(&what) =>
        {
            "admin"
        }
        _ if file == "provisioning" && method == "POST" || what.contains("list custom") => "admin",
        _ if by_bot.iter().any(|words| what.contains(words)) => "bot",
        _ => "anna",
    }
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

pub fn replay(stage: &mut Stage, file: &str, entries: &[Value]) -> (usize, usize) {
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
    let who = actor(file, what, method, path);
    let mut body = stage.translated(&recorded_body(what, &entry["request"]));
    if body.contains("\"cookie\"") {
        body = json!({"cookie": stage.cookie}).to_string(); // each reader has its own
    }
    if entry["response"]["status"] == 500 && what.contains("at the same moment") {
        let pending: Value = serde_json::from_str(&body).unwrap();
        let pending = pending["pending_post_id"].as_str().unwrap();
        stage.world.faults.pend(pending);
    }
    let path = stage.translated(path);
    let mut step = stage.send(who, method, &path, &body);
    if let Step::Call(call) = step {
        step = answer(stage, file, what, call, calls);
    }
    stage.hear();
    for call in stage.world.take_calls() {
        answer(stage, file, what, call, calls);
    }
    stage.hear();
    let Step::Done(response) = step else {
        panic!("{what}: no answer");
    };
    let (_, ours) = parts(&response);
    compare(stage, file, entry, &response);
    if what == "give the bot an access token" {
        let token = ours["token"].as_str().unwrap().to_owned();
        stage.tokens.insert("bot", token);
    }
}

/// Compares an answer with the recorded one: status, headers, error id, keys.
pub fn compare(stage: &mut Stage, file: &str, entry: &Value, response: &Response<Bytes>) {
    let what = entry["what"].as_str().unwrap();
    let (status, ours) = parts(response);
    let theirs = entry["response"]["body"].as_str().unwrap();
    let theirs: Value = serde_json::from_str(theirs).unwrap_or_else(|_| json!(theirs));
    stage.learn(&theirs, &ours);
    let (mut wanted, mut got) = (shape_of(&theirs), shape_of(&ours));
    if what.starts_with("catch up") {
        // Which posts are there differs: most of them were made outside of the recording.
        wanted.retain(|key| !ignored(key));
        got.retain(|key| !ignored(key));
    }
    if what.starts_with("client config") {
        got = wanted.clone(); // a selection
    }
    let expected = entry["response"]["status"].as_u64().unwrap();
    if u64::from(status) != expected {
        stage.disagree(
            file,
            what,
            format!("status {status}, not {expected}: {ours}"),
        );
    } else if status >= 400 && ours["id"] != theirs["id"] {
        stage.disagree(
            file,
            what,
            format!("error {}, not {}", ours["id"], theirs["id"]),
        );
    } else if let Some(difference) = difference(&wanted, &got) {
        stage.disagree(file, what, difference);
    }
    for (name, theirs) in entry["response"]["headers"].as_object().unwrap() {
        let ours = response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        let same = match name.as_str() {
            "x-request-id" => ours.is_some(),
            // Version and build; the hash is another one.
            "x-version-id" => ours.map(version) == theirs.as_str().map(version),
            _ => ours == theirs.as_str(),
        };
        if !same {
            stage.disagree(file, what, format!("header {name}: {ours:?}, not {theirs}"));
        }
    }
}

/// The version in `11.6.0.build.hash.licensed`.
fn version(id: &str) -> Vec<&str> {
    id.split('.').take(3).collect()
}

/// Compares a call with the recorded one and answers as the integration did.
pub fn answer(
    stage: &mut Stage,
    file: &str,
    what: &str,
    call: Call,
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
    let headers = theirs["headers"].as_object().unwrap();
    for name in ["user-agent", "accept", "authorization", "content-type"] {
        let mut had = headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let had = had.next().and_then(|(_, value)| value.as_str());
        let has = call
            .request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        // Tokens are different ones.
        let same = if name == "authorization" {
            has.map(|value| &value[..6]) == had.map(|value| &value[..6])
        } else {
            has == had
        };
        if !same {
            stage.disagree(file, what, format!("header {name}: {has:?}, not {had:?}"));
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
