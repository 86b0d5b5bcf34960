//! What integrations answer to slash commands: posts and whispers.

use serde_json::{Map, Value, json};

use super::command::Command;
use super::place::CommandPlace;
use crate::world::World;
use crate::world::posts::attachments;
use crate::world::posts::ephemeral::Whisper;
use crate::world::posts::post::Post;
use crate::world::wire::calls::Heard;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{flag, text};

/// JSON is an object; everything else is the text of an ephemeral answer.
pub fn parsed(heard: &Heard) -> Result<Map<String, Value>, String> {
    if heard.content_type != "application/json" {
        let text = String::from_utf8_lossy(&heard.body);
        return Ok(Map::from_iter([("text".to_owned(), json!(text))]));
    }
    match serde_json::from_slice(&heard.body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => {
            Err("json: cannot unmarshal into Go value of type model.CommandResponse".to_owned())
        }
        Err(error) => Err(format!("parsing error: {error}")),
    }
}

/// Posts or whispers an answer and its extra ones, and gives it back as the server repeats it.
pub fn publish(
    world: &mut World,
    now: i64,
    command: Option<&Command>,
    place: &CommandPlace,
    response: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let mut body = one(world, now, command, place, response)?;
    let extra = response.get("extra_responses").and_then(Value::as_array);
    let extra: Vec<_> = extra
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .cloned()
        .collect();
    if !extra.is_empty() {
        let mut bodies = Vec::new();
        for response in &extra {
            bodies.push(one(world, now, command, place, response)?);
        }
        body["extra_responses"] = bodies.into();
    }
    Ok(body)
}

fn one(
    world: &mut World,
    now: i64,
    command: Option<&Command>,
    place: &CommandPlace,
    response: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let mut read = response.clone();
    if !flag(response, "skip_slack_parsing") {
        world.read_slack_in(&mut read);
    }
    let response = &read;
    let attachments = response.get("attachments").unwrap_or(&Value::Null);
    let attachments = attachments::complete(attachments, &mut world.ids);
    let whisper = Whisper {
        author: place.user_id.clone(),
        channel_id: match text(response, "channel_id") {
            given if given.is_empty() => place.channel_id.clone(),
            given => given,
        },
        root_id: place.root_id.clone(),
        message: text(response, "text"),
        props: props(world, command, response, &attachments),
    };
    let says = !whisper.message.is_empty() || !attachments.is_null();
    match text(response, "response_type").as_str() {
        "in_channel" => {
            let kind = match text(response, "type") {
                kind if kind.is_empty() && !attachments.is_null() => "slack_attachment".to_owned(),
                kind => kind,
            };
            post(world, now, whisper, kind)?;
        }
        "" | "ephemeral" if says => {
            world.whisper(now, &place.user_id, whisper);
        }
        _ => {}
    }
    Ok(repeated(response, attachments))
}

/// What would be whispered, for everybody.
fn post(world: &mut World, now: i64, said: Whisper, kind: String) -> Result<(), Refusal> {
    world.may_post(now, &said.channel_id, &said.author)?;
    let post = Post {
        user_id: said.author,
        channel_id: said.channel_id,
        root_id: said.root_id,
        message: said.message,
        kind,
        props: said.props.into(),
        ..Post::default()
    };
    world.save(now, post, "").map(drop)
}

fn props(
    world: &World,
    command: Option<&Command>,
    response: &Map<String, Value>,
    attachments: &Value,
) -> Map<String, Value> {
    let mut props = response
        .get("props")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let configured = |key: &str| {
        command
            .map(|command| text(&command.given, key))
            .unwrap_or_default()
    };
    let choose = |own: String, key: &str| {
        if own.is_empty() {
            text(response, key)
        } else {
            own
        }
    };
    let username = choose(configured("username"), "username");
    if !username.is_empty() {
        props.insert("override_username".to_owned(), json!(username));
    }
    let icon = choose(configured("icon_url"), "icon_url");
    // Also an empty one, before 11.10.
    if !icon.is_empty() || !world.like().newer() {
        props.insert("override_icon_url".to_owned(), json!(icon));
    }
    props.insert("from_webhook".to_owned(), json!("true"));
    if !attachments.is_null() {
        props.insert("attachments".to_owned(), attachments.clone());
    }
    props
}

/// The answer with all keys of Mattermost's struct.
fn repeated(response: &Map<String, Value>, attachments: Value) -> Value {
    let word = |key: &str| text(response, key);
    json!({
        "response_type": word("response_type"), "text": word("text"),
        "username": word("username"), "channel_id": word("channel_id"),
        "icon_url": word("icon_url"), "type": word("type"), "props": response.get("props"),
        "goto_location": word("goto_location"), "trigger_id": "",
        "skip_slack_parsing": flag(response, "skip_slack_parsing"),
        "attachments": attachments, "extra_responses": null,
    })
}
