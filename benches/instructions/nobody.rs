// What turns read: nobody is there, and no Mattermost is asked.

use matteractor::internals::Person;
use std::collections::HashMap;

use async_trait::async_trait;

use matteractor::model::ids::{ChannelId, PostId, UserId};
use matteractor::skill::{Directory, LookupError, Member};

/// A directory in which nobody is; the bot has no account.
pub struct Nobody;

type Looked<T> = Result<T, LookupError>;

fn nothing<T>() -> Looked<T> {
    Err(LookupError::NoAccount)
}

#[async_trait]
impl Directory for Nobody {
    fn me(&self) -> Option<Person> {
        None
    }

    async fn user(&self, _: &UserId) -> Looked<Member> {
        nothing()
    }

    async fn user_now(&self, _: &UserId) -> Looked<Member> {
        nothing()
    }

    async fn is_admin(&self, _: &ChannelId, _: &UserId) -> Looked<bool> {
        nothing()
    }

    async fn author(&self, _: &PostId) -> Looked<UserId> {
        nothing()
    }

    async fn texts(&self, _: &[PostId]) -> Looked<HashMap<PostId, Option<String>>> {
        nothing()
    }

    async fn members(&self, _: &ChannelId) -> Looked<Vec<Member>> {
        nothing()
    }

    fn is_in(&self, _: &ChannelId) -> bool {
        false
    }

    async fn channel_name(&self, _: &ChannelId) -> Looked<String> {
        nothing()
    }

    fn changed(&self, _: &UserId) {}

    fn file_link(&self, _: &str) -> String {
        String::new()
    }
}
