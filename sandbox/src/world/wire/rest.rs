//! From bytes to a question that handlers understand, and from their reply to bytes.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::calls::{CallFailure, Heard};
use super::errors::Refusal;
use crate::world::World;

/// REST bodies above this many bytes are refused (`MaximumPayloadSizeBytes`); uploads excepted.
pub const MAX_BODY: usize = 300_000;

/// What a handler gives back.
pub type Replied = Result<Reply, Refusal>;

/// What a handler wants done.
#[derive(Debug)]
pub enum Reply {
    /// A JSON body with this status.
    Json(u16, Value),
    /// Plain text with status 200, as hooks answer.
    Text(&'static str),
    /// 200 with a JSON body and a header of its own.
    Headed(&'static str, String, Value),
    /// A file's bytes.
    File(String, Bytes),
    /// An integration must be asked first; [`Then`] says how to go on.
    Call(Box<http::Request<Bytes>>, Then),
}

type GoesOn = dyn FnOnce(&mut World, i64, Result<Heard, CallFailure>) -> Replied + Send;

/// How to go on once an integration has answered, or hasn't.
pub struct Then(Box<GoesOn>);

impl Then {
    /// Goes on so, at that time.
    pub fn new(
        go_on: impl FnOnce(&mut World, i64, Result<Heard, CallFailure>) -> Replied + Send + 'static,
    ) -> Self {
        Self(Box::new(go_on))
    }

    /// Goes on.
    pub fn go_on(self, world: &mut World, now: i64, heard: Result<Heard, CallFailure>) -> Replied {
        (self.0)(world, now, heard)
    }
}

impl std::fmt::Debug for Then {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Then")
    }
}

impl Reply {
    /// 200 with a JSON body.
    pub fn ok(body: Value) -> Replied {
        Ok(Self::Json(200, body))
    }

    /// 201 with a JSON body.
    pub fn created(body: Value) -> Replied {
        Ok(Self::Json(201, body))
    }

    /// 200 `{"status":"OK"}`.
    pub fn done() -> Replied {
        Self::ok(json!({"status": "OK"}))
    }
}

/// One REST request, taken apart.
#[derive(Debug)]
pub struct Question {
    /// Milliseconds since 1970.
    pub now: i64,
    /// GET, POST, PUT or DELETE.
    pub method: Method,
    /// The path as it came.
    pub path: String,
    /// The path's parts after `/api/v4` (or from the start, outside of the API).
    pub parts: Vec<String>,
    /// Decoded query parameters in order.
    pub query: Vec<(String, String)>,
    /// The `Host` header.
    pub host: String,
    /// The content type without parameters, in lower case.
    pub content_type: String,
    /// The token in `Authorization: Bearer`.
    pub token: Option<String>,
    /// Whose token it is; none without a valid one.
    pub who: Option<String>,
    pub body: Bytes,
}

impl Question {
    /// The body as JSON, `{}` where it is empty: some requests may leave it out.
    pub fn object_or_empty(&self, what: &str) -> Result<serde_json::Map<String, Value>, Refusal> {
        if self.body.is_empty() {
            Ok(serde_json::Map::new())
        } else {
            self.object(what)
        }
    }

    /// Takes a request apart; `who` is filled in by the world.
    pub fn new(now: i64, request: http::Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let inner = path.strip_prefix("/api/v4").unwrap_or(&path);
        let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok());
        let content_type = header("content-type").unwrap_or("");
        Self {
            now,
            parts: inner.split('/').skip(1).map(decoded).collect(),
            query: pairs(head.uri.query().unwrap_or("").as_bytes()),
            content_type: content_type
                .split(';')
                .next()
                .unwrap_or("")
                .trim()
                .to_ascii_lowercase(),
            host: header("host").unwrap_or("").to_owned(),
            token: header("authorization").and_then(bearer),
            who: None,
            method: head.method,
            path,
            body,
        }
    }

    /// The path's parts as string slices, for matching.
    pub fn parts(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    /// A query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A numeric query parameter.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.param(name)?.parse().ok()
    }

    /// `page` and `per_page` (60 by default, 200 at most) as a start and a length.
    pub fn page(&self) -> (usize, usize) {
        let per = self.number("per_page").unwrap_or(60).clamp(0, 200) as usize;
        let page = self.number("page").unwrap_or(0).max(0) as usize;
        (page * per, per)
    }

    /// Who asks, or 401.
    pub fn me(&self) -> Result<&str, Refusal> {
        let known = self.who.as_deref();
        known.ok_or_else(|| Refusal::session(self.token.as_deref()))
    }

    /// The body as a JSON object, or 400 that names `what` was expected.
    pub fn object(&self, what: &str) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(Refusal::body(what)),
            Err(error) => Err(Refusal::body(what).because(error.to_string())),
        }
    }

    /// The body as a list of strings, or 400.
    pub fn strings(&self, what: &str) -> Result<Vec<String>, Refusal> {
        serde_json::from_slice(&self.body).map_err(|_| Refusal::body(what))
    }
}

/// A string field of an object, empty where it is missing.
pub fn text(map: &Map<String, Value>, key: &str) -> String {
    map.get(key).and_then(Value::as_str).unwrap_or("").into()
}

/// A list of strings in an object, empty where it is missing.
pub fn texts(map: &Map<String, Value>, key: &str) -> Vec<String> {
    let list = map.get(key).and_then(Value::as_array);
    let strings = list.into_iter().flatten().filter_map(Value::as_str);
    strings.map(str::to_owned).collect()
}

/// A boolean field of an object, false where it is missing.
pub fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Decoded pairs of a query or form.
pub fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// An HTTP response with a JSON body; every answer of the server carries its version.
pub fn response(
    status: u16,
    content_type: &str,
    (version, request_id): (&str, &str),
    body: Bytes,
) -> Response<Bytes> {
    let mut response = bare(status, body);
    for (name, value) in [
        ("content-type", content_type),
        ("x-request-id", request_id),
        ("x-version-id", version),
    ] {
        // What can't be in a header isn't ours to say.
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The same from the router itself: without the marks of a handler.
pub fn stray(status: u16, body: Bytes) -> Response<Bytes> {
    let mut response = bare(status, body);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    response
}

fn bare(status: u16, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}

fn bearer(value: &str) -> Option<String> {
    let (scheme, token) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    known.then(|| token.trim().to_owned())
}

fn decoded(part: &str) -> String {
    // A path keeps its `+`; only the percent signs are decoded.
    let part = part.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(part.as_bytes());
    pairs
        .next()
        .map(|(key, _)| key.into_owned())
        .unwrap_or_default()
}
