//! What an incoming webhook is sent, read as leniently as the server does.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::world::posts::files;
use crate::world::wire::rest::{Question, pairs};
use crate::world::wire::shape::{HOOK, printed};

/// The texts in which the server repairs what is no JSON.
const REPAIRED: [&str; 6] = [
    "\"text\"",
    "\"fallback\"",
    "\"pretext\"",
    "\"author_name\"",
    "\"title\"",
    "\"value\"",
];

/// The body: JSON, a form with the JSON in `payload`, or a form of several parts.
pub fn read(q: &Question) -> Result<Map<String, Value>, String> {
    let mut body = match q.content_type.as_str() {
        "application/x-www-form-urlencoded" => {
            let mut form = pairs(&q.body).into_iter();
            let payload = form.find(|(key, _)| key == "payload");
            decoded(&payload.unwrap_or_default().1)?
        }
        "multipart/form-data" => parts(&q.body)?,
        _ => decoded(&String::from_utf8_lossy(&q.body))?,
    };
    let attachments = body.get_mut("attachments").and_then(Value::as_array_mut);
    if let Some(attachments) = attachments {
        attachments.retain(|one| !one.is_null());
        attachments.iter_mut().for_each(as_texts);
    }
    Ok(body)
}

/// As it comes, or repaired.
fn decoded(text: &str) -> Result<Map<String, Value>, String> {
    first(text).or_else(|_| first(&repaired(text)))
}

