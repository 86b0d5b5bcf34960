//! Requests and answers, by path.

use matteractor::model::action::ActionKind;
use matteractor::model::attachment::Attachments;
use matteractor::model::channel::{Channel, ChannelMember, NewChannel, NewChannelMember};
use matteractor::model::click::{ActionRequest, ActionResponse, Click, ClickDone};
use matteractor::model::command::{Command, NewCommand};
use matteractor::model::dialog::*;
use matteractor::model::error::AppError;
use matteractor::model::file::Uploaded;
use matteractor::model::hook::*;
use matteractor::model::ids::UserId;
use matteractor::model::post::*;
use matteractor::model::reaction::{NewReaction, Reaction};
use matteractor::model::server::{ClientConfig, Ping, StatusOk};
use matteractor::model::slash::*;
use matteractor::model::team::{NewTeamMember, Team, TeamMember};
use matteractor::model::trigger::Trigger;
use matteractor::model::user::{AccessToken, Bot, NewBot, User};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

use super::Tally;
use super::compare::differences;

type Check = fn(&str) -> Result<(), String>;

/// Decodes, encodes and compares.
pub fn same<T: DeserializeOwned + Serialize>(json: &str) -> Result<(), String> {
    let came: Value = serde_json::from_str(json).map_err(|e| e.to_string())?;
    let typed: T = serde_json::from_str(json).map_err(|e| e.to_string())?;
    let goes = serde_json::to_value(typed).map_err(|e| e.to_string())?;
    attachments_are_read(&came)?;
    match differences(&came, &goes)[..] {
        [] => Ok(()),
        ref found => Err(found.join("; ")),
    }
}

/// Every attachment has its type: only what can't be one is kept as it comes.
fn attachments_are_read(value: &Value) -> Result<(), String> {
    match value {
        Value::Array(list) => list.iter().try_for_each(attachments_are_read),
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            let list = value.as_array().filter(|_| key == "attachments");
            if list.is_some_and(|list| list.iter().all(Value::is_object)) {
                let read: Attachments =
                    serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
                if matches!(read, Attachments::Odd(_)) {
                    return Err(format!("attachments that have no type: {value}"));
                }
            }
            attachments_are_read(value)
        }),
        _ => Ok(()),
    }
}

/// A path without ids, names and query.
fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let name = |i: usize| match parts[i] {
        _ if i > 0 && ["username", "reactions"].contains(&parts[i - 1]) => "NAME",
        _ if i > 2 && parts[i - 1] == "actions" && parts[i - 3] == "posts" => "NAME",
        part if UserId::parse(part).is_ok() => "ID",
        part => part,
    };
    (0..parts.len())
        .map(name)
        .collect::<Vec<_>>()
        .join("/")
        .replace("/api/v4", "")
}

/// What the server calls the integration with, and what it may be answered.
fn integration(route: &str) -> Option<(Check, Check)> {
    Some(match route {
        "POST /slash" | "GET /slash" | "GET /slashget" => (slash, same_without_nulls),
        "POST /actions" => (action, same::<ActionResponse>),
        "POST /dialogs" | "POST /refresh" => (same::<DialogRequest>, same::<DialogReply>),
        "POST /lookup" => (same::<DialogRequest>, lookup),
        "POST /outgoing-form" => (outgoing_form, same::<OutgoingResponse>),
        "POST /outgoing-json" => (same::<OutgoingRequest>, same::<OutgoingResponse>),
        _ => return None,
    })
}

