use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use actix::prelude::*;

use super::Poster;
use super::once::SKEW;
use super::outlet::Outlet;
use crate::actors::face;
use crate::actors::messages::Echo;
use crate::client::error::{RestError, Retry};
use crate::event::RowId;
use crate::model::ids::PostId;
use crate::model::post::Post;
use crate::telemetry::names;

/// How many rows are remembered: minutes of them at the usual rate of calls.
const KEPT: usize = 4096;
/// How much later than it was committed a row's post is looked into, where an earlier process had posted
/// it: before that Mattermost knows its `pending_post_id`.
const LATE: Duration = Duration::from_secs(20);

/// What was posted lately, by row. A call that was given up may be on its way for longer than Mattermost
/// knows its `pending_post_id`, and be posted after its repetition.
#[derive(Debug, Default)]
pub(super) struct Lately {
    posts: HashMap<RowId, PostId>,
    order: VecDeque<RowId>,
}

impl Lately {
    /// A row has become this post.
    pub fn posted(&mut self, row: &RowId, post: PostId) {
        if self.posts.contains_key(row) {
            return;
        }
        if self.order.len() == KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.posts.remove(&oldest);
        }
        self.order.push_back(row.clone());
        self.posts.insert(row.clone(), post);
    }

    /// Which post a row has become, as far as this process knows.
    pub fn first(&self, row: &RowId) -> Option<PostId> {
        self.posts.get(row).copied()
    }
}

impl Poster {
    /// A post of a row that has left: where it is a second one, it is taken away.
    pub(super) fn heard_again(&mut self, echo: &Echo, ctx: &mut Context<Self>) {
        let first = self.lately.first(&echo.row);
        let late = echo
            .row
            .made()
            .is_some_and(|made| echo.at.since(made) > LATE);
        if first == Some(echo.post) || first.is_none() && !late {
            return;
        }
        let (outlet, echo) = (self.outlet.clone(), echo.clone());
        let see = async move { outlet.take_second_away(&echo, first.is_some()).await };
        ctx.spawn(see.into_actor(self));
    }
}

impl Outlet {
    /// Deletes a post if its row has an earlier one, which is looked for unless that is `sure`.
    async fn take_second_away(&self, echo: &Echo, sure: bool) {
        let post = &echo.post;
        match sure {
            true => {}
            false => match self.has_earlier(echo).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    return tracing::warn!(%post, %error, "a post that came late can't be looked into");
                }
            },
        }
        tracing::warn!(row = %echo.row, %post, "a call that was given up has come after all: the second post is deleted");
        metrics::counter!(names::POSTS_STRAYED).increment(1);
        let deleted = self.until_gone(post, async || self.try_to_withdraw(post).await);
        if let Err(error) = deleted.await {
            tracing::error!(%post, %error, "a second post can't be deleted");
        }
    }

    async fn has_earlier(&self, echo: &Echo) -> Result<bool, RestError> {
        let channel = self
            .patiently(|| self.rest.post(&echo.post))
            .await?
            .channel_id;
        let since = echo.row.made().unwrap_or_default().minus(SKEW);
        let earlier = |post: &Post| {
            post.id != echo.post
                && post.create_at <= echo.at
                && face::row_of(&post.props).as_ref() == Some(&echo.row)
        };
        let found = self.patiently(|| self.rest.find_post(&channel, since, earlier));
        Ok(found.await?.is_some())
    }

    async fn patiently<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, RestError>,
    ) -> Result<T, RestError> {
        let mut failures = 0;
        loop {
            match ask().await {
                Err(error) if error.retry() != Retry::Never => {
                    failures += 1;
                    self.wait(&error, failures).await;
                }
                answer => return answer,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(n: u8) -> PostId {
        PostId::from_bytes([n; 16])
    }

    #[test]
    fn the_first_post_of_a_row_is_known() {
        let mut lately = Lately::default();
        let row = RowId::read("r");
        assert_eq!(lately.first(&row), None);
        lately.posted(&row, post(1));
        lately.posted(&row, post(2));
        assert_eq!(lately.first(&row), Some(post(1)));
    }

    #[test]
    fn rows_of_long_ago_are_forgotten() {
        let mut lately = Lately::default();
        for n in 0..=KEPT {
            lately.posted(&RowId::read(n.to_string()), post(1));
        }
        assert_eq!((lately.posts.len(), lately.order.len()), (KEPT, KEPT));
        assert_eq!(lately.first(&RowId::read("0")), None);
    }
}
