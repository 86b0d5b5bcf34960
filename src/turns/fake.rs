//! What turns read in tests, without a Mattermost.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::event::Person;
use crate::model::ids::{ChannelId, PostId, UserId};
use crate::skill::{Directory, LookupError, Member};

/// A directory in which nobody is; who asks for the bot gets what the function gives.
pub(crate) struct Nobody(pub fn() -> Option<Person>);

type Looked<T> = Result<T, LookupError>;

fn nothing<T>() -> Looked<T> {
    Err(LookupError::NoAccount)
}

#[async_trait]
impl Directory for Nobody {
    fn me(&self) -> Option<Person> {
        (self.0)()
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
