//! What is compared of JSON: which keys it has.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Response;
use mattermost_sandbox::is_id;
use serde_json::{Value, json};

pub fn parts(response: &Response<Bytes>) -> (u16, Value) {
    let body = serde_json::from_slice(response.body())
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(response.body())));
    (response.status().as_u16(), body)
}

/// Every path of keys in a value; ids as keys, lists' places and author's own data are alike.
pub fn shape(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = if is_id(key) { "*" } else { key };
                let path = format!("{at}.{key}");
                into.insert(path.clone());
                shape(value, &path, into);
            }
        }
        Value::Array(list) => list
            .iter()
            .for_each(|one| shape(one, &format!("{at}[]"), into)),
        _ => {}
    }
}

pub fn shape_of(value: &Value) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    shape(value, "", &mut keys);
    keys
}

/// A body as JSON: forms become objects.
pub fn body_of(kind: &str, body: &str) -> Value {
    if kind.contains("form-urlencoded") {
        let pairs = url::form_urlencoded::parse(body.as_bytes());
        return pairs
            .map(|(key, value)| (key.into_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    serde_json::from_str(body).unwrap_or(Value::Null)
}

/// Props of posts that no replayed request made.
pub fn ignored(key: &str) -> bool {
    key.contains(".props.") || key.contains("metadata.")
}

/// Which keys are missing or too many; none where both have the same.
pub fn difference(wanted: &BTreeSet<String>, got: &BTreeSet<String>) -> Option<String> {
    let missing: Vec<_> = wanted.difference(got).collect();
    let extra: Vec<_> = got.difference(wanted).collect();
    let same = missing.is_empty() && extra.is_empty();
    (!same).then(|| format!("keys missing {missing:?}, extra {extra:?}"))
}
