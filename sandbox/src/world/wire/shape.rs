//! What the server's types make of JSON that others send: the names of keys in any case, unknown
//! ones left out, and values of another type refused.

use serde_json::{Map, Value};

/// A type of the server's. `null` is nothing everywhere, but in [`Shape::Short`].
#[derive(Debug)]
pub enum Shape {
    Text,
    /// A boolean.
    Flag,
    /// A whole number.
    Whole,
    /// A boolean, or one as a text, as Slack's clients send it.
    Short,
    /// Whatever comes.
    Any,
    /// An object with any keys.
    Map,
    List(&'static Shape),
    /// An object with these keys.
    Object(&'static [(&'static str, Shape)]),
}

use Shape::{Any, Flag, List, Object, Short, Text, Whole};

const FIELD: Shape = Object(&[("title", Text), ("value", Any), ("short", Short)]);
const CHOICE: Shape = Object(&[("text", Text), ("value", Text)]);
const ACTION: Shape = Object(&[
    ("id", Text),
    ("type", Text),
    ("name", Text),
    ("tooltip", Text),
    ("disabled", Flag),
    ("style", Text),
    ("data_source", Text),
    ("options", List(&CHOICE)),
    ("default_option", Text),
    (
        "integration",
        Object(&[("url", Text), ("context", Shape::Map)]),
    ),
]);
/// An attachment (`model.SlackAttachment`).
pub const ATTACHMENT: Shape = Object(&[
    ("id", Whole),
    ("fallback", Text),
    ("color", Text),
    ("pretext", Text),
    ("author_name", Text),
    ("author_link", Text),
    ("author_icon", Text),
    ("title", Text),
    ("title_link", Text),
    ("text", Text),
    ("fields", List(&FIELD)),
    ("image_url", Text),
    ("thumb_url", Text),
    ("footer", Text),
    ("footer_icon", Text),
    ("ts", Any),
    ("actions", List(&ACTION)),
]);
const PRIORITY: Shape = Object(&[
    ("priority", Text),
    ("requested_ack", Flag),
    ("persistent_notifications", Flag),
]);
/// What an incoming webhook is sent (`model.IncomingWebhookRequest`).
pub const HOOK: Shape = Object(&[
    ("text", Text),
    ("username", Text),
    ("icon_url", Text),
    ("channel", Text),
    ("props", Shape::Map),
    ("attachments", List(&ATTACHMENT)),
    ("type", Text),
    ("icon_emoji", Text),
    ("priority", PRIORITY),
]);

impl Shape {
    /// A value as this type; an error says what doesn't fit.
    pub fn read(&self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (Short, value) => short(&value),
            (_, Value::Null) => Ok(Value::Null),
            (Any, value)
            | (Text, value @ Value::String(_))
            | (Flag, value @ Value::Bool(_))
            | (Self::Map, value @ Value::Object(_)) => Ok(value),
            (Whole, Value::Number(number)) if number.is_i64() => Ok(number.into()),
            (List(inner), Value::Array(list)) => {
                let all = list.into_iter().map(|one| inner.read(one));
                all.collect::<Result<Vec<_>, _>>().map(Value::Array)
            }
            (Object(keys), Value::Object(map)) => object(keys, map),
            (want, value) => Err(format!("json: cannot unmarshal {value} into Go {want:?}")),
        }
    }
}

fn object(keys: &[(&str, Shape)], map: Map<String, Value>) -> Result<Value, String> {
    let mut out = Map::new();
    for (name, value) in map {
        let known = keys.iter().find(|(key, _)| key.eq_ignore_ascii_case(&name));
        let Some((key, shape)) = known else { continue };
        let value = shape.read(value)?;
        if !value.is_null() {
            out.insert((*key).to_owned(), value);
        }
    }
    Ok(out.into())
}

fn short(value: &Value) -> Result<Value, String> {
    match value.to_string().to_lowercase().trim_matches('"') {
        "true" => Ok(true.into()),
        "false" => Ok(false.into()),
        _ => Err(format!("unmarshal: unable to convert {value} to bool")),
    }
}

/// A value as Go prints it: `1e+06`, `map[b:1]`, `[1 2]`.
pub fn printed(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => float(number.as_f64().unwrap_or_default()),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let all: Vec<String> = list.iter().map(printed).collect();
            format!("[{}]", all.join(" "))
        }
        Value::Object(map) => {
            let pair = |(key, value): (&String, &Value)| format!("{key}:{}", printed(value));
            let mut all: Vec<String> = map.iter().map(pair).collect();
            all.sort();
            format!("map[{}]", all.join(" "))
        }
    }
}

/// Every number is a float to Go, which writes large and small ones with an exponent.
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or_default() {
        -4..=5 => number.to_string(),
        6.. => format!("{digits}e+{exponent:0>2}"),
        _ => format!("{digits}e-{:0>2}", exponent.trim_start_matches('-')),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_printed_as_go_prints_them() {
        for (value, text) in [
            (json!(1_000_000), "1e+06"),
            (json!(1_234_567), "1.234567e+06"),
            (json!(999_999), "999999"),
            (json!(-5), "-5"),
            (json!(0), "0"),
            (json!(1.5), "1.5"),
            (json!(0.0001), "0.0001"),
            (json!(0.000_01), "1e-05"),
            (json!(1e120), "1e+120"),
            (json!(true), "true"),
            (json!([1, "a", null]), "[1 a <nil>]"),
            (json!({"b": 1, "a": {"c": 2}}), "map[a:map[c:2] b:1]"),
        ] {
            assert_eq!(printed(&value), text, "{value}");
        }
    }
}
