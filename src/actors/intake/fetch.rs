use std::collections::HashSet;
use std::time::Duration;

use super::authors::Authors;
use super::post::Me;
use crate::client::error::RestError;
use crate::client::rest::{Lookback, Position, Rest, Stretch};
use crate::event::Key;
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::store::{Store, StoreError};

/// Some of a channel's posts.
pub(super) struct Fetched {
    pub run: Stretch,
    /// Which of them were handled before.
    pub seen: Vec<bool>,
    /// People whose names weren't known.
    pub authors: Authors,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Rest(#[from] RestError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is to be read.
pub(super) struct Wish {
    pub channel: ChannelId,
    pub place: Position,
    /// The bot may have come into the channel after the place.
    pub is_new: bool,
    pub me: Me,
    /// Older posts need no names.
    pub oldest: Millis,
    /// Whose names are known.
    pub known: HashSet<UserId>,
}

impl Wish {
    /// Reads the next posts, and which of them were handled.
    pub async fn read(&self, rest: &Rest, store: &dyn Store) -> Result<Fetched, ReadError> {
        let run = self.run(rest).await?;
        let keys: Vec<Key> = run.posts.iter().map(|post| Key::post(&post.id)).collect();
        let seen = match keys.is_empty() {
            true => Vec::new(),
            false => store.seen(&keys).await?,
        };
        let new = run.posts.iter().zip(&seen).filter(|(_, seen)| !**seen);
        let heard = new.filter(|(post, _)| self.me.hears(post) && post.create_at >= self.oldest);
        let authors: HashSet<UserId> = heard.map(|(post, _)| post.user_id).collect();
        let unknown: Vec<UserId> = authors.difference(&self.known).copied().collect();
        let authors = names_of(rest, &unknown).await;
        Ok(Fetched { run, seen, authors })
    }

    async fn run(&self, rest: &Rest) -> Result<Stretch, RestError> {
        let run = rest.posts_from(&self.channel, self.place).await?;
        let (Position::Since(since), Some(_), true) = (self.place, run.next, self.is_new) else {
            return Ok(run);
        };
        // It is long; perhaps most of it was there before the bot came.
        let joins = |post: &_| self.me.comes_in(post);
        let mut look = Lookback::new(self.channel, since);
        let Some(join) = look.find(rest, joins).await? else {
            return Ok(run);
        };
        let since = join.create_at.minus(Duration::from_millis(1));
        rest.posts_from(&self.channel, Position::Since(since)).await
    }
}

/// The names of authors, which the list of posts doesn't say; none where they can't be read.
async fn names_of(rest: &Rest, authors: &[UserId]) -> Authors {
    if authors.is_empty() {
        return Authors::default();
    }
    let users = rest.users_by_ids(authors).await;
    let users = users.inspect_err(|error| tracing::debug!(%error, "names can't be read"));
    let users = users.unwrap_or_default().into_iter();
    users.map(|user| (user.id, user.username)).collect()
}
