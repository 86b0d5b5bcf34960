use std::collections::{HashMap, HashSet};

use super::post::Me;
use crate::client::error::RestError;
use crate::client::rest::Rest;
use crate::event::Key;
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::model::post::Post;
use crate::store::{Store, StoreError};

/// What was read of a channel.
pub(super) struct Found {
    pub posts: Vec<Post>,
    /// Which of them were handled before.
    pub seen: Vec<bool>,
    pub names: HashMap<UserId, String>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Rest(#[from] RestError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads all posts of a channel after a moment, and which of them were handled.
pub(super) async fn fetch(
    rest: &Rest,
    store: &dyn Store,
    channel: &ChannelId,
    since: Millis,
    me: &Me,
    oldest: Millis,
) -> Result<Found, ReadError> {
    let posts = rest.posts_since(channel, since).await?;
    let keys: Vec<Key> = posts.iter().map(|post| Key::post(&post.id)).collect();
    let seen = match keys.is_empty() {
        true => Vec::new(),
        false => store.seen(&keys).await?,
    };
    let new = posts.iter().zip(&seen).filter(|(_, seen)| !**seen);
    let heard = new.filter(|(post, _)| me.hears(post) && post.create_at >= oldest);
    let authors: HashSet<UserId> = heard.map(|(post, _)| post.user_id).collect();
    let names = names_of(rest, authors).await;
    Ok(Found { posts, seen, names })
}

/// The names of authors, which the list of posts doesn't say; none where they can't be read.
async fn names_of(rest: &Rest, authors: HashSet<UserId>) -> HashMap<UserId, String> {
    if authors.is_empty() {
        return HashMap::new();
    }
    let authors: Vec<UserId> = authors.into_iter().collect();
    let users = rest.users_by_ids(&authors).await;
    let users = users.inspect_err(|error| tracing::debug!(%error, "names can't be read"));
    let users = users.unwrap_or_default().into_iter();
    users.map(|user| (user.id, user.username)).collect()
}
