use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A text of what was sent; empty where there is none.
pub(super) fn word<'a>(map: &'a Map<String, Value>, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or("")
}

/// Version and key of the bot's own seal: `m1.KEY`, never what is in it.
pub(super) fn envelope(sent: &Map<String, Value>) -> Option<String> {
    let context = sent
        .get("context")
        .and_then(|context| context["envelope"].as_str());
    let sealed = context.or_else(|| sent.get("state").and_then(Value::as_str))?;
    let mut parts = sealed.split('.');
    let (version, key) = (parts.next()?, parts.next()?);
    (version == "m1" && parts.count() == 2).then(|| format!("{version}.{key}"))
}

/// The user and time (milliseconds since 1970) in a trigger id.
pub(super) fn trigger(id: &str) -> Option<(String, i64)> {
    let text = String::from_utf8(STANDARD.decode(id).ok()?).ok()?;
    let mut parts = text.split(':').skip(1);
    let user = parts.next()?.to_owned();
    Some((user, parts.next()?.parse().ok()?))
}
