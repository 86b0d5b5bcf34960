//! A person's REST requests.

use serde_json::{Value, json};

use super::super::shell::client;

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
pub(super) struct Line {
    pub url: String,
    pub token: String,
    client: reqwest::Client,
}

impl Line {
    /// Logs `name` in; gives back its user id as well.
    pub async fn open(url: &str, name: &str, password: &str) -> (Self, String) {
        let client = client().unwrap_or_else(|error| panic!("{name} has no HTTP client: {error}"));
        let body = json!({"login_id": name, "password": password}).to_string();
        let request = client.post(format!("{url}/api/v4/users/login")).body(body);
        let response = request.send().await;
        let response = response.unwrap_or_else(|error| panic!("{name} can't log in: {error}"));
        let header = response.headers().get("token").cloned();
        let text = response.text().await.unwrap_or_default();
        let user: Value = serde_json::from_str(&text).unwrap_or_default();
        let token = header.and_then(|token| Some(token.to_str().ok()?.to_owned()));
        let token = token.unwrap_or_else(|| panic!("{name} can't log in: {text}"));
        let line = Self {
            url: url.to_owned(),
            token,
            client,
        };
        (line, user["id"].as_str().unwrap_or("").to_owned())
    }

    /// One request below `/api/v4`; a body of `null` is left out.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let method = method.parse().unwrap_or_default();
        let url = format!("{}/api/v4{path}", self.url);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if !body.is_null() {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let Ok(response) = request.send().await else {
            return Answer {
                status: 0,
                body: Value::Null,
            };
        };
        let status = response.status().as_u16();
        let text = response.text().await.unwrap_or_default();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, body }
    }
}
