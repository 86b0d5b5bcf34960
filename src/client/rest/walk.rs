//! Catching up: the posts of a channel after a moment, the oldest first, none missed.
//!
//! `since=` leaves posts out (the server takes any 1,000 of what changed, without an order), and
//! pages of the newest posts come in the wrong order. So the moment's place is looked for among the
//! pages, and from there on each page is the one after a post that is known. `create_at` is not
//! unique, and a page may end within a millisecond: the next page begins with that whole
//! millisecond again.

use std::collections::BTreeMap;

use super::descent::{Descent, Edge, malformed};
use super::places::Search;
use super::{PER_PAGE, Rest};
use crate::client::error::RestError;
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::model::post::{Post, PostPage};

/// So many pages of the newest posts are kept where they reach back to the moment: fewer requests
/// than to look for its place.
const KEPT: u32 = 5;

/// Where a walk up through a channel begins or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// After this moment; where that is among the posts isn't known.
    Since(Millis),
    /// After a post, strictly by its `create_at`.
    After {
        post: PostId,
        /// How many times 200 posts after it are known already: all of them of one millisecond.
        page: u32,
        /// Up to when all posts are known: from there it begins anew if the post is gone.
        at: Millis,
    },
}

/// Some posts of a channel without a gap between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// In the order of (`create_at`, id).
    pub posts: Vec<Post>,
    /// All that were made after this moment are among them, up to where it goes on.
    pub since: Millis,
    /// Up to when it is whole, and where it goes on; `None` where there are no more posts.
    pub next: Option<(Millis, Position)>,
}

impl Rest {
    /// Some of the posts that were made after a place, the oldest first: a page of 200 as a rule,
    /// up to five pages where these are all. Deleted ones are left out.
    ///
    /// Posts may come late (readers of a replica): overlap the moment by a minute, and drop what is
    /// known. A place that is far back costs some more requests, but only once.
    pub async fn posts_from(
        &self,
        channel: &ChannelId,
        place: Position,
    ) -> Result<Stretch, RestError> {
        match place {
            Position::Since(at) => self.since(channel, at).await,
            Position::After { post, page, at } => {
                let list = self.posts_after(channel, &post, page).await?;
                Ok(after(list, post, page, at))
            }
        }
    }

    async fn since(&self, channel: &ChannelId, at: Millis) -> Result<Stretch, RestError> {
        let (mut descent, mut kept) = (Descent::default(), BTreeMap::new());
        let mut newest = None;
        for _ in 0..KEPT {
            let Some((list, edge)) = descent.next(self, channel).await? else {
                return Ok(Stretch::whole(kept, Millis::default()));
            };
            let posts = list.posts.into_iter();
            kept.extend(posts.map(|post| ((post.create_at, post.id), post)));
            if edge.reaches(at) {
                return Ok(Stretch::whole(kept, edge.since()));
            }
            let newest = *newest.get_or_insert(edge.newest);
            if Search::new(newest, edge.oldest).guess(at) > Some(KEPT) {
                break;
            }
        }
        let oldest = kept.keys().next().map(|(at, _)| *at).unwrap_or_default();
        let newest = newest.unwrap_or_default();
        drop(kept);
        self.far_back(channel, at, Search::new(newest, oldest))
            .await
    }

    /// Looks for the moment's place among pages that are counted from the newest post. Their
    /// borders move while people post, so that what is found counts, not where it should be.
    async fn far_back(
        &self,
        channel: &ChannelId,
        at: Millis,
        mut search: Search,
    ) -> Result<Stretch, RestError> {
        while let Some(page) = search.guess(at) {
            let list = self.channel_posts(channel, None, page).await?;
            match Edge::of(&list) {
                // All of it is hidden from us, or unreadable.
                None if list.count > 0 || list.prev_post_id.is_some() => search.younger(page, None),
                None => search.older(page, None),
                Some(edge) if edge.newest <= at => {
                    search.older(
                        page,
                        list.posts.first().map(|post| (post.create_at, post.id)),
                    );
                }
                Some(edge) if edge.reaches(at) => {
                    let since = edge.since();
                    return self.up_from(channel, page, list, since).await;
                }
                Some(edge) => search.younger(page, Some(edge.oldest)),
            }
        }
        let Some((at, post)) = search.anchor() else {
            // The channel seems to begin with the page before an empty one.
            let page = search.last_younger();
            let list = self.channel_posts(channel, None, page).await?;
            if list.prev_post_id.is_some() {
                return Err(malformed("the pages move too fast"));
            }
            return self.up_from(channel, page, list, Millis::default()).await;
        };
        let next = Some((at, Position::After { post, page: 0, at }));
        let (posts, since) = (Vec::new(), at);
        Ok(Stretch { posts, since, next })
    }

    /// A run that begins with this page, which is whole after `since`. One that is all of one millisecond needs its neighbours.
    async fn up_from(
        &self,
        channel: &ChannelId,
        mut page: u32,
        list: PostPage,
        since: Millis,
    ) -> Result<Stretch, RestError> {
        let by_time = |post: Post| ((post.create_at, post.id), post);
        let mut posts: BTreeMap<_, _> = list.posts.into_iter().map(by_time).collect();
        while page > 0 {
            if let Some(next) = goes_on(posts.keys()) {
                let (posts, next) = (posts.into_values().collect(), Some(next));
                return Ok(Stretch { posts, since, next });
            }
            page -= 1;
            let list = self.channel_posts(channel, None, page).await?;
            posts.extend(list.posts.into_iter().map(by_time));
        }
        Ok(Stretch::whole(posts, since))
    }
}

impl Stretch {
    fn whole(posts: BTreeMap<(Millis, PostId), Post>, since: Millis) -> Self {
        Self {
            posts: posts.into_values().collect(),
            since,
            next: None,
        }
    }
}

/// What the page after a post means.
fn after(list: PostPage, post: PostId, page: u32, at: Millis) -> Stretch {
    let more = list.count >= PER_PAGE || list.next_post_id.is_some();
    let further = Position::After {
        post,
        page: page + 1,
        at,
    };
    let mut posts = list.posts;
    posts.sort_by_key(|post| (post.create_at, post.id));
    let keys: Vec<_> = posts.iter().map(|post| (post.create_at, post.id)).collect();
    let next = match keys.last() {
        None if more => Some((at, further)),
        // All were of one millisecond, and have come.
        None if page > 0 => None,
        // Nothing comes after a post that is gone.
        None => Some((at, Position::Since(at))),
        // The server leaves out of a page what one may not see: only a page of the newest posts
        // proves that there are no more.
        Some((newest, _)) if !more => Some((*newest, Position::Since(*newest))),
        Some(_) => Some(goes_on(keys.iter()).unwrap_or((at, further))),
    };
    Stretch {
        posts,
        since: at,
        next,
    }
}

/// After the youngest post that is older than the last millisecond, which may be cut; none if all
/// are of that one.
fn goes_on<'a>(
    posts: impl DoubleEndedIterator<Item = &'a (Millis, PostId)>,
) -> Option<(Millis, Position)> {
    let mut posts = posts.rev();
    let (newest, _) = posts.next()?;
    let at = Millis(newest.0 - 1);
    let (_, post) = posts.find(|(at, _)| at < newest)?;
    let (post, page) = (*post, 0);
    Some((at, Position::After { post, page, at }))
}

#[cfg(test)]
mod tests;
