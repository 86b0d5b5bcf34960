//! The keys of JSON that came with the versions.

use serde_json::{Map, Value, json};

/// Keys that channels have got since 10.0.
const NEW_IN_CHANNELS: [&str; 5] = [
    "autotranslation",
    "banner_info",
    "default_category_name",
    "policy_enforced",
    "policy_is_active",
];
/// Keys that dialogs and their elements have got since 10.0.
const NEW_IN_DIALOGS: [&str; 8] = [
    "multiselect",
    "data_source_url",
    "refresh",
    "min_date",
    "max_date",
    "time_interval",
    "datetime_config",
    "source_url",
];
/// Takes away what 10.0 doesn't have yet, and adds what it still has, at any depth.
pub fn age(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(age),
        Value::Object(map) => {
            let has = |key: &str| map.contains_key(key);
            let new: &[&str] = if has("total_msg_count_root") {
                &NEW_IN_CHANNELS
            } else if has("explicit_roles") {
                &["autotranslation_disabled"]
            } else if has("callback_id") || has("data_source") && has("help_text") {
                &NEW_IN_DIALOGS
            } else if has("pending_post_id") && map["file_ids"].as_array().is_none_or(Vec::is_empty)
            {
                &["file_ids"]
            } else {
                &[]
            };
            let listed = has("order") && has("prev_post_id") && !has("has_next");
            let own = has("last_password_update") && !has("auth_data");
            map.retain(|key, _| !new.contains(&key.as_str()));
            if listed {
                map.insert("has_next".to_owned(), json!(false));
            }
            if own {
                map.insert("auth_data".to_owned(), json!(""));
            }
            // What integrations and people gave stays as it is.
            let inner = map.iter_mut().filter(|(key, _)| *key != "props");
            inner.for_each(|(_, value)| age(value));
        }
        _ => {}
    }
}

/// Adds what 11.10 has besides, at any depth.
pub fn renew(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(renew),
        Value::Object(map) => {
            for (key, value) in besides(map) {
                map.insert(key.to_owned(), value);
            }
            // What integrations and people gave stays as it is.
            let inner = map.iter_mut().filter(|(key, _)| *key != "props");
            inner.for_each(|(_, value)| renew(value));
        }
        _ => {}
    }
}

/// What 11.10 adds to this object, going by the keys that tell what it is.
fn besides(map: &Map<String, Value>) -> Vec<(&'static str, Value)> {
    let has = |key: &str| map.contains_key(key);
    if has("total_msg_count_root") {
        return vec![
            ("discoverable", json!(false)),
            ("managed_category_name", json!("")),
        ];
    }
    if has("cloud_limits_archived") {
        return vec![
            ("policy_enforced", json!(false)),
            ("policy_is_active", json!(false)),
        ];
    }
    if has("channel_locked") {
        return vec![("last_used", json!(0))];
    }
    if has("is_active") && has("token") {
        return vec![("expires_at", json!(0))];
    }
    if has("desktop_threads") && has("email_threads") {
        return vec![("channel_mention_auto_follow_threads", json!("true"))];
    }
    Vec::new()
}
