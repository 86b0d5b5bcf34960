use std::time::Duration;

use super::ended::Ended;
use super::lanes::Queued;
use super::outlet::Outlet;
use super::place::Patience;
use crate::actors::face;
use crate::client::error::{RestError, Retry};
use crate::client::rest::Lookback;
use crate::event::{Row, RowId};
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::model::post::{NewPost, Post};
use crate::telemetry::names;

/// How far back a read-back looks before the row was made: clocks differ.
const SKEW: Duration = Duration::from_secs(300);

/// Posting exactly once: where a try may have had its effect, by looking before the next one. That
/// has the same `pending_post_id`, in case the first is still under way; alone it proves nothing, as
/// Mattermost forgets it at a restart, after 30 s, and where it fails after having saved.
impl Outlet {
    pub(super) async fn post_exactly_once(
        &self,
        me: &UserId,
        queued: &Queued,
        post: &NewPost,
        mut patience: Patience,
    ) -> Ended {
        let row = &queued.row;
        let begin = || self.look_for(row, post.channel_id);
        let (mut look, mut failures) = (queued.maybe_sent.then(begin), 0_u32);
        loop {
            let result = match &mut look {
                Some(look) => self.find(me, row, look).await,
                None => self.create(post).await.map(Some),
            };
            let error = match result {
                Ok(Some(post)) => return posted(&post),
                Ok(None) => {
                    look = None;
                    continue;
                }
                Err(error) => error,
            };
            failures += 1;
            unposted(row, &error, failures);
            match error.retry() {
                Retry::Never => {
                    let refused = self.refused(queued, &error, &mut patience);
                    match refused.await.ended(look.is_some()) {
                        Some(ended) => return ended,
                        None => continue,
                    }
                }
                Retry::SameIdOnly => drop(look.get_or_insert_with(begin)),
                _ => {}
            }
            self.wait(&error, failures).await;
        }
    }

    async fn create(&self, post: &NewPost) -> Result<Post, RestError> {
        self.rest.budget().wait().await;
        self.rest.create_post(post).await
    }

    pub(super) fn look_for(&self, row: &Row, channel: ChannelId) -> Lookback {
        Lookback::new(channel, self.before(row.created))
    }

    /// Looks whether the row's post is there.
    pub(super) async fn find(
        &self,
        me: &UserId,
        row: &Row,
        look: &mut Lookback,
    ) -> Result<Option<Post>, RestError> {
        let _turn = self.looking.turn().await;
        look.find(&self.rest, |post| is_of(&row.id, post, me)).await
    }

    /// A moment by Mattermost's clock before anything could be posted that was made at this one by ours.
    pub(super) fn before(&self, made: Millis) -> Millis {
        self.by_server(made).minus(SKEW)
    }

    /// What Mattermost's clock said at the earliest when ours said this.
    pub(super) fn by_server(&self, moment: Millis) -> Millis {
        self.rest.server_time(moment).min(moment)
    }
}

/// The row that the bot's post is what became of: anybody may write its id into a post of their own.
pub(super) fn row_of(post: &Post, me: &UserId) -> Option<RowId> {
    face::row_of(&post.props).filter(|_| post.user_id == *me)
}

pub(super) fn is_of(row: &RowId, post: &Post, me: &UserId) -> bool {
    row_of(post, me).as_ref() == Some(row)
}

fn unposted(row: &Row, error: &RestError, failures: u32) {
    metrics::counter!(names::POSTS_RETRIED).increment(1);
    // Some are tried several times a second: a line for each says nothing new.
    if failures.is_power_of_two() {
        tracing::info!(row = %row.id, %error, failures, "a post couldn't be posted");
    }
}

pub(super) fn posted(post: &Post) -> Ended {
    Ended::Posted {
        post: post.id,
        at: post.create_at,
        shown: face::version_of(&post.props),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::Presence;
    use crate::actors::fake::{Server, channel};
    use crate::event::{Draft, Lane, RowKind};
    use crate::model::ids::Millis;
    use crate::time::{Time, sleep};

    #[tokio::test(start_paused = true)]
    async fn a_post_that_waits_for_the_bot_to_be_enabled_leaves_as_soon_as_it_is() {
        let (server, _sockets) = Server::start();
        server.world.lock().unwrap().posting = 401;
        let presence = Presence::with_account();
        let outlet = Outlet::to(&server, &presence);
        let row = Row {
            id: RowId::read("r"),
            lane: Lane::Channel(channel(1)),
            kind: RowKind::Post(Draft::default()),
            created: Millis(1_000_000),
            blame: None,
            from: None,
        };
        let queued = Queued::new(row, false);
        tokio::spawn(async move { outlet.post_draft(&queued, &Draft::default()).await });
        sleep(Duration::from_secs(1)).await;
        assert_eq!(server.asked("POST /api/v4/posts"), 1);
        presence.connected();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(server.asked("POST /api/v4/posts"), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_post_is_looked_for_by_both_clocks() {
        let (server, _sockets) = Server::start();
        let outlet = Outlet::to(&server, &Presence::with_account());
        let made = Time::wall().now();
        for (ahead, back) in [(0, 300), (600, 300), (-600, 900)] {
            server.world.lock().unwrap().ahead = ahead;
            outlet.rest.me().await.unwrap();
            let off = made
                .minus(Duration::from_secs(back))
                .since(outlet.before(made));
            assert!(off <= Duration::from_secs(2), "{ahead}: {off:?}");
        }
    }
}
