//! Health and metrics.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix::Recipient;
use bytes::Bytes;
use futures_util::future::join_all;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use super::condition::{Condition, Progress};
use crate::actors::Said;
use crate::actors::messages::Probe;
use crate::client::rest::Rest;
use crate::store::Watched;
use crate::telemetry::names;
use crate::time::timeout;
use crate::turns::Workshop;

/// How long a part may take to say how it is before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(2);

/// What admins look at: never on the hooks' port, with a worker of its own.
#[derive(Clone)]
pub struct Admin {
    /// What runs; empty until Mattermost has been reached for the first time.
    pub running: Arc<OnceLock<Inspected>>,
    /// Set when the program begins to end.
    pub draining: Arc<AtomicBool>,
    /// Tried by a write, and asked what failed last.
    pub store: Arc<Watched>,
    /// Asked who answers in Mattermost's place.
    pub rest: Rest,
    /// The counters.
    pub metrics: PrometheusHandle,
    /// The program's version.
    pub version: &'static str,
}

/// What there is to look at once the actors run.
pub struct Inspected {
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
            "/health/live" => verdict(self.condition().await.hanging()),
            "/health/ready" => verdict(self.condition().await.not_ready()),
            "/metrics" => self.metrics().await,
            _ => text(
                StatusCode::NOT_FOUND,
                "/health, /health/live, /health/ready, /metrics\n".into(),
            ),
        }
    }

    /// Everything, for people, dashboards and alerts: 503 while there is a problem.
    async fn health(&self) -> Response<Bytes> {
        let condition = self.condition().await;
        let store = self.store_troubles().await;
        let problems = self.problems(&condition, &store);
        let well = problems.is_empty();
        let blocked = self.running.get().map(|running| running.workshop.blocked());
        let body = json!({
            "status": if well { "ok" } else { "failing" },
            "version": self.version,
            "problems": problems,
            "last_event_age_ms": condition.last_event_ms(),
            "parts": condition.shown(),
            "store": { "ok": store.is_empty() },
            "skills": { "blocked_threads": blocked },
        });
        let status = if well {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let mut page = text(status, format!("{body:#}\n"));
        page.headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        page
    }

    async fn metrics(&self) -> Response<Bytes> {
        let (condition, store) = (self.condition().await, self.store_troubles().await);
        self.problems(&condition, &store);
        self.metrics.run_upkeep();
        let mut page = text(StatusCode::OK, self.metrics.render());
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        page.headers_mut().insert(CONTENT_TYPE, kind);
        page
    }

    /// What is wrong, a sentence each: with the parts, the store, and the way to Mattermost.
    fn problems(&self, condition: &Condition, store: &[String]) -> Vec<String> {
        let mut problems = condition.problems();
        problems.extend_from_slice(store);
        problems.extend(self.rest.problems());
        problems.extend(self.rest.clock_problem());
        metrics::gauge!(names::PROBLEMS).set(problems.len() as f64);
        problems
    }

    async fn condition(&self) -> Condition {
        let standing = match (self.running.get(), self.draining.load(Ordering::Relaxed)) {
            (_, true) => Progress::Draining,
            (None, false) => Progress::Starting,
            (Some(_), false) => Progress::Running,
        };
        Condition {
            standing,
            parts: self.probe().await,
        }
    }

    async fn probe(&self) -> Vec<(&'static str, Option<Said>)> {
        let ask = |(name, part): &(&'static str, Recipient<Probe>)| {
            let (name, answer) = (*name, part.send(Probe));
            async move {
                let said = timeout(PATIENCE, answer).await;
                (name, said.ok().and_then(Result::ok))
            }
        };
        let parts = self.running.get().map(|running| &running.parts);
        join_all(parts.into_iter().flatten().map(ask)).await
    }

    async fn store_troubles(&self) -> Vec<String> {
        let troubles = timeout(PATIENCE, self.store.troubles()).await;
        troubles.unwrap_or_else(|_| vec!["the store takes too long".into()])
    }
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
