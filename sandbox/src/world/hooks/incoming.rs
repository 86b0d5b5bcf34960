//! Incoming webhooks at work.

use serde_json::{Map, Value, json};

use super::body;
use super::hook::Incoming;
use super::slack;
use crate::world::World;
use crate::world::posts::attachments;
use crate::world::posts::post::Post;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, text};

/// Where and as whom a webhook's post appears.
#[derive(Debug, Clone)]
pub struct Target {
    /// Who registered the webhook.
    pub user_id: String,
    pub channel_id: String,
    /// In which thread, or empty.
    pub root_id: String,
    /// The webhook's name.
    pub display_name: String,
}

/// Since 11 all failures have one id; an older server tells which it was (`then`).
fn refused(
    world: &World,
    q: &Question,
    (id, then): (&str, &str),
    status: u16,
    why: &str,
) -> Refusal {
    if world.like().older() {
        let id = format!("web.incoming_webhook.{then}.app_error");
        return Refusal::new(status, &id, why);
    }
    let text = format!(
        "Failed to handle the payload of media type {} for incoming webhook {id}.",
        q.content_type
    );
    Refusal::new(status, "web.incoming_webhook.general.app_error", text)
        .because(format!("HandleIncomingWebhook: {why}"))
}

/// `POST /hooks/{id}`
pub fn receive(world: &mut World, q: &Question, id: &str) -> Replied {
    let body = payload(q, id)?;
    let hook = world.incoming.get(id).cloned();
    let hook = hook.ok_or_else(|| refused(world, q, (id, "invalid"), 400, "Invalid webhook."))?;
    let attached = body.get("attachments").and_then(Value::as_array);
    if text(&body, "text").is_empty() && attached.is_none_or(Vec::is_empty) {
        return Err(refused(world, q, (id, "text"), 400, "No text specified."));
    }
    let channel_id = target(world, q, &hook, &text(&body, "channel"))?;
    if hook.locked && channel_id != hook.channel_id {
        return Err(refused(
            world,
            q,
            (id, "permissions"),
            403,
            "This webhook is not permitted to post to the requested channel.",
        ));
    }
    if text(&body, "type").starts_with("system_") {
        return Err(refused(world, q, (id, "general"), 400, "Invalid type."));
    }
    let place = Target {
        user_id: hook.user_id,
        channel_id,
        root_id: String::new(),
        display_name: hook.display_name,
    };
    let posted = post(world, q.now, place, &body);
    posted.map_err(|e| refused(world, q, (id, "general"), e.status, &e.message))?;
    Ok(Reply::Text("ok"))
}

fn payload(q: &Question, id: &str) -> Result<Map<String, Value>, Refusal> {
    body::read(q).map_err(|why| {
        let text = format!(
            "Failed to decode the payload of media type {} for incoming webhook {id}.",
            q.content_type
        );
        Refusal::new(400, "web.incoming_webhook.decode.app_error", text)
            .because(format!("IncomingWebhookRequestFromJSON: {why}"))
    })
}

/// `name`, `#name` or `@user`.
fn target(world: &mut World, q: &Question, hook: &Incoming, name: &str) -> Result<String, Refusal> {
    if name.is_empty() {
        return Ok(hook.channel_id.clone());
    }
    if let Some(user) = name.strip_prefix('@') {
        let found = world.user_named(user).map(|user| user.id.clone());
        let other = found
            .ok_or_else(|| refused(world, q, (&hook.id, "user"), 400, "Couldn't find the user."))?;
        return Ok(world.direct_channel(q.now, &hook.user_id, &other));
    }
    let found = world.channel_named(&hook.team_id, name.trim_start_matches('#'));
    let channel = found.ok_or_else(|| {
        let why = "Couldn't find the channel.";
        refused(world, q, (&hook.id, "channel"), 404, why)
    })?;
    Ok(channel.id.clone())
}

/// Posts as a webhook does; long texts are split, and attachments stand under the last piece.
pub fn post(
    world: &mut World,
    now: i64,
    place: Target,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let mut read = body.clone();
    world.read_slack_in(&mut read);
    let body = &read;
    let props = props(&place, body);
    let given = body.get("attachments").unwrap_or(&Value::Null);
    let attachments = attachments::complete(given, &mut world.ids);
    let pieces = pieces(&slack::links(&text(body, "text")), world.max_post_size());
    let last = pieces.len() - 1;
    for (at, message) in pieces.into_iter().enumerate() {
        let mut props = props.clone();
        let mut kind = text(body, "type");
        if at == last && !attachments.is_null() {
            props.insert("attachments".to_owned(), attachments.clone());
            kind = "slack_attachment".to_owned();
        }
        let post = Post {
            user_id: place.user_id.clone(),
            channel_id: place.channel_id.clone(),
            root_id: place.root_id.clone(),
            message,
            kind,
            props: props.into(),
            ..Post::default()
        };
        world.save(now, post, "")?;
    }
    Ok(())
}

fn props(place: &Target, body: &Map<String, Value>) -> Map<String, Value> {
    let given = body.get("props").and_then(Value::as_object).cloned();
    let mut props = given.unwrap_or_default();
    let name = text(body, "username");
    let name = if name.is_empty() {
        "webhook".to_owned()
    } else {
        name
    };
    props.insert("override_username".to_owned(), json!(name));
    props.insert("from_webhook".to_owned(), json!("true"));
    props.insert("webhook_display_name".to_owned(), json!(place.display_name));
    for key in ["icon_url", "icon_emoji"] {
        let value = text(body, key);
        if !value.is_empty() {
            props.insert(format!("override_{key}"), json!(value));
        }
    }
    props
}

/// A text in pieces of the longest message; an empty one is one piece.
fn pieces(text: &str, longest: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let chunks = letters.chunks(longest.max(1));
    let pieces: Vec<String> = chunks.map(|piece| piece.iter().collect()).collect();
    if pieces.is_empty() {
        vec![String::new()]
    } else {
        pieces
    }
}
