use http::Method;
use serde_json::{Value, json};

use super::chat::{Chat, ChatError};
use super::people::Seen;

/// What an admin does to places, people and the bot.
impl Chat {
    /// Takes the bot out of a channel, or invites it again.
    pub async fn bot_is_in(&self, channel: &str, is: bool) -> Result<(), ChatError> {
        let (id, bot) = (self.channel(channel)?, self.bot_id());
        let path = format!("/channels/{id}/members");
        match is {
            true => {
                self.rules(Method::POST, &path, json!({"user_id": bot}))
                    .await
            }
            false => {
                let path = format!("{path}/{bot}");
                self.rules(Method::DELETE, &path, Value::Null).await
            }
        }
    }

    /// Archives a channel, or restores it.
    pub async fn is_archived(&self, channel: &str, is: bool) -> Result<(), ChatError> {
        let path = format!("/channels/{}", self.channel(channel)?);
        match is {
            true => self.rules(Method::DELETE, &path, Value::Null).await,
            false => {
                let path = format!("{path}/restore");
                self.rules(Method::POST, &path, Value::Null).await
            }
        }
    }

    /// Gives the bot another name.
    pub async fn renames_bot(&self, name: &str) -> Result<(), ChatError> {
        let path = format!("/bots/{}", self.bot_id());
        name.clone_into(&mut self.account.borrow_mut().username);
        self.rules(Method::PUT, &path, json!({"username": name}))
            .await
    }

    /// Deactivates somebody, or lets them in again.
    pub async fn is_active(&self, who: &str, is: bool) -> Result<(), ChatError> {
        let path = format!("/users/{}/active", self.user(who)?);
        // Their sessions end.
        self.tokens.borrow_mut().remove(who);
        self.rules(Method::PUT, &path, json!({"active": is})).await
    }

    /// No bot can write to somebody, or it can again.
    pub fn is_shut(&self, who: &str, is: bool) -> Result<(), ChatError> {
        let id = self.user(who)?;
        self.trace().note(format_args!("{who} is shut: {is}"));
        self.world(|world| world.faults.shut_out(&id, is));
        Ok(())
    }

    /// What the bot has written to somebody directly, the oldest first.
    pub async fn letters(&self, who: &str) -> Result<Vec<Seen>, ChatError> {
        let both = json!([self.user(who)?, self.bot_id()]);
        let made = self
            .asks(who, Method::POST, "/channels/direct", both)
            .await?;
        let id = made.body["id"].as_str();
        let id = id.ok_or_else(|| ChatError::Unexpected(made.body.to_string()))?;
        let mut seen = self.posts_of(who, id).await?;
        let bot = self.bot_id();
        seen.retain(|post| post.by == bot);
        Ok(seen)
    }

    /// Somebody's id.
    pub fn user(&self, name: &str) -> Result<String, ChatError> {
        let id = self.world(|world| world.user_named(name).map(|user| user.id.clone()));
        id.ok_or_else(|| ChatError::Missing(name.to_owned()))
    }

    async fn rules(&self, method: Method, path: &str, body: Value) -> Result<(), ChatError> {
        self.trace()
            .note(format_args!("the admin does {method} {path} {body}"));
        let answered = self.asks("admin", method, path, body).await?;
        match answered.status {
            200..300 => Ok(()),
            _ => Err(ChatError::Unexpected(answered.body.to_string())),
        }
    }
}
