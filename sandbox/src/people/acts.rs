//! What a person does: posts, slash commands, clicks, choices.

use serde_json::{Value, json};

use super::here::here;
use super::rest_client::Answer;
use super::sight::{Control, Sight};
use super::user::User;

impl User {
    /// Posts in the current place.
    #[track_caller]
    pub fn says(&self, text: &str) -> impl Future<Output = Sight> {
        here(async move { self.posts(text, "").await })
    }

    /// Answers in a post's thread.
    #[track_caller]
    pub fn replies(&self, post: &Sight, text: &str) -> impl Future<Output = Sight> {
        here(async move { self.posts(text, post.root()).await })
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
    #[track_caller]
    pub fn edits(&self, post: &Sight, text: &str) -> impl Future<Output = ()> {
        here(async move {
            let path = format!("/posts/{}/patch", post.id);
            let answer = self.line.ask("PUT", &path, json!({"message": text})).await;
            self.insist("edit a post", &answer, 200).await;
        })
    }

    /// Deletes its own post.
    #[track_caller]
    pub fn deletes(&self, post: &Sight) -> impl Future<Output = ()> {
        here(async move {
            let path = format!("/posts/{}", post.id);
            let answer = self.line.ask("DELETE", &path, Value::Null).await;
            self.insist("delete a post", &answer, 200).await;
        })
    }

    /// Puts an emoji under a post.
    #[track_caller]
    pub fn reacts(&self, post: &Sight, emoji: &str) -> impl Future<Output = ()> {
        here(async move {
            let body = json!({"user_id": self.id(), "post_id": post.id, "emoji_name": emoji});
            let answer = self.line.ask("POST", "/reactions", body).await;
            self.insist("react", &answer, 200).await;
        })
    }

    /// Pins a post to its channel.
    #[track_caller]
    pub fn pins(&self, post: &Sight) -> impl Future<Output = ()> {
        here(async move {
            let path = format!("/posts/{}/pin", post.id);
            let answer = self.line.ask("POST", &path, Value::Null).await;
            self.insist("pin a post", &answer, 200).await;
        })
    }

    /// Types a slash command, with its slash; fails if Mattermost shows an error for it.
    #[track_caller]
    pub fn slash(&self, line: &str) -> impl Future<Output = Value> {
        here(async move {
            let answer = self.tries_slash(line, "").await;
            self.insist(&format!("type {line}"), &answer, 200).await;
            answer.body
        })
    }

    /// Types a slash command in a post's thread; fails if Mattermost shows an error for it.
    #[track_caller]
    pub fn slash_in_thread(&self, post: &Sight, line: &str) -> impl Future<Output = Value> {
        here(async move {
            let answer = self.tries_slash(line, post.root()).await;
            self.insist(&format!("type {line}"), &answer, 200).await;
            answer.body
        })
    }

    /// Types a slash command in a thread (or, with an empty `root_id`, outside), come what may.
    #[track_caller]
    pub fn tries_slash(&self, line: &str, root_id: &str) -> impl Future<Output = Answer> {
        here(async move {
            let body = json!({
                "channel_id": self.channel_id().await, "team_id": self.team_id().await,
                "command": line, "root_id": root_id,
            });
            let answer = self.line.ask("POST", "/commands/execute", body).await;
            self.listener.answered(&answer);
            answer
        })
    }

    /// Clicks the newest visible button with this label, waiting until there is one.
    #[track_caller]
    pub fn click(&self, label: &str) -> impl Future<Output = ()> {
        here(async move {
            let answer = self.tries_click(label).await;
            self.insist(&format!("click {label:?}"), &answer, 200).await;
        })
    }

    /// The same, come what may.
    #[track_caller]
    pub fn tries_click(&self, label: &str) -> impl Future<Output = Answer> {
        here(async move {
            let control = self.finds(label, false, None).await;
            self.presses(&control, None).await
        })
    }

    /// Clicks a button of this very post.
    #[track_caller]
    pub fn click_on(&self, post: &Sight, label: &str) -> impl Future<Output = ()> {
        here(async move {
            let control = self.finds(label, false, Some(&post.id)).await;
            let answer = self.presses(&control, None).await;
            self.insist(&format!("click {label:?}"), &answer, 200).await;
        })
    }

    /// Chooses in the newest visible menu of this name: an option by what is shown, in menus fed
    /// by the server `@user` or `~channel`.
    #[track_caller]
    pub fn chooses(&self, menu: &str, option: &str) -> impl Future<Output = ()> {
        here(async move {
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
        })
    }

    /// Presses a control with any value, as a client that cheats could.
    #[track_caller]
    pub fn presses(&self, control: &Control, value: Option<&str>) -> impl Future<Output = Answer> {
        here(async move {
            let body = json!({"selected_option": value, "cookie": control.cookie});
            let path = format!("/posts/{}/actions/{}", control.post_id, control.action_id);
            let answer = self.line.ask("POST", &path, body).await;
            self.listener.answered(&answer);
            answer
        })
    }

    /// The newest visible control with this label, waiting until there is one.
    #[track_caller]
    pub fn finds(
        &self,
        label: &str,
        menu: bool,
        post_id: Option<&str>,
    ) -> impl Future<Output = Control> {
        here(async move {
            let found = self.waits_everywhere(|seen| {
                let posts = seen.iter().rev().filter(|one| match post_id {
                    Some(id) => one.id == id,
                    None => !one.is_hidden(),
                });
                posts.filter_map(|one| one.control(label, menu)).next()
            });
            match found.await {
                Some(control) => control,
                None => self.fail(&format!("there is no {label:?} to press")).await,
            }
        })
    }
}
