//! Clicks on buttons and choices in menus.

use http::Method;
use serde_json::{Map, Value, json};

use crate::world::World;
use crate::world::posts::attachments;
use crate::world::posts::edits::Change;
use crate::world::posts::ephemeral::Whisper;
use crate::world::posts::post::Post;
use crate::world::wire::calls::{self, CallFailure, Heard};
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, Then, flag, text, texts};

/// Props that survive an update (`app/integration_action.go`), the last one since 11.10.
const RETAINED: [&str; 4] = [
    "from_webhook",
    "override_username",
    "override_icon_url",
    "from_bot",
];

/// A click that waits for the integration's answer.
#[derive(Debug, Clone)]
pub struct Press {
    user_id: String,
    post_id: String,
    channel_id: String,
    client: String,
}

impl Press {
    /// How it goes on once the integration has answered.
    fn then(self) -> Then {
        Then::new(move |world, now, heard| answered(world, now, self, heard))
    }
}

/// An action, and where it is.
struct Found {
    channel_id: String,
    action: Map<String, Value>,
}

/// `POST /posts/{id}/actions/{action}`
pub fn press(world: &mut World, q: &Question, post_id: &str, action_id: &str) -> Replied {
    let me = q.me()?.to_owned();
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || world.like().newer() && matches!(b, b'_' | b'-');
    if action_id.is_empty() || !action_id.bytes().all(allowed) {
        return Err(Refusal::page(&q.path));
    }
    let body = q.object_or_empty("action")?;
    let found = find(world, post_id, action_id, &text(&body, "cookie"))?;
    if !world.may_read(&found.channel_id, &me) {
        return Err(Refusal::forbidden(&me, "read_channel_content"));
    }
    let integration = found.action.get("integration").and_then(Value::as_object);
    let missing = || {
        let id = "api.post.do_action.action_id.app_error";
        Refusal::new(404, id, "Invalid action id.")
    };
    let integration = integration.ok_or_else(missing)?;
    let url = text(integration, "url");
    let mut context = integration
        .get("context")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let chosen = text(&body, "selected_option");
    let takes = text(&found.action, "type") == "select" || world.like().newer();
    if takes && !chosen.is_empty() {
        context.insert("selected_option".to_owned(), json!(chosen));
    }
    let client = world.ids.mint();
    let payload = payload(world, q, post_id, &client, &found, context);
    let request = calls::request(Method::POST, &url, "application/json", payload.into())?;
    let press = Press {
        user_id: me,
        post_id: post_id.to_owned(),
        channel_id: found.channel_id,
        client,
    };
    Ok(Reply::Call(Box::new(request), press.then()))
}

/// What the integration is told.
fn payload(
    world: &World,
    q: &Question,
    post_id: &str,
    client: &str,
    found: &Found,
    context: Map<String, Value>,
) -> String {
    let me = q.who.as_deref().unwrap_or("");
    let channel = world.channel(&found.channel_id);
    let (name, team_id) = channel.map_or(("", ""), |c| (&c.name, &c.team_id));
    let payload = json!({
        "user_id": me, "user_name": world.name_of(me),
        "channel_id": found.channel_id, "channel_name": name,
        "team_id": team_id, "team_domain": world.team_name(team_id), "post_id": post_id,
        "trigger_id": world.signer.trigger(client, me, q.now),
        "type": text(&found.action, "type"),
        "data_source": text(&found.action, "data_source"), "context": context,
    });
    payload.to_string()
}

/// From the post, or from the cookie of an ephemeral one.
fn find(world: &World, post_id: &str, action_id: &str, cookie: &str) -> Result<Found, Refusal> {
    let missing = || {
        let id = "api.post.do_action.action_id.app_error";
        Refusal::new(404, id, "Invalid action id.").because("action=<nil>")
    };
    if let Some(post) = world.post(post_id) {
        let props = post.props.map();
        let action = attachments::find(&props, action_id).ok_or_else(missing)?;
        return Ok(Found {
            channel_id: post.channel_id.clone(),
            action: action.clone(),
        });
    }
    let sealed = world
        .signer
        .unseal(cookie)
        .ok_or_else(|| Refusal::post(post_id))?;
    let action = sealed["action"].as_object().cloned().ok_or_else(missing)?;
    if sealed["post_id"] != post_id || action.get("id") != Some(&json!(action_id)) {
        return Err(missing());
    }
    Ok(Found {
        channel_id: sealed["channel_id"].as_str().unwrap_or("").to_owned(),
        action,
    })
}

