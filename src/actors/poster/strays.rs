use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use actix::prelude::*;

use super::Poster;
use super::once::is_of;
use super::outlet::Outlet;
use crate::actors::messages::Echo;
use crate::client::error::RestError;
use crate::client::rest::Lookback;
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
        let see = async move { outlet.take_second_away(&echo, first).await };
        ctx.spawn(see.into_actor(self));
    }
}

impl Outlet {
    /// Deletes a post if its row has an earlier one, which is looked for where none is known.
    async fn take_second_away(&self, echo: &Echo, first: Option<PostId>) {
        let post = &echo.post;
        let second = match first {
            Some(_) => Ok(true),
            None => self.has_earlier(echo).await,
        };
        match second {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                return tracing::warn!(%post, %error, "a post that came late can't be looked into");
            }
        }
        tracing::warn!(row = %echo.row, %post, "a call that was given up has come after all: the second post is deleted");
        metrics::counter!(names::POSTS_STRAYED).increment(1);
        if let Err(error) = self.withdrawn(post).await {
            tracing::error!(%post, %error, "a second post can't be deleted");
        }
    }

    async fn has_earlier(&self, echo: &Echo) -> Result<bool, RestError> {
        let (Some(me), Some(made)) = (self.me, echo.row.made()) else {
            return Ok(false);
        };
        let read = async || self.rest.post(&echo.post).await;
        let channel = self.patiently(read, |_, _| {}).await?.channel_id;
        let earlier = |post: &Post| {
            post.id != echo.post && post.create_at <= echo.at && is_of(&echo.row, post, &me)
        };
        let mut look = Lookback::new(channel, self.before(made));
        let find = async || {
            let _turn = self.looking.turn().await;
            look.find(&self.rest, earlier).await
        };
        Ok(self.patiently(find, |_, _| {}).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::actors::Presence;
    use crate::actors::face::ROW_PROP;
    use crate::actors::fake::{self, Server, channel, me, post_id, user};
    use crate::model::ids::{Millis, UserId};

    #[tokio::test(start_paused = true)]
    async fn only_an_earlier_post_of_the_bots_own_makes_another_the_second() {
        let made = Millis(1_000_000);
        let row = RowId::new(made, 1, 7);
        let says = |n: u8, after: i64, by: UserId| {
            let mut post = fake::post(n, channel(1), made.0 + after);
            post["user_id"] = json!(by);
            post["props"] = json!({ ROW_PROP: row });
            post
        };
        for (by, second) in [(me(), true), (user(2), false)] {
            let (server, _sockets) = Server::start();
            let outlet = Outlet::to(&server, &Presence::with_account());
            server.posted(says(1, 10, by));
            server.posted(says(2, 60_000, me()));
            let echo = |n: u8, after: i64| Echo {
                row: row.clone(),
                post: post_id(n),
                at: Millis(made.0 + after),
                version: None,
            };
            let late = outlet.has_earlier(&echo(2, 60_000)).await;
            assert_eq!(late.unwrap(), second);
            assert!(
                !outlet.has_earlier(&echo(1, 10)).await.unwrap(),
                "it is the first"
            );
        }
    }

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
