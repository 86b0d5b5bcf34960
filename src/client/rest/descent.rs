//! From a channel's newest post back.

use super::{PER_PAGE, Rest};
use crate::client::error::RestError;
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::model::post::PostPage;

/// A walk from the newest post back.
#[derive(Debug, Default)]
pub(super) struct Descent {
    before: Option<PostId>,
    page: u32,
    over: bool,
}

impl Descent {
    /// The next page; none after the last. Where the place that it was at is gone, the next one is the first.
    pub async fn next(
        &mut self,
        rest: &Rest,
        channel: &ChannelId,
    ) -> Result<Option<(PostPage, Edge)>, RestError> {
        while !self.over {
            let (before, page) = (self.before.as_ref(), self.page);
            let list = rest.channel_posts(channel, before, page).await?;
            let Some(edge) = Edge::of(&list) else {
                if list.prev_post_id.is_some() {
                    // All of it is hidden from us, and yet there is more.
                    self.page += 1;
                    continue;
                }
                // The page before a post begins with posts that were there a moment ago.
                if before.is_some() && page == 0 && list.count == 0 {
                    *self = Self::default();
                    return Err(malformed("a page that must have posts is empty"));
                }
                return Ok(None);
            };
            // Before the oldest post that is younger than the page's oldest millisecond. If the
            // whole page is of one millisecond there is none: then, and only then, it is counted on.
            match edge.anchor {
                Some(anchor) => (self.before, self.page) = (Some(anchor), 0),
                None => self.page += 1,
            }
            self.over = edge.is_last;
            return Ok(Some((list, edge)));
        }
        Ok(None)
    }
}

/// What a walk needs to know of a page that isn't empty.
pub(super) struct Edge {
    pub newest: Millis,
    pub oldest: Millis,
    anchor: Option<PostId>,
    is_last: bool,
}

impl Edge {
    pub fn of(list: &PostPage) -> Option<Self> {
        let times = || list.posts.iter().map(|post| post.create_at);
        let oldest = times().min()?;
        let younger = list.posts.iter().filter(|post| post.create_at > oldest);
        let anchor = younger.min_by_key(|post| (post.create_at, post.id));
        Some(Self {
            newest: times().max()?,
            oldest,
            anchor: anchor.map(|post| post.id),
            // A short page alone proves nothing: the server drops posts from it that one may not see.
            is_last: list.count < PER_PAGE && list.prev_post_id.is_none(),
        })
    }

    /// Whether nothing after this moment is older than the page.
    pub fn reaches(&self, at: Millis) -> bool {
        self.oldest <= at || self.is_last
    }

    /// After which moment the page is whole.
    pub fn since(&self) -> Millis {
        match self.is_last {
            true => Millis::default(),
            false => self.oldest,
        }
    }
}

/// What can't be as Mattermost makes it, or only for a moment.
pub(super) fn malformed(why: &str) -> RestError {
    RestError::Malformed(why.into())
}
