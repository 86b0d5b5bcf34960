use std::collections::{HashMap, VecDeque};

use actix::prelude::*;

use super::Poster;
use crate::actors::messages::Echo;
use crate::event::RowId;
use crate::model::ids::PostId;
use crate::telemetry::names;

/// How many rows are remembered: minutes of them at the usual rate of calls.
const KEPT: usize = 4096;

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

    /// Whether a row has become another post than this one.
    pub fn is_twice(&self, row: &RowId, post: PostId) -> bool {
        self.posts.get(row).is_some_and(|first| *first != post)
    }
}

impl Poster {
    /// A post of a row that has left: where it is a second one, it is taken away.
    pub(super) fn heard_again(&mut self, echo: &Echo, ctx: &mut Context<Self>) {
        if !self.lately.is_twice(&echo.row, echo.post) {
            return;
        }
        tracing::warn!(row = %echo.row, post = %echo.post, "a call that was given up has come after all: the second post is deleted");
        metrics::counter!(names::POSTS_STRAYED).increment(1);
        let (outlet, post) = (self.outlet.clone(), echo.post);
        let delete = async move {
            let deleted = outlet.until_gone(&post, async || outlet.try_to_withdraw(&post).await);
            if let Err(error) = deleted.await {
                tracing::error!(%post, %error, "a second post can't be deleted");
            }
        };
        ctx.spawn(delete.into_actor(self));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(n: u8) -> PostId {
        PostId::from_bytes([n; 16])
    }

    #[test]
    fn a_second_post_of_a_row_is_known_and_the_same_one_heard_again_is_none() {
        let mut lately = Lately::default();
        let row = RowId::read("r");
        assert!(!lately.is_twice(&row, post(1)));
        lately.posted(&row, post(1));
        assert!(!lately.is_twice(&row, post(1)) && lately.is_twice(&row, post(2)));
    }

    #[test]
    fn rows_of_long_ago_are_forgotten() {
        let mut lately = Lately::default();
        for n in 0..=KEPT {
            lately.posted(&RowId::read(n.to_string()), post(1));
        }
        assert_eq!((lately.posts.len(), lately.order.len()), (KEPT, KEPT));
        assert!(!lately.is_twice(&RowId::read("0"), post(2)));
    }
}
