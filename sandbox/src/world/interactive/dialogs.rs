//! Dialogs: opened by integrations, submitted by people.

use http::Method;
use serde_json::{Map, Value, json};

use super::actions::accepted;
use crate::world::World;
use crate::world::wire::calls::{self, CallFailure, Heard};
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply, Then, flag, text};

/// `POST /actions/dialogs/open`: no login, a trigger id is enough; invalid dialogs open too.
pub fn open(world: &mut World, q: &Question) -> Replied {
    let body = q.object("open_dialog_request")?;
    let url = text(&body, "url");
    if url.is_empty() {
        return Err(Refusal::body("url"));
    }
    let (client, user_id) =
        world
            .signer
            .decode(q.now, world.call_timeout_ms, &text(&body, "trigger_id"))?;
    let empty = Map::new();
    let dialog = body
        .get("dialog")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let told = json!({"trigger_id": client, "url": url, "dialog": complete(dialog)});
    world.announce_dialog(&user_id, &told);
    Reply::done()
}

/// A dialog with all keys of Mattermost's struct.
fn complete(given: &Map<String, Value>) -> Value {
    let elements = given.get("elements").and_then(Value::as_array);
    let elements = elements.into_iter().flatten().filter_map(Value::as_object);
    let mut out = json!({
        "callback_id": text(given, "callback_id"), "title": text(given, "title"),
        "introduction_text": text(given, "introduction_text"),
        "icon_url": text(given, "icon_url"), "submit_label": text(given, "submit_label"),
        "elements": elements.map(element).collect::<Vec<_>>(),
        "notify_on_cancel": flag(given, "notify_on_cancel"), "state": text(given, "state"),
    });
    if !text(given, "source_url").is_empty() {
        out["source_url"] = json!(text(given, "source_url"));
    }
    out
}

fn element(given: &Map<String, Value>) -> Value {
    let word = |key: &str| text(given, key);
    let number = |key: &str| given.get(key).and_then(Value::as_i64).unwrap_or(0);
    let mut out = json!({
        "display_name": word("display_name"), "name": word("name"), "type": word("type"),
        "subtype": word("subtype"), "default": word("default"),
        "placeholder": word("placeholder"), "help_text": word("help_text"),
        "optional": flag(given, "optional"), "min_length": number("min_length"),
        "max_length": number("max_length"), "data_source": word("data_source"),
        "options": given.get("options"), "multiselect": flag(given, "multiselect"),
    });
    // These are left out where they are empty.
    for key in [
        "data_source_url",
        "refresh",
        "min_date",
        "max_date",
        "time_interval",
        "datetime_config",
    ] {
        if let Some(value) = given.get(key).filter(|value| **value != json!(false)) {
            out[key] = value.clone();
        }
    }
    out
}

/// `POST /actions/dialogs/submit`: a submission, a cancellation or a refresh.
pub fn submit(world: &mut World, q: &Question) -> Replied {
    let body = q.object("dialog")?;
    let kind = if text(&body, "type") == "refresh" && !world.like().older() {
        "refresh"
    } else {
        "dialog_submission"
    };
    let then = Then::new(|world, _, heard| submitted(world, heard));
    ask(world, q, &body, kind, then)
}

/// `POST /actions/dialogs/lookup`: the options of a dynamic menu.
pub fn lookup(world: &mut World, q: &Question) -> Replied {
    if world.like().older() {
        return Err(Refusal::page(&q.path)); // since 10.12
    }
    let body = q.object("dialog")?;
    let then = Then::new(|world, _, heard| looked_up(world, heard));
    ask(world, q, &body, "dialog_lookup", then)
}

fn ask(world: &World, q: &Question, body: &Map<String, Value>, kind: &str, then: Then) -> Replied {
    let me = q.me()?;
    let url = text(body, "url");
    if !calls::checked_url(&url) {
        return Err(Refusal::body("url"));
    }
    let (channel_id, mut team_id) = (text(body, "channel_id"), text(body, "team_id"));
    let channel = world.readable(&channel_id, me)?;
    if world.like().newer() {
        team_id.clone_from(&channel.team_id); // whatever the client says
    } else if !world.in_team(&team_id, me) && !world.is_admin(me) {
        return Err(Refusal::forbidden(me, "view_team"));
    }
    let payload = json!({
        "type": kind, "callback_id": text(body, "callback_id"), "state": text(body, "state"),
        "user_id": me, "channel_id": channel_id, "team_id": team_id,
        "submission": body.get("submission"), "cancelled": flag(body, "cancelled"),
    });
    let request = calls::request(
        Method::POST,
        &url,
        "application/json",
        payload.to_string().into(),
    )?;
    Ok(Reply::Call(Box::new(request), then))
}