/// What a client asks the server, and what it is answered if all is well. `Value` stands for
/// what administrators and people's clients send, which has no type of its own.
fn rest(route: &str) -> Option<(Check, Check)> {
    let none: Check = |body| Err(format!("no body was expected: {body}"));
    Some(match route {
        "POST /posts" => (same::<NewPost>, same::<Post>),
        "GET /posts/ID" => (none, same::<Post>),
        "PUT /posts/ID" => (same::<PostUpdate>, same::<Post>),
        "PUT /posts/ID/patch" => (same::<PostPatch>, same::<Post>),
        "DELETE /posts/ID" => (none, same::<StatusOk>),
        "POST /posts/ephemeral" => (same::<NewEphemeral>, same::<Post>),
        "POST /posts/schedule" => (same::<NewPost>, same::<Post>),
        "GET /posts/ID/thread" | "GET /channels/ID/posts" => (none, same::<PostList>),
        "POST /posts/ID/actions/NAME" => (same::<Click>, same::<ClickDone>),
        "POST /actions/dialogs/open" => (same::<OpenDialog>, same::<StatusOk>),
        "POST /actions/dialogs/submit" => (same::<DialogSubmit>, same::<DialogReply>),
        "POST /actions/dialogs/lookup" => (same::<DialogSubmit>, same::<LookupReply>),
        "POST /commands/execute" => (same::<ExecuteCommand>, same::<CommandDone>),
        "POST /hooks/commands/ID" => (same::<SlashResponse>, none),
        "POST /hooks/ID" => (incoming, none),
        "POST /commands" => (same::<NewCommand>, same::<Command>),
        "GET /commands" => (none, same::<Vec<Command>>),
        "POST /hooks/outgoing" => (same::<NewOutgoingHook>, same::<OutgoingHook>),
        "POST /hooks/incoming" => (same::<NewIncomingHook>, same::<IncomingHook>),
        "POST /bots" => (same::<NewBot>, same::<Bot>),
        "POST /users/ID/tokens" => (same::<Value>, same::<AccessToken>),
        "POST /users/login" => (same::<Value>, same::<User>),
        "GET /users/me" | "GET /users/username/NAME" => (none, same::<User>),
        "GET /users/ID/can_dm/ID" => (none, same::<Value>),
        "GET /users/ID/teams" => (none, same::<Vec<Team>>),
        "GET /users/ID/teams/ID/channels" => (none, same::<Vec<Channel>>),
        "POST /teams/ID/members" => (same::<NewTeamMember>, same::<TeamMember>),
        "POST /channels" => (same::<NewChannel>, same::<Channel>),
        "POST /channels/direct" => (same::<Vec<UserId>>, same::<Channel>),
        "GET /channels/ID" => (none, same::<Channel>),
        "PUT /channels/ID/patch" => (same::<Value>, same::<Channel>),
        "DELETE /channels/ID" => (none, same::<StatusOk>),
        "POST /channels/ID/members" => (same::<NewChannelMember>, same::<ChannelMember>),
        "DELETE /channels/ID/members/ID" => (none, same::<StatusOk>),
        "POST /reactions" => (same::<NewReaction>, same::<Reaction>),
        "DELETE /users/ID/posts/ID/reactions/NAME" => (none, same::<StatusOk>),
        "POST /files" => (none, same::<Uploaded>),
        "GET /system/ping" => (none, same::<Ping>),
        "GET /config/client" => (none, same::<ClientConfig>),
        _ => return None,
    })
}

pub fn check(entry: &Value, version: &str, tally: &mut Tally) -> Result<(), String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (request, response) = (&entry["request"], &entry["response"]);
    let (path, method) = (text(&request["path"]), text(&request["method"]));
    let (asked, answer) = (text(&request["body"]), text(&response["body"]));
    let route = format!("{method} {}", template(&path));
    let status = response["status"].as_i64().ok_or("no status")?;
    let unknown = || format!("an exchange of no known kind: {route}");
    if entry["direction"] == "mattermost->integration" {
        let (request, response) = integration(&route).ok_or_else(unknown)?;
        let query = path.split_once('?').map(|(_, query)| query.to_owned());
        side("request", &query.unwrap_or(asked), request, &[], tally)?;
        return side("answer", &answer, response, broken_answers(version), tally);
    }
    if entry["direction"] != "client->mattermost" {
        return Err(unknown());
    }
    let (request, response) = rest(&route).ok_or_else(unknown)?;
    let refused: &[&str] = if status < 400 { &[] } else { &["{nope", "hi"] };
    side("request", &asked, request, refused, tally)?;
    let response = if status < 400 {
        response
    } else {
        same::<AppError>
    };
    side("answer", &answer, response, &[], tally)
}

/// Texts that are no JSON by intention, and bodies that the recorder left out.
const TEXTS: [&str; 9] = [
    "ok",
    "boom",
    "plain **answer**",
    "<b>x</b>",
    "thanks",
    "bye",
    "nope",
    "hello file",
    "(no response: Server disconnected without sending a response.)",
];

/// Answers of the recorder's integration that the server couldn't read, either.
fn broken_answers(version: &str) -> &'static [&'static str] {
    match version {
        "10.0" => &["{not json"],
        _ => &[
            "{not json",
            "{nope",
            "null",
            "[]",
            r#"{"errors": {"day": {"x": 1}}}"#,
            r#"{"items": [{"text": "a", "value": 5}]}"#,
        ],
    }
}