/// Goes on with the integration's answer: `update` first, then `ephemeral_text`.
pub fn answered(
    world: &mut World,
    now: i64,
    press: Press,
    heard: Result<Heard, CallFailure>,
) -> Replied {
    let body = accepted(world, heard)?;
    readable(&body)?;
    if let Some(update) = body.get("update").and_then(Value::as_object) {
        apply(world, now, &press, update)?;
    }
    let mut whispered = text(&body, "ephemeral_text");
    if !flag(&body, "skip_slack_parsing") {
        whispered = world.read_slack(&whispered);
    }
    if !whispered.is_empty() {
        let post = world.post(&press.post_id);
        let root = post.map(|post| {
            if post.root_id.is_empty() {
                &post.id
            } else {
                &post.root_id
            }
        });
        let whisper = Whisper {
            author: press.user_id.clone(),
            root_id: root.unwrap_or(&press.post_id).clone(),
            channel_id: press.channel_id,
            message: whispered,
            props: retained(world, post),
        };
        world.whisper(now, &press.user_id, whisper);
    }
    Reply::ok(json!({"status": "OK", "trigger_id": press.client}))
}

/// Props are kept where they are missing, and replaced otherwise; text and files are always
/// replaced, so leaving them out empties them.
fn apply(
    world: &mut World,
    now: i64,
    press: &Press,
    update: &Map<String, Value>,
) -> Result<(), Refusal> {
    let given = update.get("props").and_then(Value::as_object).cloned();
    let Some(post) = world.post(&press.post_id) else {
        return apply_unstored(world, now, press, update);
    };
    let props = given.map(|mut props| {
        props.retain(|key, _| !kept(world).contains(&key.as_str()));
        props.extend(retained(world, Some(post)));
        props
    });
    let change = Change {
        message: Some(text(update, "message")),
        props,
        file_ids: Some(texts(update, "file_ids")),
        ..Change::default()
    };
    world.change(now, &press.post_id, change)
}

/// The same for a post that only one person sees, since 11.10.
fn apply_unstored(
    world: &mut World,
    now: i64,
    press: &Press,
    update: &Map<String, Value>,
) -> Result<(), Refusal> {
    if !world.like().newer() {
        return Err(Refusal::post(&press.post_id));
    }
    let given = update.get("props").and_then(Value::as_object).cloned();
    let whisper = Whisper {
        author: press.user_id.clone(),
        channel_id: press.channel_id.clone(),
        root_id: String::new(),
        message: text(update, "message"),
        props: given.unwrap_or_default(),
    };
    world.rewhisper(now, &press.user_id, &press.post_id, whisper);
    Ok(())
}

/// The props that an update doesn't touch.
fn kept(world: &World) -> &'static [&'static str] {
    let all = RETAINED.len();
    &RETAINED[..all - usize::from(!world.like().newer())]
}

/// What a post has of them.
fn retained(world: &World, post: Option<&Post>) -> Map<String, Value> {
    let props = post.map(|post| post.props.map()).unwrap_or_default();
    let had = props.into_iter();
    had.filter(|(key, _)| kept(world).contains(&key.as_str()))
        .collect()
}

/// Fields of another type than the server's make the whole answer unreadable.
fn readable(body: &Map<String, Value>) -> Result<(), Refusal> {
    let update = body.get("update").unwrap_or(&Value::Null);
    let whisper = body.get("ephemeral_text").unwrap_or(&Value::Null);
    let why = if !(update.is_object() || update.is_null()) {
        "json: cannot unmarshal into Go struct field .update of type model.Post"
    } else if !(whisper.is_string() || whisper.is_null()) {
        "json: cannot unmarshal into Go struct field .ephemeral_text of type string"
    } else {
        return Ok(());
    };
    Err(refused(why.to_owned()))
}

fn refused(why: String) -> Refusal {
    let id = "api.post.do_action.action_integration.app_error";
    Refusal::new(400, id, "Action integration error.").because(why)
}

/// What a person's client is answered where the integration answers with this status: always 400
/// before 11.10.
fn passed_on(world: &World, status: u16) -> u16 {
    match status {
        429 | 503 if world.like().newer() => status,
        500.. if world.like().newer() => 502,
        _ => 400,
    }
}

/// The answer's JSON object: only status 200 counts, an empty body is `{}`.
pub fn accepted(
    world: &World,
    heard: Result<Heard, CallFailure>,
) -> Result<Map<String, Value>, Refusal> {
    let heard = heard.map_err(|failure| refused(failure_text(failure)))?;
    if heard.status != 200 {
        let mut refusal = refused(format!("status={}", heard.status));
        refusal.status = passed_on(world, heard.status);
        return Err(refusal);
    }
    match heard.json() {
        Ok(Value::Null) => Ok(Map::new()),
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(refused("json: cannot unmarshal into Go value".to_owned())),
        Err(error) => Err(refused(error)),
    }
}

fn failure_text(failure: CallFailure) -> String {
    match failure {
        CallFailure::TimedOut => "context deadline exceeded".to_owned(),
        CallFailure::Unreachable(why) => why,
    }
}