fn undecodable(step: &str, why: &str) -> Refusal {
    let id = format!("app.{step}_interactive_dialog.decode_json_error");
    let text = "Encountered an error decoding JSON response from interactive dialog.";
    Refusal::new(500, &id, text).because(why)
}

/// The object in an answer of status 200; `{}` for an empty body and for `null`.
fn object(
    world: &World,
    step: &str,
    heard: Result<Heard, CallFailure>,
) -> Result<Map<String, Value>, Refusal> {
    match heard {
        Ok(heard) if heard.status == 200 => match heard.json() {
            Ok(Value::Object(map)) => Ok(map),
            Ok(Value::Null) => Ok(Map::new()),
            Ok(_) => Err(undecodable(step, "json: cannot unmarshal into Go value")),
            Err(error) => Err(undecodable(step, &error)),
        },
        other => accepted(world, other),
    }
}

/// Checks an answer to a submission and hands it on.
pub fn submitted(world: &World, heard: Result<Heard, CallFailure>) -> Replied {
    if world.like().older() {
        return Reply::ok(taken_lightly(world, heard)?.into());
    }
    let body = object(world, "submit", heard)?;
    let kind = text(&body, "type");
    let form = body.get("form").and_then(Value::as_object);
    let invalid = |why: String| {
        let id = "app.submit_interactive_dialog.invalid_response";
        let text = "Encountered an invalid response from interactive dialog submission.";
        Err(Refusal::new(400, id, text).because(why))
    };
    match (kind.as_str(), form) {
        ("form", None) => return invalid("form field is required for form type".to_owned()),
        ("" | "ok" | "navigate", Some(_)) => {
            return invalid(format!("form field must be nil for type \"{kind}\""));
        }
        ("" | "ok" | "navigate" | "form", _) => {}
        _ => return invalid(format!("invalid type \"{kind}\"")),
    }
    let mut out = Map::new();
    if let Some(errors) = body.get("errors").filter(|errors| !errors.is_null()) {
        let strings = errors
            .as_object()
            .is_some_and(|map| map.values().all(Value::is_string));
        if !strings {
            return Err(undecodable("submit", "json: cannot unmarshal errors"));
        }
        out.insert("errors".to_owned(), errors.clone());
    }
    for key in ["error", "type"] {
        if !text(&body, key).is_empty() {
            out.insert(key.to_owned(), json!(text(&body, key)));
        }
    }
    if let Some(form) = form {
        out.insert("form".to_owned(), complete(form));
    }
    Reply::ok(out.into())
}

/// An older server takes errors out of an answer, and doesn't mind anything else in it.
fn taken_lightly(
    world: &World,
    heard: Result<Heard, CallFailure>,
) -> Result<Map<String, Value>, Refusal> {
    let heard = match heard {
        Ok(heard) if heard.status == 200 => heard,
        other => return accepted(world, other),
    };
    let body = heard.json().unwrap_or_default();
    let mut out = Map::new();
    if let Some(errors) = body.get("errors").filter(|errors| errors.is_object()) {
        out.insert("errors".to_owned(), errors.clone());
    }
    if let Some(error) = body.get("error").filter(|error| error.is_string()) {
        out.insert("error".to_owned(), error.clone());
    }
    Ok(out)
}

/// Checks an answer to a lookup and hands its items on.
pub fn looked_up(world: &World, heard: Result<Heard, CallFailure>) -> Replied {
    let body = object(world, "lookup", heard)?;
    let Some(items) = body.get("items").and_then(Value::as_array) else {
        return Reply::ok(json!({"items": null}));
    };
    let mut out = Vec::new();
    for item in items {
        let word = |key: &str| item.get(key).map_or(Some(""), Value::as_str);
        let (Some(label), Some(value)) = (word("text"), word("value")) else {
            return Err(undecodable("lookup", "json: cannot unmarshal items"));
        };
        out.push(json!({"text": label, "value": value}));
    }
    Reply::ok(json!({"items": out}))
}
