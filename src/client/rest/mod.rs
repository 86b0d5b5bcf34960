//! Typed calls of Mattermost's REST API, over any [`Wire`].
//!
//! Nothing is tried twice here: [`RestError::retry`] tells the caller what may be. Calls that read
//! wait for the shared rate [`Budget`]; calls that write don't, because their caller (who keeps
//! posts in order) asks the budget itself.

mod channels;
mod coming;
mod descent;
mod entries;
mod hooks;
mod lists;
mod lookback;
mod places;
mod posts;
mod server;
mod users;
mod walk;

pub use channels::MyChannels;
pub use lookback::Lookback;
pub use walk::{Position, Stretch};

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::base::Base;
use super::budget::Budget;
use super::clocks::Clocks;
use super::error::RestError;
use super::foreign::is_own_success;
use super::troubles::{CallKind, Troubles};
use super::wire::Wire;
use crate::model::allowed::Allowed;
use crate::model::ids::Millis;
use crate::model::json::without_nul;
use crate::time::Time;

/// Entries a page: the most that Mattermost gives.
pub(super) use crate::model::limits::PER_PAGE;

/// One account's way to call Mattermost. Cheap to clone.
#[derive(Clone)]
pub struct Rest(Arc<Inner>);

struct Inner {
    wire: Arc<dyn Wire>,
    base: Base,
    token: Option<SecretString>,
    budget: Budget,
    troubles: Troubles,
    clocks: Clocks,
    /// What the server calls itself, once it is known: `response_url`s begin with it.
    site: OnceLock<Base>,
    /// How long texts may be for it.
    allowed: Mutex<Allowed>,
}

impl Rest {
    /// Calls the server at `base` with the bot's token. Without a token only calls that need none
    /// succeed: dialogs, `response_url`s, webhooks and the client config.
    pub fn new(wire: Arc<dyn Wire>, base: Base, token: Option<SecretString>) -> Self {
        Self::with_budget(wire, base, token, Budget::default())
    }

    /// The same with another rate than 10 a second.
    pub fn with_budget(
        wire: Arc<dyn Wire>,
        base: Base,
        token: Option<SecretString>,
        budget: Budget,
    ) -> Self {
        Self(Arc::new(Inner {
            wire,
            base,
            token,
            budget,
            troubles: Troubles::default(),
            clocks: Clocks::default(),
            site: OnceLock::new(),
            allowed: Mutex::default(),
        }))
    }

    /// Where the server is.
    pub fn base(&self) -> &Base {
        &self.0.base
    }

    /// The rate budget of all calls.
    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// What keeps calls from Mattermost at this moment, a sentence each: a proxy's pages, a refused
    /// token, no connection.
    pub fn problems(&self) -> Vec<String> {
        self.0.troubles.sentences()
    }

    /// Mattermost's time when ours is `now`, as far as its answers have told.
    pub fn server_time(&self, now: Millis) -> Millis {
        Millis(now.0.saturating_add(self.0.clocks.ahead()))
    }

    /// A sentence where the two clocks differ by more than a minute.
    pub fn clock_problem(&self) -> Option<String> {
        self.0.clocks.sentence()
    }

    /// Reads: waits for the budget.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RestError> {
        decode(path, &self.get_bytes(path).await?)
    }

    async fn get_bytes(&self, path: &str) -> Result<Bytes, RestError> {
        self.0.budget.wait().await;
        let request = self.request(Method::GET, self.0.base.join(path)?, Bytes::new(), true);
        self.call(request).await
    }

    /// Writes JSON and reads JSON.
    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, RestError> {
        decode(path, &self.send_bytes(method, path, body).await?)
    }

    async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Bytes, RestError> {
        let request = self.request(method, self.0.base.join(path)?, encode(body)?, true);
        self.call(request).await
    }

    /// Writes JSON without the token.
    async fn send_openly(&self, uri: Uri, body: &impl Serialize) -> Result<Bytes, RestError> {
        let request = self.request(Method::POST, uri, encode(body)?, false);
        self.call(request).await
    }

    fn request(&self, method: Method, uri: Uri, body: Bytes, with_token: bool) -> Request<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let json = HeaderValue::from_static("application/json");
        let has_body = !request.body().is_empty();
        let headers = request.headers_mut();
        if has_body {
            headers.insert(CONTENT_TYPE, json.clone());
        }
        headers.insert(ACCEPT, json);
        if let Some(token) = self.0.token.as_ref().filter(|_| with_token) {
            headers.insert(AUTHORIZATION, bearer(token));
        }
        request
    }

    async fn call(&self, request: Request<Bytes>) -> Result<Bytes, RestError> {
        let uri = request.uri().clone();
        let with_token = request.headers().contains_key(AUTHORIZATION);
        let kind = CallKind::of(request.method(), &uri, with_token);
        let call = self.0.troubles.call(kind);
        let answer = self.answer(&uri, request).await;
        call.ended(answer.as_ref().err());
        answer
    }

    async fn answer(&self, uri: &Uri, request: Request<Bytes>) -> Result<Bytes, RestError> {
        let answer = self.0.wire.request(request).await;
        let answer = answer.map_err(|error| RestError::of_wire(uri, error));
        let (head, body) = answer?.into_parts();
        self.0.budget.learn(head.status, &head.headers);
        if head.status.is_success() && is_own_success(&body) {
            self.0.clocks.learn(&head.headers, Time::wall().now());
            return Ok(body);
        }
        Err(RestError::of_answer(uri, head.status, &head.headers, &body))
    }
}

/// The authentication's header. A text that can't be in a header is no token: it is left out, and
/// the server says 401.
pub(super) fn bearer(token: &SecretString) -> HeaderValue {
    let text = format!("Bearer {}", token.expose_secret().trim());
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}

fn encode(body: &impl Serialize) -> Result<Bytes, RestError> {
    // Only a map whose keys are no strings can fail, and the model has none.
    let bytes = without_nul(body).map_err(|error| RestError::NotSent(error.to_string()))?;
    Ok(bytes.into())
}

/// What a call to this path was answered with.
fn decode<T: DeserializeOwned>(path: &str, body: &[u8]) -> Result<T, RestError> {
    serde_json::from_slice(body).map_err(|error| malformed(path, &error))
}

/// What came isn't what this path answers: another than Mattermost's, or another version's.
fn malformed(path: &str, error: &dyn fmt::Display) -> RestError {
    RestError::Malformed(format!(
        "{}: {error}",
        path.split('?').next().unwrap_or(path)
    ))
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("base", &self.0.base)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