/// Reads one side of an exchange, and says how.
fn side(
    what: &str,
    body: &str,
    check: Check,
    broken: &[&str],
    tally: &mut Tally,
) -> Result<(), String> {
    let kind = match body.trim() {
        "" => "empty body",
        text if TEXTS.contains(&text) || text.ends_with(" characters)") => "text as it comes",
        text if broken.contains(&text) => match check(text) {
            Err(_) => "broken body",
            Ok(()) => return Err(format!("{what} {text} should not be readable")),
        },
        text => {
            check(text).map_err(|e| format!("{what} {text}: {e}"))?;
            "read into a type"
        }
    };
    tally.count(kind);
    Ok(())
}

fn pairs(form: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    pairs.sort();
    pairs
}

/// The pairs of a slash command stay; servers before 10.12 send no `root_id`, and we always do.
fn slash(form: &str) -> Result<(), String> {
    let request = SlashRequest::from_form(form.as_bytes()).map_err(|e| e.to_string())?;
    let mut came = pairs(form);
    if !came.iter().any(|(name, _)| name == "root_id") {
        came.push(("root_id".into(), String::new()));
        came.sort();
    }
    let goes = pairs(&request.to_form());
    (came == goes)
        .then_some(())
        .ok_or_else(|| format!("{came:?} becomes {goes:?}"))?;
    if !request.extra.is_empty() {
        return Err(format!("pairs without a name: {:?}", request.extra));
    }
    trigger_of(&request.trigger_id, request.user_id)
}

/// An action's call stays, and its trigger belongs to who clicked.
fn action(json: &str) -> Result<(), String> {
    same::<ActionRequest>(json)?;
    let request: ActionRequest = serde_json::from_str(json).map_err(|e| e.to_string())?;
    // A client may click a menu and choose nothing, but a button has nothing to choose from.
    if request.kind == ActionKind::Button && request.selected_option().is_some() {
        return Err("a button brings what was chosen".into());
    }
    trigger_of(&request.trigger_id, request.user_id)
}

fn trigger_of(id: &str, user: UserId) -> Result<(), String> {
    let trigger = Trigger::parse(id).map_err(|e| e.to_string())?;
    (trigger.user == user)
        .then_some(())
        .ok_or_else(|| "somebody else's trigger".to_owned())
}

/// The pairs of an outgoing webhook stay, its time in seconds included.
fn outgoing_form(form: &str) -> Result<(), String> {
    let request = OutgoingRequest::from_form(form.as_bytes()).map_err(|e| e.to_string())?;
    // Both units have become milliseconds: some time between 2020 and 2100.
    if !(1_577_836_800_000..4_102_444_800_000).contains(&request.timestamp.0) {
        return Err(format!("{} are no milliseconds", request.timestamp));
    }
    let (came, goes) = (pairs(form), pairs(&request.to_form()));
    (came == goes)
        .then_some(())
        .ok_or_else(|| format!("{came:?} becomes {goes:?}"))
}

/// An incoming webhook is JSON, or a form with JSON in it.
fn incoming(body: &str) -> Result<(), String> {
    if !body.starts_with("payload=") {
        return same::<IncomingRequest>(body);
    }
    let request = IncomingRequest::from_form(body.as_bytes()).map_err(|e| e.to_string())?;
    let came: Value = serde_json::from_str(&pairs(body)[0].1).map_err(|e| e.to_string())?;
    let found = differences(
        &came,
        &serde_json::to_value(request).map_err(|e| e.to_string())?,
    );
    found
        .is_empty()
        .then_some(())
        .ok_or_else(|| found.join("; "))
}

/// A lookup's answer without entries gets `"items": null`, as the server passes it on.
fn lookup(body: &str) -> Result<(), String> {
    let mut came: Value = serde_json::from_str(body).map_err(|e| e.to_string())?;
    if let Some(map) = came.as_object_mut() {
        map.entry("items").or_insert(Value::Null);
    }
    same::<LookupReply>(&came.to_string())
}

/// An integration's answer to a slash command; `null` among further answers is left out.
fn same_without_nulls(body: &str) -> Result<(), String> {
    let mut came: Value = serde_json::from_str(body).map_err(|e| e.to_string())?;
    if let Some(list) = came
        .get_mut("extra_responses")
        .and_then(Value::as_array_mut)
    {
        list.retain(|answer| !answer.is_null());
    }
    same::<SlashResponse>(&came.to_string())
}
