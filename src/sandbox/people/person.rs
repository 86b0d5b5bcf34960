//! The verbs of a person.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::seed::{TEAM, password};
use super::dialog::Form;
use super::ears::Ears;
use super::line::{Answer, Line};
use super::sight::{self, Control, Sight};

/// How long a person waits for something to appear.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks again without having heard anything.
const GLANCE: Duration = Duration::from_millis(100);

/// Where a person is.
#[derive(Debug, Clone)]
enum Place {
    Channel(String),
    Direct(String),
}

/// Somebody who is logged in. Clones share login and WebSocket; each is in one place.
#[derive(Debug, Clone)]
pub struct Person {
    name: String,
    id: String,
    place: Place,
    pub(super) line: Line,
    ears: Arc<Ears>,
}

impl Person {
    /// Logs `name` in at the sandbox with this address, in `town-square`.
    ///
    /// # Panics
    /// If the name is unknown or nobody answers there.
    pub async fn arrives(url: &str, name: &str) -> Self {
        let (line, id) = Line::open(url, name, &password(name)).await;
        let ears = Arc::new(Ears::open(&line).await);
        Self {
            name: name.to_owned(),
            id,
            place: Place::Channel("town-square".to_owned()),
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

    /// Its user id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Posts in the current place.
    pub async fn says(&self, text: &str) -> Sight {
        self.posts(text, "").await
    }

    /// Answers in a post's thread.
    pub async fn replies(&self, post: &Sight, text: &str) -> Sight {
        self.posts(text, post.root()).await
    }

    async fn posts(&self, text: &str, root_id: &str) -> Sight {
        let body = json!({
            "channel_id": self.channel_id().await, "message": text, "root_id": root_id,
        });
        let answer = self.line.ask("POST", "/posts", body).await;
        self.insist(&format!("say {text:?}"), &answer, 201).await;
        Sight::new(answer.body, false)
    }

    /// Changes the text of its own post.
    pub async fn edits(&self, post: &Sight, text: &str) {
        let path = format!("/posts/{}/patch", post.id);
        let answer = self.line.ask("PUT", &path, json!({"message": text})).await;
        self.insist("edit a post", &answer, 200).await;
    }

    /// Deletes its own post.
    pub async fn deletes(&self, post: &Sight) {
        let path = format!("/posts/{}", post.id);
        let answer = self.line.ask("DELETE", &path, Value::Null).await;
        self.insist("delete a post", &answer, 200).await;
    }

    /// Puts an emoji under a post.
    pub async fn reacts(&self, post: &Sight, emoji: &str) {
        let body = json!({"user_id": self.id, "post_id": post.id, "emoji_name": emoji});
        let answer = self.line.ask("POST", "/reactions", body).await;
        self.insist("react", &answer, 200).await;
    }

    /// Types a slash command, with its slash; fails if Mattermost shows an error for it.
    pub async fn slash(&self, line: &str) -> Value {
        let answer = self.tries_slash(line, "").await;
        self.insist(&format!("type {line}"), &answer, 200).await;
        answer.body
    }

    /// Types a slash command in a thread (or, with an empty `root_id`, outside), come what may.
    pub async fn tries_slash(&self, line: &str, root_id: &str) -> Answer {
        let body = json!({
            "channel_id": self.channel_id().await, "team_id": self.team_id().await,
            "command": line, "root_id": root_id,
        });
        self.line.ask("POST", "/commands/execute", body).await
    }

    /// Clicks the newest visible button with this label, waiting until there is one.
    pub async fn click(&self, label: &str) {
        let answer = self.tries_click(label).await;
        self.insist(&format!("click {label:?}"), &answer, 200).await;
    }

    /// The same, come what may.
    pub async fn tries_click(&self, label: &str) -> Answer {
        let control = self.finds(label, false, None).await;
        self.presses(&control, None).await
    }

    /// Clicks a button of this very post.
    pub async fn click_on(&self, post: &Sight, label: &str) {
        let control = self.finds(label, false, Some(&post.id)).await;
        let answer = self.presses(&control, None).await;
        self.insist(&format!("click {label:?}"), &answer, 200).await;
    }

    /// Chooses in the newest visible menu of this name: an option by what is shown, in menus fed
    /// by the server `@user` or `~channel`.
    pub async fn chooses(&self, menu: &str, option: &str) {
        let control = self.finds(menu, true, None).await;
        let offered = control.options.iter().find(|(shown, _)| shown == option);
        let value = match (offered, option.strip_prefix('@'), option.strip_prefix('~')) {
            (Some((_, value)), ..) => value.clone(),
            (_, Some(user), _) => self.user_id(user).await,
            (_, _, Some(channel)) => self.in_channel(channel).channel_id().await,
            _ => self.fail(&format!("{menu:?} offers no {option:?}")).await,
        };
        let answer = self.presses(&control, Some(&value)).await;
        self.insist(&format!("choose {option:?}"), &answer, 200)
            .await;
    }

    /// Presses a control with any value, as a client that cheats could.
    pub async fn presses(&self, control: &Control, value: Option<&str>) -> Answer {
        let body = json!({"selected_option": value, "cookie": control.cookie});
        let path = format!("/posts/{}/actions/{}", control.post_id, control.action_id);
        self.line.ask("POST", &path, body).await
    }

    /// The newest visible control with this label, waiting until there is one.
    pub async fn finds(&self, label: &str, menu: bool, post_id: Option<&str>) -> Control {
        let found = self.waits(|seen| {
            let posts = seen
                .iter()
                .rev()
                .filter(|one| post_id.is_none_or(|id| one.id == id));
            posts.filter_map(|one| one.control(label, menu)).next()
        });
        match found.await {
            Some(control) => control,
            None => self.fail(&format!("there is no {label:?} to press")).await,
        }
    }

    /// Waits until a visible post or whisper contains `text`; gives back the newest.
    pub async fn sees(&self, text: &str) -> Sight {
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
    }

    /// Fails if a visible post or whisper contains `text` now.
    pub async fn sees_no(&self, text: &str) {
        let seen = self.looks().await;
        if seen.iter().any(|one| one.text().contains(text)) {
            self.fail::<()>(&format!("{text:?} is there")).await;
        }
    }

    /// The newest whisper in the current place, waiting until there is one.
    pub async fn whisper(&self) -> String {
        let found = self.waits(|seen| seen.iter().rev().find(|one| one.whisper).map(Sight::text));
        match found.await {
            Some(text) => text,
            None => self.fail("nobody whispered").await,
        }
    }

    /// The oldest dialog that opened and wasn't taken yet, waiting until there is one.
    pub async fn dialog(&self) -> Form {
        let found = self.waits(|_| self.ears.dialog()).await;
        let opened = match found {
            Some(opened) => opened,
            None => self.fail("no dialog opened").await,
        };
        let (channel_id, team_id) = (self.channel_id().await, self.team_id().await);
        Form::new(self.line.clone(), &opened, channel_id, team_id)
    }

    /// What is in the current place, oldest first: its newest 200 posts, and whispers.
    pub async fn looks(&self) -> Vec<Sight> {
        let channel_id = self.channel_id().await;
        let path = format!("/channels/{channel_id}/posts?per_page=200");
        let page = self.line.ask("GET", &path, Value::Null).await.body;
        sight::in_channel(&page, &self.ears.whispers(), &channel_id)
    }

    /// The same as text.
    pub async fn reads(&self) -> String {
        let seen = self.looks().await;
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
    }

    /// Looks whenever something happens until `find` finds something.
    async fn waits<T>(&self, find: impl Fn(&[Sight]) -> Option<T>) -> Option<T> {
        let end = Instant::now() + PATIENCE;
        let mut news = self.ears.news();
        loop {
            news.mark_unchanged();
            if let Some(found) = find(&self.looks().await) {
                return Some(found);
            }
            if Instant::now() > end {
                return None;
            }
            let _ = tokio::time::timeout(GLANCE, news.changed()).await;
        }
    }

    async fn insist(&self, what: &str, answer: &Answer, status: u16) {
        if answer.status != status {
            let why = format!("couldn't {what}: {} {}", answer.status, answer.body);
            self.fail::<()>(&why).await;
        }
    }

    async fn fail<T>(&self, why: &str) -> T {
        let transcript = self.reads().await;
        panic!(
            "{} {why} in {:?}, which reads:\n{transcript}",
            self.name, self.place
        );
    }

    /// The id of the channel where the person is.
    pub async fn channel_id(&self) -> String {
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
        id.unwrap_or_else(|| panic!("no channel {:?}: {}", self.place, answer.body))
            .to_owned()
    }

    async fn team_id(&self) -> String {
        let answer = self
            .line
            .ask("GET", &format!("/teams/name/{TEAM}"), Value::Null)
            .await;
        answer.body["id"].as_str().unwrap_or("").to_owned()
    }

    async fn user_id(&self, name: &str) -> String {
        let answer = self
            .line
            .ask("GET", &format!("/users/username/{name}"), Value::Null)
            .await;
        let id = answer.body["id"].as_str();
        id.unwrap_or_else(|| panic!("nobody is called {name}"))
            .to_owned()
    }
}
