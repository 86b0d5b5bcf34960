//! What came in against what goes out.

use serde_json::Value;

/// Lists that Go writes as `null` when they are empty, and that we write as `[]`.
const EMPTY_LISTS: [&str; 5] = ["file_ids", "elements", "options", "fields", "actions"];

/// Where the two differ, by path. Key order doesn't count, and JSON inside strings is compared
/// as JSON.
pub fn differences(came: &Value, goes: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk("", came, goes, &mut found);
    found
}

fn walk(path: &str, came: &Value, goes: &Value, found: &mut Vec<String>) {
    match (came, goes) {
        (Value::Object(came), Value::Object(goes)) => {
            for (key, value) in came {
                let path = format!("{path}.{key}");
                match goes.get(key) {
                    Some(other) => walk(&path, value, other, found),
                    None => found.push(format!("{path} is lost: {value}")),
                }
            }
            let new = goes.keys().filter(|key| !came.contains_key(*key));
            found.extend(new.map(|key| format!("{path}.{key} is new")));
        }
        (Value::Array(came), Value::Array(goes)) if came.len() == goes.len() => {
            for (i, (value, other)) in came.iter().zip(goes).enumerate() {
                walk(&format!("{path}[{i}]"), value, other, found);
            }
        }
        (Value::String(one), Value::String(other)) if one != other => {
            match (inner(one), inner(other)) {
                (Some(came), Some(goes)) => walk(&format!("{path}#"), &came, &goes, found),
                _ => found.push(format!("{path} was {came} and becomes {goes}")),
            }
        }
        (Value::Null, Value::Array(list)) if list.is_empty() && is_list(path) => {}
        _ if came == goes => {}
        _ => found.push(format!("{path} was {came} and becomes {goes}")),
    }
}

fn is_list(path: &str) -> bool {
    EMPTY_LISTS
        .iter()
        .any(|name| path.ends_with(&format!(".{name}")))
}

/// JSON that travels in a string.
fn inner(text: &str) -> Option<Value> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

#[test]
fn a_difference_is_found_wherever_it_is() {
    let came = serde_json::json!({"a": {"b": [1, 2], "file_ids": null}, "c": "{\"d\":1}"});
    assert!(differences(&came, &came).is_empty());
    let goes = serde_json::json!({"a": {"b": [1, 3], "file_ids": []}, "c": "{\"e\":1}", "f": 0});
    let found = differences(&came, &goes);
    assert_eq!(
        found,
        [
            ".a.b[1] was 2 and becomes 3",
            ".c#.d is lost: 1",
            ".c#.e is new",
            ".f is new"
        ]
    );
}
