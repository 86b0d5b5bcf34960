//! What the page complains about in the browser's console.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::json;
use url::{ParseError, Url};

/// Chromium's own command: the console since it was asked last.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}

/// Errors of scripts and what the Content-Security-Policy stopped. Requests that were refused or
/// got no answer are left out: the tests let them fail.
pub async fn complaints(client: &Client) -> Vec<String> {
    let entries = client.issue_cmd(Log).await.unwrap();
    let entries = entries.as_array().unwrap().iter();
    entries
        .filter(|entry| entry["source"] != "network")
        .map(ToString::to_string)
        .collect()
}
