//! Who a person is, and where it is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::here::here;
use super::listener::Listener;
use super::reach::{Reach, Sockets};
use super::rest_client::{Answer, RestClient};
use crate::seed::{TEAM, password};

/// How long a person waits for something to appear, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a person is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Channel(String),
    Direct(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(name) => write!(f, "~{name}"),
            Self::Direct(name) => write!(f, "the direct channel with @{name}"),
        }
    }
}

/// Somebody who is logged in, with a WebSocket. Clones share both; each is in one place, at first in
/// the channel `town-square`.
///
/// What a person does ends when Mattermost has answered. What a person sees is waited for, for 10
/// seconds or as [`within`](Self::within) says; it is looked for among the newest 200 posts of
/// the place and the whispers that came since the person arrived.
///
/// # Panics
/// All verbs panic where the server refuses, or where something doesn't come in time, with a
/// transcript of the place.
#[derive(Debug, Clone)]
pub struct User {
    pub(super) name: String,
    id: String,
    pub(super) place: Place,
    pub(super) patience: Duration,
    pub(super) line: RestClient,
    pub(super) listener: Arc<Listener>,
}

impl User {
    /// Logs `name` in at the sandbox with this address, in `town-square`.
    ///
    /// # Panics
    /// If the name is unknown or nobody answers there.
    pub async fn arrives(url: &str, name: &str) -> Self {
        Self::comes_by(Arc::new(Sockets::to(url)), name).await
    }

    /// Logs `name` in at the server that is reached in this way, in `town-square`.
    ///
    /// # Panics
    /// If the name is unknown or nobody answers there.
    pub async fn comes_by(reach: Arc<dyn Reach>, name: &str) -> Self {
        let (line, id) = RestClient::open(reach, name, &password(name)).await;
        let listener = Arc::new(Listener::open(&line).await);
        Self {
            name: name.to_owned(),
            id,
            place: Place::Channel("town-square".to_owned()),
            patience: PATIENCE,
            line,
            listener,
        }
    }

    /// The same person in another channel of the team.
    pub fn in_channel(&self, name: &str) -> Self {
        let place = Place::Channel(name.to_owned());
        Self {
            place,
            ..self.clone()
        }
    }

    /// The same person in its direct channel with somebody.
    pub fn to(&self, username: &str) -> Self {
        let place = Place::Direct(username.to_owned());
        Self {
            place,
            ..self.clone()
        }
    }

    /// The same person, who waits for what should appear for at most so long.
    pub fn within(&self, patience: Duration) -> Self {
        Self {
            patience,
            ..self.clone()
        }
    }

    /// Its user id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Any request of the REST API, such as `("GET", "/users/me", Value::Null)`; a body of `null`
    /// is left out. It is the only verb that doesn't mind how the server answers.
    #[track_caller]
    pub fn asks(&self, method: &str, path: &str, body: Value) -> impl Future<Output = Answer> {
        here(async move {
            let answer = self.line.ask(method, path, body).await;
            self.listener.answered(&answer);
            answer
        })
    }

    /// The id of the channel where the person is.
    #[track_caller]
    pub fn channel_id(&self) -> impl Future<Output = String> {
        here(async move {
            let answer = match &self.place {
                Place::Channel(name) => {
                    let path = format!("/teams/{}/channels/name/{name}", self.team_id().await);
                    self.line.ask("GET", &path, Value::Null).await
                }
                Place::Direct(name) => {
                    let both = json!([self.id, self.user_id(name).await]);
                    self.line.ask("POST", "/channels/direct", both).await
                }
            };
            let id = answer.body["id"].as_str();
            id.unwrap_or_else(|| panic!("there is no {}: {}", self.place, answer.body))
                .to_owned()
        })
    }

    pub(super) async fn team_id(&self) -> String {
        let answer = self
            .line
            .ask("GET", &format!("/teams/name/{TEAM}"), Value::Null)
            .await;
        answer.body["id"].as_str().unwrap_or("").to_owned()
    }

    pub(super) async fn user_id(&self, name: &str) -> String {
        let answer = self
            .line
            .ask("GET", &format!("/users/username/{name}"), Value::Null)
            .await;
        let id = answer.body["id"].as_str();
        id.unwrap_or_else(|| panic!("nobody is called {name}"))
            .to_owned()
    }
}
