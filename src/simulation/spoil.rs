use bytes::Bytes;
use serde_json::{Value, json};

/// Who writes this into a post's props means a list in a list in a list…
pub(super) const DEEP: &str = "a deep hole";
/// Who writes this into a post's props means a post that can't be read at all.
pub(super) const GARBLED: &str = "a garbled post";

/// How deep: the usual parsers give up at 128.
const DEPTH: usize = 200;

/// An answer with such posts in it as they would be.
pub(super) fn body(body: Bytes) -> Bytes {
    match std::str::from_utf8(&body) {
        Ok(text) if is_spoilt(text) => spoilt(text).into(),
        _ => body,
    }
}

/// The same for a frame.
pub(super) fn frame(text: String) -> String {
    match is_spoilt(&text) {
        true => spoilt(&text),
        false => text,
    }
}

fn is_spoilt(text: &str) -> bool {
    text.contains(DEEP) || text.contains(GARBLED)
}

fn spoilt(text: &str) -> String {
    let mut text = text.to_owned();
    if text.contains(GARBLED)
        && let Ok(mut value) = serde_json::from_str(&text)
    {
        garble(&mut value);
        text = value.to_string();
    }
    let hole = format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    // In a frame the post is text within text.
    let text = text.replace(&format!("\\\"{DEEP}\\\""), &hole);
    text.replace(&format!("\"{DEEP}\""), &hole)
}

/// Makes the posts in it unreadable: one on its own, those of a list, the one of an event.
fn garble(value: &mut Value) {
    if value["props"]["x"] == GARBLED {
        value["message"] = json!(["not", "a", "text"]);
        value["create_at"] = json!("yesterday");
    }
    if let Some(posts) = value.get_mut("posts").and_then(Value::as_object_mut) {
        posts.values_mut().for_each(garble);
    }
    let inner = value["data"]["post"].as_str();
    if let Some(mut post) = inner.and_then(|post| serde_json::from_str(post).ok()) {
        garble(&mut post);
        value["data"]["post"] = json!(post.to_string());
    }
}