/// The first JSON value counts, whatever follows.
fn first(text: &str) -> Result<Map<String, Value>, String> {
    let text = without_lone_surrogates(text);
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let value = values.next().ok_or("EOF")?.map_err(|e| e.to_string())?;
    match HOOK.read(value)? {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

/// The parts of a form by their names. A real server knows some of these by other names; what it
/// doesn't know is left out here.
fn parts(body: &Bytes) -> Result<Map<String, Value>, String> {
    let parts = files::multipart(body).into_iter();
    let texts = parts.map(|(name, _, text)| (name, json!(String::from_utf8_lossy(&text))));
    let texts = texts.filter(|(name, _)| name != "attachments" && name != "props");
    match HOOK.read(texts.collect::<Map<_, _>>().into())? {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

/// The values of an attachment's fields become texts, except `null`.
fn as_texts(attachment: &mut Value) {
    let fields = attachment.get_mut("fields").and_then(Value::as_array_mut);
    let Some(fields) = fields else { return };
    fields.retain(|field| !field.is_null());
    for value in fields.iter_mut().filter_map(|field| field.get_mut("value")) {
        *value = json!(printed(value));
    }
}

/// Raw line feeds and tabs within some texts become `\n` and `\t`.
fn repaired(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let begin = |rest: &str| {
        let found = REPAIRED
            .iter()
            .filter_map(|key| Some((rest.find(key)?, key.len())));
        found.min()
    };
    while let Some((at, length)) = begin(rest) {
        let (before, after) = rest.split_at(at + length);
        out.push_str(before);
        rest = after;
        let colon = rest.trim_start().strip_prefix(':').map(str::trim_start);
        if let Some(inner) = colon.and_then(|value| value.strip_prefix('"')) {
            let end = closing(inner);
            let head = rest.len() - inner.len();
            out.push_str(&rest[..head]);
            out.push_str(&inner[..end].replace('\n', "\\n").replace('\t', "\\t"));
            rest = &inner[end..];
        }
    }
    out.push_str(rest);
    out
}

/// Where a JSON string ends.
fn closing(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// `\ud800` without its other half becomes `\ufffd`, as Go reads it.
fn without_lone_surrogates(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (unit(rest), unit(rest.get(6..).unwrap_or_default())) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            _ => rest.chars().take(2).map(char::len_utf8).sum(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The number of a `\uXXXX` that a text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::Step;
    use crate::world::tests::{Stand, done};

    /// An incoming webhook, and who sends it something.
    struct Hook {
        stand: Stand,
        path: String,
        channel: String,
    }

    impl Hook {
        fn new() -> Self {
            let mut stand = Stand::new();
            let channel = stand.channel("dev");
            let given = json!({"channel_id": channel});
            let (_, hook) = stand.ask("admin", "POST", "/hooks/incoming", given);
            let path = format!("/hooks/{}", hook["id"].as_str().unwrap());
            Self {
                stand,
                path,
                channel,
            }
        }

        /// The status, and what stands in the channel then.
        fn sends(&mut self, kind: &str, body: impl Into<Bytes>) -> (u16, Value) {
            let request = Request::post(&self.path).header("content-type", kind);
            self.stand.now += 1;
            let request = request.body(body.into()).unwrap();
            let step = self.stand.world.request(self.stand.now, request);
            let Step::Done(response) = step else {
                panic!("no answer but {step:?}");
            };
            let newest = self.stand.world.newest(&self.channel).next();
            let post = newest.map(|post| self.stand.world.shown(post));
            (response.status().as_u16(), post.unwrap_or_default())
        }

        fn says(&mut self, body: &str) -> (u16, Value) {
            self.sends("application/json", body.to_owned())
        }
    }

    #[test]
    fn a_webhooks_values_become_what_a_real_server_makes_of_them() {
        let mut hook = Hook::new();
        for (value, text) in [
            ("1000000", json!("1e+06")),
            ("true", json!("true")),
            (r#"{"b":1}"#, json!("map[b:1]")),
            (r#""as it is""#, json!("as it is")),
            ("null", Value::Null),
        ] {
            let body = format!(r#"{{"attachments":[{{"fields":[{{"value":{value}}}]}}]}}"#);
            let (status, post) = hook.says(&body);
            let field = &post["props"]["attachments"][0]["fields"][0];
            assert_eq!((status, &field["value"]), (200, &text), "{value}");
            assert_eq!(field["title"], "", "{field}");
        }
        for (short, shown) in [("true", true), (r#""TRUE""#, true), (r#""false""#, false)] {
            let body = format!(r#"{{"attachments":[{{"fields":[{{"short":{short}}}]}}]}}"#);
            let (status, post) = hook.says(&body);
            let field = &post["props"]["attachments"][0]["fields"][0];
            assert_eq!((status, &field["short"]), (200, &json!(shown)), "{short}");
        }
    }

    #[test]
    fn a_webhook_that_a_real_server_refuses_is_refused() {
        let mut hook = Hook::new();
        for body in [
            r#"{"text":"x","attachments":[{"fields":[{"short":1}]}]}"#,
            r#"{"text":"x","attachments":[{"fields":[{"short":null}]}]}"#,
            r#"{"text":"x","attachments":[{"fields":[{"short":"yes"}]}]}"#,
            r#"{"text":"x","attachments":{"text":"a"}}"#,
            r#"{"text":"x","attachments":"a"}"#,
            r#"{"text":"x","attachments":[{"fields":["a"]}]}"#,
            r#"{"text":"x","attachments":[{"title":1}]}"#,
            r#"{"text":"x","attachments":[{"color":1}]}"#,
            r#"{"text":"x","props":[]}"#,
            r#"{"text":"x","priority":"urgent"}"#,
            r#"{"text":"x","type":"system_join_channel"}"#,
            "{\"text\":\"x\",\"attachments\":[{\"footer\":\"a\nb\"}]}",
            "{\"text\":\"a\rb\"}",
            r#"{"attachments":[]}"#,
            r#"{"attachments":[null]}"#,
            "",
        ] {
            assert_eq!(hook.says(body).0, 400, "{body:?}");
        }
        assert_eq!(
            hook.sends("application/x-www-form-urlencoded", "a=b").0,
            400
        );
    }

    #[test]
    fn a_webhook_that_is_hardly_json_is_read_all_the_same() {
        let mut hook = Hook::new();
        for (body, text) in [
            ("{\"text\":\"a\nb\\\"\tc\"}", "a\nb\"\tc"),
            (r#"{"text":"first"}{"text":"second"}"#, "first"),
            (r#"{"text":"first"} and more"#, "first"),
            (r#"{"Text":"any case"}"#, "any case"),
            (
                r#"{"text":"half \ud83d of \ud83d\ude00"}"#,
                "half \u{fffd} of 😀",
            ),
            (r#"{"text":"no \\ud83d escape"}"#, r"no \ud83d escape"),
        ] {
            let (status, post) = hook.says(body);
            assert_eq!((status, &post["message"]), (200, &json!(text)), "{body:?}");
        }
        let (status, post) = hook.says("{\"attachments\":[{\"title\":\"a\nb\"}]}");
        let title = &post["props"]["attachments"][0]["title"];
        assert_eq!((status, title), (200, &json!("a\nb")));
        let parts =
            "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nin parts\r\n--x--\r\n";
        let (status, post) = hook.sends("multipart/form-data; boundary=x", parts);
        assert_eq!((status, &post["message"]), (200, &json!("in parts")));
    }

    #[test]
    fn a_post_keeps_of_its_attachments_what_can_be_one() {
        let mut stand = Stand::new();
        let channel = stand.channel("dev");
        for (attachments, kept) in [
            (json!([{"text": "a", "fields": [{"short": 1}]}]), None),
            (json!([null, "str", {"text": "a"}]), Some(2)),
            (json!({"text": "a"}), None),
        ] {
            let props = json!({"attachments": attachments});
            let post = json!({"channel_id": channel, "message": "m", "props": props});
            let (status, post) = stand.ask("bot", "POST", "/posts", post);
            let got = &post["props"]["attachments"];
            assert_eq!(status, 201);
            assert_eq!(got.as_array().map(Vec::len), kept, "{attachments}: {got}");
        }
        let post = stand.says("ann", "see `#code` and #ab");
        assert_eq!(post["hashtags"], "#code #ab");
    }

    #[test]
    fn posts_are_as_long_as_the_server_allows() {
        let mut hook = Hook::new();
        hook.stand.world.set_max_post_size(5);
        let config = hook.stand.ask("bot", "GET", "/config/client", json!({})).1;
        assert_eq!(config["MaxPostSize"], "5");
        let bare = Request::get("/api/v4/config/client").body(Bytes::new());
        let (_, bare) = done(hook.stand.world.request(1, bare.unwrap()));
        assert!(bare.get("MaxPostSize").is_none(), "only with a login");
        let said = hook.stand.says("ann", "äöüßé");
        let id = said["id"].as_str().unwrap().to_owned();
        let refused = hook.stand.says("ann", "äöüßé!");
        let long = "model.post.is_valid.message_length.app_error";
        assert_eq!(refused["id"], long);
        let patch = json!({"message": "123456"});
        let path = format!("/posts/{id}/patch");
        assert_eq!(hook.stand.ask("ann", "PUT", &path, patch).1["id"], long);
        let (_, last) = hook.says(r#"{"text":"1234567"}"#);
        assert_eq!(last["message"], "67", "webhooks' posts are split");
    }

    #[test]
    fn a_team_cannot_be_called_as_the_servers_own_pages() {
        let mut stand = Stand::new();
        for (name, status) in [("helpdesk", 400), ("apiary", 400), ("desk", 201)] {
            let team = json!({"name": name, "display_name": name, "type": "O"});
            assert_eq!(
                stand.ask("admin", "POST", "/teams", team).0,
                status,
                "{name}"
            );
        }
    }
}
