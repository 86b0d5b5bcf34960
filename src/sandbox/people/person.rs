//! Who a person is, where it is, and what it sees.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::seed::{TEAM, password};
use super::dialog::{Form, Outcome};
use super::ears::Ears;
use super::failing::here;
use super::line::{Answer, Line};
use super::reach::{Reach, Sockets};
use super::sight::{self, Sight};

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
pub struct Person {
    pub(super) name: String,
    id: String,
    pub(super) place: Place,
    pub(super) patience: Duration,
    pub(super) line: Line,
    pub(super) ears: Arc<Ears>,
}

impl Person {
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
        let (line, id) = Line::open(reach, name, &password(name)).await;
        let ears = Arc::new(Ears::open(&line).await);
        Self {
            name: name.to_owned(),
            id,
            place: Place::Channel("town-square".to_owned()),
            patience: PATIENCE,
            line,
            ears,
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

    /// Waits until a visible post or whisper contains `text`; gives back the newest.
    #[track_caller]
    pub fn sees(&self, text: &str) -> impl Future<Output = Sight> {
        here(async move {
            let found = self.waits(|seen| {
                seen.iter()
                    .rev()
                    .find(|one| one.text().contains(text))
                    .cloned()
            });
            match found.await {
                Some(sight) => sight,
                None => self.fail(&format!("{text:?} didn't appear")).await,
            }
        })
    }

    /// Waits until an answer in this post's thread, or a whisper there, contains `text`; gives back the newest.
    #[track_caller]
    pub fn sees_reply(&self, post: &Sight, text: &str) -> impl Future<Output = Sight> {
        here(async move {
            let found = self.waits_everywhere(|seen| {
                let mut replies = seen.iter().rev().filter(|one| one.is_reply_to(post));
                replies.find(|one| one.text().contains(text)).cloned()
            });
            match found.await {
                Some(sight) => sight,
                None => {
                    let what = post.text();
                    self.fail(&format!("{text:?} didn't appear in the thread of {what:?}"))
                        .await
                }
            }
        })
    }

    /// Waits until at least so many visible posts or whispers contain `text`; gives back how many
    /// there are then, for who fears that there are too many.
    #[track_caller]
    pub fn sees_times(&self, text: &str, times: usize) -> impl Future<Output = usize> {
        here(async move {
            let found = self.waits(|seen| {
                let count = seen.iter().filter(|one| one.text().contains(text)).count();
                (count >= times).then_some(count)
            });
            match found.await {
                Some(count) => count,
                None => {
                    self.fail(&format!("{text:?} didn't appear {times} times"))
                        .await
                }
            }
        })
    }

    /// Waits until a visible post or whisper contains `text`; fails if several do by then.
    #[track_caller]
    pub fn sees_once(&self, text: &str) -> impl Future<Output = ()> {
        here(async move {
            let count = self.sees_times(text, 1).await;
            if count > 1 {
                self.fail::<()>(&format!("{text:?} is there {count} times"))
                    .await;
            }
        })
    }

    /// Fails if a visible post or whisper contains `text` now.
    #[track_caller]
    pub fn sees_no(&self, text: &str) -> impl Future<Output = ()> {
        here(async move {
            let seen = self.looks().await;
            if seen.iter().any(|one| one.text().contains(text)) {
                self.fail::<()>(&format!("{text:?} is there")).await;
            }
        })
    }

    /// The newest whisper in the current place, waiting until there is one. What is whispered in a
    /// thread, as a click's whisper is, isn't seen here: see [`whisper_in_thread`](Self::whisper_in_thread).
    #[track_caller]
    pub fn whisper(&self) -> impl Future<Output = String> {
        here(async move {
            let found =
                self.waits(|seen| seen.iter().rev().find(|one| one.whisper).map(Sight::text));
            match found.await {
                Some(text) => text,
                None => self.fail("nobody whispered").await,
            }
        })
    }

    /// The newest whisper in this post's thread, waiting until there is one.
    #[track_caller]
    pub fn whisper_in_thread(&self, post: &Sight) -> impl Future<Output = String> {
        here(async move {
            let found = self.waits_everywhere(|seen| {
                let mut whispers = seen.iter().rev().filter(|one| one.whisper);
                let found = whispers.find(|one| one.is_reply_to(post));
                found.map(Sight::text)
            });
            match found.await {
                Some(text) => text,
                None => self.fail("nobody whispered in the thread").await,
            }
        })
    }

    /// Reads the oldest dialog that opened, which must be a message box (it has nothing to fill in),
    /// and closes it with its button.
    #[track_caller]
    pub fn message_box(&self) -> impl Future<Output = String> {
        here(async move {
            let form = self.dialog().await;
            if !form.is_message_box() {
                let title = form.title();
                self.fail::<()>(&format!("{title:?} is no message box"))
                    .await;
            }
            if let Outcome::Closed = form.submit().await {
                return form.introduction().to_owned();
            }
            self.fail("a message box didn't close").await
        })
    }

    /// The oldest dialog that opened and wasn't taken yet, waiting until there is one.
    #[track_caller]
    pub fn dialog(&self) -> impl Future<Output = Form> {
        here(async move {
            let found = self.waits(|_| self.ears.dialog()).await;
            let opened = match found {
                Some(opened) => opened,
                None => self.fail("no dialog opened").await,
            };
            let (channel_id, team_id) = (self.channel_id().await, self.team_id().await);
            Form::new(self.line.clone(), &opened, channel_id, team_id)
        })
    }

    /// What is in the current place, oldest first: its newest 200 posts, and whispers.
    #[track_caller]
    pub fn looks(&self) -> impl Future<Output = Vec<Sight>> {
        here(async move { sight::shown(&self.looks_everywhere().await) })
    }

    /// The same, and what is whispered in its threads.
    pub(super) async fn looks_everywhere(&self) -> Vec<Sight> {
        let channel_id = self.channel_id().await;
        let path = format!("/channels/{channel_id}/posts?per_page=200");
        let page = self.line.ask("GET", &path, Value::Null).await.body;
        sight::in_channel(&page, &self.ears.whispers(), &channel_id)
    }

    /// The same as text, with what is whispered in threads.
    #[track_caller]
    pub fn reads(&self) -> impl Future<Output = String> {
        here(async move {
            let seen = self.looks_everywhere().await;
            let users = self
                .line
                .ask("GET", "/users?per_page=200", Value::Null)
                .await
                .body;
            let users = users.as_array().into_iter().flatten();
            let word = |user: &Value, key: &str| user[key].as_str().unwrap_or("").to_owned();
            let names: BTreeMap<_, _> = users
                .map(|user| (word(user, "id"), word(user, "username")))
                .collect();
            sight::transcript(&seen, &names)
        })
    }

    /// Any request of the REST API, such as `("GET", "/users/me", Value::Null)`; a body of `null`
    /// is left out. It is the only verb that doesn't mind how the server answers.
    #[track_caller]
    pub fn asks(&self, method: &str, path: &str, body: Value) -> impl Future<Output = Answer> {
        here(async move {
            let answer = self.line.ask(method, path, body).await;
            self.ears.answered(&answer);
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
