//! Health and metrics.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix::Recipient;
use bytes::Bytes;
use futures_util::future::join_all;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Map, Value, json};

use crate::actors::messages::Probe;
use crate::actors::workshop::Workshop;
use crate::store::Store;
use crate::time::timeout;

/// How long a part may take to say how it is before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(2);

/// What admins look at: never on the hooks' port, with a worker of its own.
#[derive(Clone)]
pub struct Admin {
    /// What runs; empty until Mattermost has been reached for the first time.
    pub running: Arc<OnceLock<Running>>,
    /// Probed by a write.
    pub store: Arc<dyn Store>,
    /// The counters.
    pub metrics: PrometheusHandle,
    /// The program's version.
    pub version: &'static str,
}

/// What there is to look at once the actors run.
pub struct Running {
    /// Parts to probe, by name. A part that doesn't answer hangs.
    pub parts: Vec<(&'static str, Recipient<Probe>)>,
    /// Where author code runs.
    pub workshop: Workshop,
}

impl Admin {
    /// Answers any request to the admin's listener.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".into());
        }
        match request.uri().path() {
            "/health" => self.health().await,
            "/health/live" => self.live().await,
            "/health/ready" => self.ready().await,
            "/metrics" => {
                self.metrics.run_upkeep();
                let mut page = text(StatusCode::OK, self.metrics.render());
                let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                page.headers_mut().insert(CONTENT_TYPE, kind);
                page
            }
            _ => text(
                StatusCode::NOT_FOUND,
                "/health, /health/live, /health/ready, /metrics\n".into(),
            ),
        }
    }

    /// Everything, for people and for dashboards.
    async fn health(&self) -> Response<Bytes> {
        let parts = self.probe().await;
        let store = self.store_state().await;
        let problems = self.problems(&parts, &store);
        let ready = problems.is_empty();
        let blocked = self.running.get().map(|running| running.workshop.blocked());
        let body = json!({
            "status": if ready { "ok" } else { "failing" },
            "version": self.version,
            "problems": problems,
            "last_event_age_ms": last_event(&parts),
            "parts": parts,
            "store": store,
            "skills": { "blocked_threads": blocked },
        });
        let status = if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let mut page = text(status, format!("{body:#}\n"));
        page.headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        page
    }

    /// Whether the process should go on: no part hangs.
    async fn live(&self) -> Response<Bytes> {
        let parts = self.probe().await;
        let hanging = parts.iter().filter(|(_, state)| state.is_null());
        verdict(hanging.map(|(name, _)| format!("{name} {HANGS}")).collect())
    }

    /// Whether it does its work: connected, and the store takes writes.
    async fn ready(&self) -> Response<Bytes> {
        let parts = self.probe().await;
        verdict(self.problems(&parts, &self.store_state().await))
    }

    /// What is wrong, a sentence each.
    fn problems(&self, parts: &Map<String, Value>, store: &Value) -> Vec<String> {
        let waits = self.running.get().is_none();
        let waits = waits.then(|| "starting: waiting for Mattermost to answer".to_owned());
        waits.into_iter().chain(problems(parts, store)).collect()
    }

    async fn probe(&self) -> Map<String, Value> {
        let ask = |(name, part): &(&'static str, Recipient<Probe>)| {
            let (name, answer) = (*name, part.send(Probe));
            async move {
                (
                    name.to_owned(),
                    timeout(PATIENCE, answer).await.ok().and_then(Result::ok),
                )
            }
        };
        let parts = self.running.get().map(|running| &running.parts);
        let answers = join_all(parts.into_iter().flatten().map(ask)).await;
        answers
            .into_iter()
            .map(|(name, state)| (name, state.unwrap_or(Value::Null)))
            .collect()
    }

    async fn store_state(&self) -> Value {
        match timeout(PATIENCE, self.store.probe()).await {
            Ok(Ok(())) => json!({ "ok": true }),
            Ok(Err(error)) => json!({ "ok": false, "error": error.to_string() }),
            Err(_) => json!({ "ok": false, "error": "it takes too long" }),
        }
    }
}

const HANGS: &str = "doesn't answer";

/// How long ago anything came from Mattermost, by either way.
fn last_event(parts: &Map<String, Value>) -> Option<u64> {
    let ways = ["intake", "webhooks"].into_iter();
    let ages = ways.filter_map(|name| parts.get(name)?["last_event_ms"].as_u64());
    ages.min()
}

fn problems(parts: &Map<String, Value>, store: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, state) in parts {
        if state.is_null() {
            found.push(format!("{name} {HANGS}"));
        } else if state["connected"] == false {
            let why = state["last_error"].as_str().unwrap_or("no connection yet");
            found.push(format!("{name} is not connected: {why}"));
        }
    }
    if store["ok"] == false {
        found.push(format!(
            "store: {}",
            store["error"].as_str().unwrap_or_default()
        ));
    }
    found
}

fn verdict(problems: Vec<String>) -> Response<Bytes> {
    if problems.is_empty() {
        return text(StatusCode::OK, "ok\n".into());
    }
    text(StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n")
}

fn text(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
