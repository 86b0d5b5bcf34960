use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::client::error::RestError;
use crate::client::mattermost::Mattermost;
use crate::client::rest::Rest;
use crate::event::Person;
use crate::model::allowed::Allowed;
use crate::model::ids::{ChannelId, PostId, UserId};
use crate::model::mention::after_mention;
use crate::model::user::User;
use crate::skill::{Directory, LookupError, Member};
use crate::turns::Memberships;

/// What turns read: Mattermost's own, cached.
pub struct Reads {
    mattermost: Mattermost,
    me: Person,
}

impl Reads {
    /// Reads as the bot.
    pub fn new(mattermost: Mattermost, me: Person) -> Self {
        Self { mattermost, me }
    }
}

#[async_trait]
impl Directory for Reads {
    fn me(&self) -> Option<Person> {
        Some(self.me.clone())
    }

    fn allowed(&self) -> Allowed {
        self.mattermost.allowed()
    }

    /// Believed: Mattermost would have to be asked each time.
    fn is_in(&self, _: &ChannelId) -> bool {
        true
    }

    async fn user(&self, id: &UserId) -> Result<Member, LookupError> {
        let user = self
            .mattermost
            .user(id)
            .await
            .map_err(|e| lookup(&e, "the user"))?;
        Ok(member(&user))
    }

    async fn user_now(&self, id: &UserId) -> Result<Member, LookupError> {
        let user = self.mattermost.user_now(id).await;
        Ok(member(&*user.map_err(|e| lookup(&e, "the user"))?))
    }

    async fn is_admin(&self, channel: &ChannelId, user: &UserId) -> Result<bool, LookupError> {
        let found = self.mattermost.is_admin(channel, user).await;
        found.map_err(|e| lookup(&e, "the channel"))
    }

    async fn author(&self, post: &PostId) -> Result<UserId, LookupError> {
        let found = self.mattermost.author(post).await;
        found.map_err(|e| lookup(&e, "the post"))
    }

    async fn texts(
        &self,
        posts: &[PostId],
    ) -> Result<HashMap<PostId, Option<String>>, LookupError> {
        let found = self.mattermost.texts(posts).await;
        found.map_err(|e| lookup(&e, "the posts"))
    }

    async fn members(&self, channel: &ChannelId) -> Result<Vec<Member>, LookupError> {
        let users = self
            .mattermost
            .members(channel)
            .await
            .map_err(|e| lookup(&e, "the channel"))?;
        Ok(users.iter().map(|user| member(user)).collect())
    }

    async fn channel_name(&self, channel: &ChannelId) -> Result<String, LookupError> {
        let channel = self
            .mattermost
            .channel(channel)
            .await
            .map_err(|e| lookup(&e, "the channel"))?;
        Ok(channel.display_name.clone())
    }

    fn changed(&self, id: &UserId) {
        self.mattermost.forget_user(id);
    }

    fn file_link(&self, id: &str) -> String {
        self.mattermost.file_link(id)
    }
}

/// What turns read, and where the bot is as Intake last heard.
pub(super) struct Present {
    pub reads: Arc<dyn Directory>,
    pub memberships: Memberships,
}

#[async_trait]
impl Directory for Present {
    /// By the name that it was given last.
    fn me(&self) -> Option<Person> {
        let me = self.reads.me()?;
        let name = self.memberships.name();
        Some(Person { id: me.id, name })
    }

    fn allowed(&self) -> Allowed {
        self.reads.allowed()
    }

    fn is_in(&self, channel: &ChannelId) -> bool {
        self.memberships.can_post(channel)
    }

    async fn user(&self, id: &UserId) -> Result<Member, LookupError> {
        self.reads.user(id).await
    }

    async fn user_now(&self, id: &UserId) -> Result<Member, LookupError> {
        self.reads.user_now(id).await
    }

    async fn is_admin(&self, channel: &ChannelId, user: &UserId) -> Result<bool, LookupError> {
        self.reads.is_admin(channel, user).await
    }

    async fn author(&self, post: &PostId) -> Result<UserId, LookupError> {
        self.reads.author(post).await
    }

    async fn texts(
        &self,
        posts: &[PostId],
    ) -> Result<HashMap<PostId, Option<String>>, LookupError> {
        let mut texts = self.reads.texts(posts).await?;
        let name = self.memberships.name();
        // As they were heard.
        for text in texts.values_mut().flatten() {
            if let Some(rest) = after_mention(text, &name) {
                *text = rest.to_owned();
            }
        }
        Ok(texts)
    }

    async fn members(&self, channel: &ChannelId) -> Result<Vec<Member>, LookupError> {
        self.reads.members(channel).await
    }

    async fn channel_name(&self, channel: &ChannelId) -> Result<String, LookupError> {
        self.reads.channel_name(channel).await
    }

    fn changed(&self, id: &UserId) {
        self.reads.changed(id);
    }

    fn file_link(&self, id: &str) -> String {
        self.reads.file_link(id)
    }
}

/// What turns read without a bot account: nothing.
pub struct NoAccount {
    /// The way to Mattermost, which tells its version all the same.
    pub rest: Rest,
}

#[async_trait]
impl Directory for NoAccount {
    fn me(&self) -> Option<Person> {
        None
    }

    /// Long posts of webhooks are split by Mattermost.
    fn allowed(&self) -> Allowed {
        self.rest.allowed().with_message_chars(usize::MAX)
    }

    fn is_in(&self, _: &ChannelId) -> bool {
        false
    }

    async fn user(&self, _: &UserId) -> Result<Member, LookupError> {
        Err(LookupError::NoAccount)
    }

    async fn user_now(&self, _: &UserId) -> Result<Member, LookupError> {
        Err(LookupError::NoAccount)
    }

    async fn is_admin(&self, _: &ChannelId, _: &UserId) -> Result<bool, LookupError> {
        Err(LookupError::NoAccount)
    }

    async fn author(&self, _: &PostId) -> Result<UserId, LookupError> {
        Err(LookupError::NoAccount)
    }

    async fn texts(&self, _: &[PostId]) -> Result<HashMap<PostId, Option<String>>, LookupError> {
        Err(LookupError::NoAccount)
    }

    async fn members(&self, _: &ChannelId) -> Result<Vec<Member>, LookupError> {
        Err(LookupError::NoAccount)
    }

    async fn channel_name(&self, _: &ChannelId) -> Result<String, LookupError> {
        Err(LookupError::NoAccount)
    }

    fn changed(&self, _: &UserId) {}

    fn file_link(&self, id: &str) -> String {
        format!("/api/v4/files/{id}")
    }
}

fn member(user: &User) -> Member {
    Member {
        person: Person {
            id: user.id,
            name: user.username.clone(),
        },
        is_bot: user.is_bot,
        active: !user.delete_at.is_set(),
        timezone: user.timezone().unwrap_or_default().to_owned(),
    }
}

fn lookup(error: &RestError, what: &str) -> LookupError {
    match error {
        RestError::Refused { .. } => LookupError::NotFound(what.to_owned()),
        error => LookupError::Unavailable(error.to_string()),
    }
}
