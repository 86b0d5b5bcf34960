use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use actix::prelude::*;

use super::Poster;
use super::outlet::Outlet;
use crate::actors::messages::Echo;
use crate::event::RowId;
use crate::model::ids::{ChannelId, PostId};
use crate::telemetry::names;
use crate::time::timeout;

/// How many rows are remembered: minutes of them at the usual rate of calls.
const KEPT: usize = 4096;
/// How much later than it was committed a row's post is looked into, where an earlier process had posted
/// it: before that Mattermost knows its `pending_post_id`.
const LATE: Duration = Duration::from_secs(20);
/// How many posts wait at most to be looked into.
const SUSPECTED: usize = 16_384;
/// How long a channel may take; then it is the turn of others, for this one may not be readable at all.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long is waited for more of them before they are looked into.
const GATHERS: Duration = Duration::from_secs(5);

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

/// Posts that may be the second of their rows, by channel. After a kill those of a whole backlog are heard at
/// once, so that a channel is read once for all that are known by then.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    heard: HashMap<ChannelId, Vec<Echo>>,
    /// Whose turn it is.
    order: VecDeque<ChannelId>,
    /// How many they are.
    count: usize,
    /// How many there was no room for.
    refused: u64,
    /// One channel is being read, or will be soon.
    is_under_way: bool,
}

impl Suspects {
    /// `false` where too many wait already.
    fn add(&mut self, echo: Echo) -> bool {
        if self.count == SUSPECTED {
            self.refused += 1;
            return false;
        }
        self.count += 1;
        let channel = echo.channel;
        let heard = self.heard.entry(channel).or_default();
        if heard.is_empty() {
            self.order.push_back(channel);
        }
        heard.push(echo);
        true
    }

    /// Those of the channel whose turn it is.
    fn take(&mut self) -> Option<(ChannelId, Vec<Echo>)> {
        let taken = self.heard.remove_entry(&self.order.pop_front()?)?;
        self.count -= taken.1.len();
        Some(taken)
    }
}

impl Poster {
    /// A post of a row that has left: where it is a second one, it is taken away.
    pub(super) fn heard_again(&mut self, echo: &Echo, ctx: &mut Context<Self>) {
        let made = echo.row.made();
        match self.lately.first(&echo.row) {
            Some(first) if first == echo.post => {}
            Some(_) => self.take_seconds_away(vec![echo.clone()], ctx),
            None if made.is_some_and(|made| echo.at.since(self.outlet.by_server(made)) > LATE) => {
                self.suspect(echo.clone(), ctx);
            }
            None => {}
        }
    }

    fn suspect(&mut self, echo: Echo, ctx: &mut Context<Self>) {
        let post = echo.post;
        if !self.suspects.add(echo) {
            let refused = self.suspects.refused;
            // One line for each would say nothing new.
            if refused.is_power_of_two() {
                tracing::warn!(%post, refused, "whether this post came twice is not looked into: too many wait for it");
            }
            return;
        }
        if !std::mem::replace(&mut self.suspects.is_under_way, true) {
            ctx.run_later(GATHERS, Self::look_into_suspects);
        }
    }

    fn look_into_suspects(&mut self, ctx: &mut Context<Self>) {
        let next = self.suspects.take();
        self.suspects.is_under_way = next.is_some();
        let Some((channel, heard)) = next else {
            return;
        };
        let outlet = self.outlet.clone();
        let look = async move {
            let Ok(seconds) = timeout(PATIENCE, outlet.seconds(channel, &heard)).await else {
                tracing::warn!(%channel, "posts that came late can't be looked into yet");
                return (Vec::new(), heard);
            };
            (seconds, Vec::new())
        };
        let done = look.into_actor(self).map(|(seconds, again), this, ctx| {
            for echo in again {
                this.suspects.add(echo);
            }
            this.take_seconds_away(seconds, ctx);
            this.look_into_suspects(ctx);
        });
        ctx.spawn(done);
    }

    /// One after another, beside other channels: one may wait for long until it can be deleted.
    fn take_seconds_away(&self, seconds: Vec<Echo>, ctx: &mut Context<Self>) {
        let outlet = self.outlet.clone();
        let take = async move {
            for second in seconds {
                outlet.take_second_away(&second).await;
            }
        };
        ctx.spawn(take.into_actor(self));
    }
}

impl Outlet {
    /// Deletes a post whose row has an earlier one.
    async fn take_second_away(&self, second: &Echo) {
        let post = &second.post;
        tracing::warn!(row = %second.row, %post, "a call that was given up has come after all: the second post is deleted");
        metrics::counter!(names::POSTS_STRAYED).increment(1);
        if let Err(error) = self.withdrawn(post).await {
            tracing::error!(%post, %error, "a second post can't be deleted");
        }
    }

    /// Those of a channel's posts whose rows have earlier ones.
    async fn seconds(&self, channel: ChannelId, heard: &[Echo]) -> Vec<Echo> {
        let made = heard.iter().filter_map(|echo| echo.row.made()).min();
        let (Some(me), Some(made)) = (self.me, made) else {
            return Vec::new();
        };
        let rows = heard.iter().map(|echo| echo.row.clone()).collect();
        let since = self.before(made);
        match self.firsts(&me, channel, since, &rows).await {
            Ok(firsts) => {
                let later = |echo: &Echo| {
                    let first = firsts.get(&echo.row);
                    first.is_some_and(|first| first.id != echo.post && first.create_at <= echo.at)
                };
                heard.iter().filter(|echo| later(echo)).cloned().collect()
            }
            Err(error) => {
                tracing::warn!(%channel, %error, "posts that came late can't be looked into");
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::actors::card_format::ROW_PROP;
    use crate::actors::fake::{self, Server, channel, me, post_id, user};
    use crate::model::ids::{Millis, UserId};
    use crate::turns::Memberships;

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
            let outlet = Outlet::to(&server, &Memberships::with_account());
            server.posted(says(1, 10, by));
            server.posted(says(2, 60_000, me()));
            let echo = |n: u8, after: i64| Echo {
                row: row.clone(),
                post: post_id(n),
                channel: channel(1),
                at: Millis(made.0 + after),
                version: None,
            };
            let heard = vec![echo(1, 10), echo(2, 60_000)];
            let seconds = outlet.seconds(channel(1), &heard).await;
            let expected: Vec<_> = second.then(|| echo(2, 60_000)).into_iter().collect();
            assert_eq!(seconds, expected);
            assert_eq!(server.asked("/posts"), 1, "one look for both");
        }
    }

    #[test]
    fn what_is_looked_into_is_bounded() {
        let mut suspects = Suspects::default();
        let echo = |n: u8| Echo {
            row: RowId::read("r"),
            post: post(n),
            channel: channel(n),
            at: Millis(0),
            version: None,
        };
        let taken = (0..=SUSPECTED).filter(|n| suspects.add(echo((n % 2) as u8)));
        assert_eq!(taken.count(), SUSPECTED);
        let first = suspects.take().map(|(_, heard)| heard.len());
        assert_eq!((first, suspects.count), (Some(8192), 8192));
        assert!(suspects.add(echo(0)));
        let next = suspects.take().map(|(channel, _)| channel);
        assert_eq!(
            next,
            Some(channel(1)),
            "who was looked into waits for the others"
        );
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
