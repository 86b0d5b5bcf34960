//! What a person does: posts, slash commands, clicks, choices.

use serde_json::{Value, json};

use super::line::Answer;
use super::person::Person;
use super::sight::{Control, Sight};

impl Person {
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
        let body = json!({"user_id": self.id(), "post_id": post.id, "emoji_name": emoji});
        let answer = self.line.ask("POST", "/reactions", body).await;
        self.insist("react", &answer, 200).await;
    }

    /// Pins a post to its channel.
    pub async fn pins(&self, post: &Sight) {
        let path = format!("/posts/{}/pin", post.id);
        let answer = self.line.ask("POST", &path, Value::Null).await;
        self.insist("pin a post", &answer, 200).await;
    }

    /// Types a slash command, with its slash; fails if Mattermost shows an error for it.
    pub async fn slash(&self, line: &str) -> Value {
        let answer = self.tries_slash(line, "").await;
        self.insist(&format!("type {line}"), &answer, 200).await;
        answer.body
    }

    /// Types a slash command in a post's thread; fails if Mattermost shows an error for it.
    pub async fn slash_in_thread(&self, post: &Sight, line: &str) -> Value {
        let answer = self.tries_slash(line, post.root()).await;
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
}
