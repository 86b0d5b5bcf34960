//! Message attachments: complete inside of the server, without integrations outside.

use serde_json::{Map, Value, json};

use crate::world::ids::Ids;
use crate::world::wire::rest::{flag, text};
use crate::world::wire::shape::ATTACHMENT;

const STRINGS: [&str; 13] = [
    "fallback",
    "color",
    "pretext",
    "author_name",
    "author_link",
    "author_icon",
    "title",
    "title_link",
    "text",
    "image_url",
    "thumb_url",
    "footer",
    "footer_icon",
];

/// Fills in what Mattermost's struct has (empty strings, nulls) and makes missing action ids.
/// Attachments that are no list, or empty, become `null`.
pub fn normalise(props: &mut Map<String, Value>, ids: &mut Ids) {
    let Some(given) = props.get("attachments") else {
        return;
    };
    let complete = complete(given, ids);
    props.insert("attachments".to_owned(), complete);
}

/// A list of attachments with all keys of Mattermost's struct. What can't be one is left out, and
/// `null` is one with nothing in it.
pub fn complete(given: &Value, ids: &mut Ids) -> Value {
    let read = given.as_array().into_iter().flatten();
    let read = read.filter_map(|one| ATTACHMENT.read(one.clone()).ok());
    let all: Vec<Value> = read
        .map(|one| attachment(one.as_object().unwrap_or(&Map::new()), ids))
        .collect();
    if all.is_empty() {
        Value::Null
    } else {
        all.into()
    }
}

fn attachment(given: &Map<String, Value>, ids: &mut Ids) -> Value {
    let mut out = Map::new();
    out.insert(
        "id".to_owned(),
        given.get("id").cloned().unwrap_or(json!(0)),
    );
    for key in STRINGS {
        let value = given.get(key).and_then(Value::as_str).unwrap_or("");
        out.insert(key.to_owned(), json!(value));
    }
    let fields = given.get("fields").and_then(Value::as_array);
    let fields = fields.map(|all| all.iter().filter_map(field).collect::<Value>());
    out.insert("fields".to_owned(), json!(fields));
    out.insert("ts".to_owned(), json!(given.get("ts")));
    let actions = given.get("actions").and_then(Value::as_array);
    let actions = actions.into_iter().flatten().filter_map(Value::as_object);
    let actions: Vec<Value> = actions.map(|one| action(one, ids)).collect();
    if !actions.is_empty() {
        out.insert("actions".to_owned(), actions.into());
    }
    out.into()
}

/// A field with all keys, or none where it is `null`.
fn field(given: &Value) -> Option<Value> {
    let given = given.as_object()?;
    Some(json!({
        "title": text(given, "title"), "value": given.get("value"), "short": flag(given, "short"),
    }))
}

/// Known keys only; empty ones are left out except id, type and name.
fn action(given: &Map<String, Value>, ids: &mut Ids) -> Value {
    let word = |key: &str| given.get(key).and_then(Value::as_str).unwrap_or("");
    let id = if word("id").is_empty() {
        ids.mint()
    } else {
        word("id").to_owned()
    };
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(id));
    out.insert(
        "type".to_owned(),
        json!(if word("type").is_empty() {
            "button"
        } else {
            word("type")
        }),
    );
    out.insert("name".to_owned(), json!(word("name")));
    for key in ["style", "data_source", "default_option", "tooltip"] {
        if !word(key).is_empty() {
            out.insert(key.to_owned(), json!(word(key)));
        }
    }
    if given.get("disabled").and_then(Value::as_bool) == Some(true) {
        out.insert("disabled".to_owned(), json!(true));
    }
    for key in ["options", "integration"] {
        if let Some(value) = given.get(key).filter(|value| !value.is_null()) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    out.into()
}

/// The props without any action's `integration` (`StripActionIntegrations`).
pub fn stripped(props: Map<String, Value>) -> Value {
    let mut out = Value::Object(props);
    for action in actions_mut(&mut out) {
        action.remove("integration");
    }
    out
}

/// Every action of the attachments in `props`, to change.
pub fn actions_mut(props: &mut Value) -> Vec<&mut Map<String, Value>> {
    let attachments = props.get_mut("attachments").and_then(Value::as_array_mut);
    let lists = attachments
        .into_iter()
        .flatten()
        .filter_map(|attachment| attachment.get_mut("actions").and_then(Value::as_array_mut));
    lists.flatten().filter_map(Value::as_object_mut).collect()
}

/// The action with this id, and its integration.
pub fn find<'a>(props: &'a Map<String, Value>, id: &str) -> Option<&'a Map<String, Value>> {
    let attachments = props.get("attachments").and_then(Value::as_array);
    let lists = attachments
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("actions")?.as_array());
    let mut actions = lists.flatten().filter_map(Value::as_object);
    actions.find(|action| action.get("id").and_then(Value::as_str) == Some(id))
}

/// `metadata` of a post with these props.
pub fn metadata(props: &Map<String, Value>) -> Value {
    if props.contains_key("attachments") {
        json!({"embeds": [{"type": "message_attachment"}]})
    } else {
        json!({})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrations_never_leave_the_server() {
        let mut props = Map::from_iter([(
            "attachments".to_owned(),
            json!([{"text": "t", "actions": [{"name": "Go", "integration": {"url": "http://x"}}]}]),
        )]);
        normalise(&mut props, &mut Ids::seeded(1));
        let shown = stripped(props.clone());
        assert!(!shown.to_string().contains("integration"));
        let id = shown["attachments"][0]["actions"][0]["id"]
            .as_str()
            .unwrap();
        assert_eq!(find(&props, id).unwrap()["integration"]["url"], "http://x");
    }

    #[test]
    fn attachments_that_are_no_list_become_null() {
        let mut props = Map::from_iter([("attachments".to_owned(), json!("oops"))]);
        normalise(&mut props, &mut Ids::seeded(1));
        assert_eq!(props["attachments"], Value::Null);
    }
}
