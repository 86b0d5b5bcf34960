//! What a person sees: posts, whispers, dialogs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dialog::{Form, Outcome};
use super::here::here;
use super::sight::{self, Sight};
use super::user::User;

impl User {
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
            let found = self.waits(|_| self.listener.dialog()).await;
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
        sight::in_channel(&page, &self.listener.whispers(), &channel_id)
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
}
