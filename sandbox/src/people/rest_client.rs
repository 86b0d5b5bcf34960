//! A person's REST requests.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::reach::{Frames, Reach};

/// How the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status; 0 where none came.
    pub status: u16,
    /// The body as JSON.
    pub body: Value,
}

/// A login.
#[derive(Debug, Clone)]
pub(super) struct RestClient {
    reach: Arc<dyn Reach>,
    token: String,
}

impl RestClient {
    /// Logs `name` in; gives back its user id as well.
    pub async fn open(reach: Arc<dyn Reach>, name: &str, password: &str) -> (Self, String) {
        let body = json!({"login_id": name, "password": password}).to_string();
        let request = Request::post("/api/v4/users/login").body(Bytes::from(body));
        let request = request.unwrap_or_else(|error| panic!("{name} can't log in: {error}"));
        let Some(response) = reach.request(request).await else {
            panic!("{name} can't log in: nobody answers");
        };
        let text = String::from_utf8_lossy(response.body()).into_owned();
        let header = response.headers().get("token");
        let token = header.and_then(|token| Some(token.to_str().ok()?.to_owned()));
        let token = token.unwrap_or_else(|| panic!("{name} can't log in: {text}"));
        let user: Value = serde_json::from_str(&text).unwrap_or_default();
        let line = Self { reach, token };
        (line, user["id"].as_str().unwrap_or("").to_owned())
    }

    /// One request below `/api/v4`; a body of `null` is left out.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v4{path}"))
            .header("authorization", format!("Bearer {}", self.token));
        let request = match body {
            Value::Null => request.body(Bytes::new()),
            body => request
                .header("content-type", "application/json")
                .body(Bytes::from(body.to_string())),
        };
        let request = request.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let Some(response) = self.reach.request(request).await else {
            return Answer {
                status: 0,
                body: Value::Null,
            };
        };
        let text = String::from_utf8_lossy(response.body()).into_owned();
        Answer {
            status: response.status().as_u16(),
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    /// Opens a WebSocket; none where it can't be opened.
    pub async fn listen(&self) -> Option<Frames> {
        self.reach.listen(&self.token).await
    }
}
