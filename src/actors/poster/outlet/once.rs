use std::time::Duration;

use tracing::field::display;

use super::Outlet;
use super::place::Patience;
use crate::actors::card_format;
use crate::actors::poster::alone::Alone;
use crate::actors::poster::ended::Ended;
use crate::actors::poster::lanes::Queued;
use crate::client::error::{RestError, Retry};
use crate::client::rest::Lookback;
use crate::event::{Row, RowId};
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::model::post::{NewPost, Post};
use crate::telemetry::names;
use crate::time::sleep;

/// How long after a row was made a try of an earlier process may still have its effect.
pub(in crate::actors::poster) const UNDER_WAY: Duration = Duration::from_secs(30);
/// How far back a read-back looks before the row was made: clocks differ.
const SKEW: Duration = Duration::from_secs(300);
/// How long ago a row may be from that says to be from later than now.
const SET_BACK: Duration = Duration::from_secs(24 * 3600);

/// What the tries of a row have come to.
struct Tries {
    /// Where its post is looked for before the next one.
    look: Option<Lookback>,
    failures: u32,
    patience: Patience,
    alone: Alone,
}

impl Tries {
    fn given_up(&self) -> Option<Ended> {
        self.alone.aside().map(Ended::SetAside)
    }
}

/// Posting exactly once: where a try may have had its effect, by looking before the next one. That
/// has the same `pending_post_id`, in case the first is still under way; alone it proves nothing, as
/// Mattermost forgets it at a restart, after 30 s, and where it fails after having saved.
impl Outlet {
    pub(in crate::actors::poster) async fn post_exactly_once(
        &self,
        me: &UserId,
        queued: &Queued,
        post: &NewPost,
        patience: Patience,
    ) -> Ended {
        let (row, channel) = (&queued.row, post.channel_id);
        let mut tries = Tries {
            look: queued.maybe_sent.then(|| self.look_for(row, channel)),
            failures: 0,
            patience,
            alone: Alone::among(&self.taken),
        };
        loop {
            let result = match &mut tries.look {
                Some(look) => self.find(me, row, look).await,
                None => self.create(post).await.map(Some),
            };
            let ended = match result {
                Ok(Some(post)) => Some(posted(&post)),
                Ok(None) => {
                    tries.look = None;
                    tries.given_up()
                }
                Err(error) => self.failed(queued, channel, &error, &mut tries).await,
            };
            if let Some(ended) = ended {
                return ended;
            }
        }
    }

    /// What becomes of the row where a call failed; none where it is tried again.
    async fn failed(
        &self,
        queued: &Queued,
        channel: ChannelId,
        error: &RestError,
        tries: &mut Tries,
    ) -> Option<Ended> {
        let (row, looked) = (&queued.row, tries.look.is_some());
        tries.failures += 1;
        unposted(row, error, tries.failures);
        match error.retry() {
            Retry::Never => {
                let refused = self.refused(queued, error, &mut tries.patience);
                return refused.await.ended(looked);
            }
            Retry::SameIdOnly => {
                tries
                    .look
                    .get_or_insert_with(|| self.look_for(row, channel));
            }
            _ => {}
        }
        if !looked {
            tries.alone.met(error);
        }
        let given_up = tries.given_up();
        if given_up.is_some() && tries.look.is_none() {
            return given_up;
        }
        self.wait(error, tries.failures).await;
        if given_up.is_some() && !looked {
            // The last look sees what is still under way.
            sleep(UNDER_WAY).await;
        }
        None
    }

    async fn create(&self, post: &NewPost) -> Result<Post, RestError> {
        self.rest.budget().wait().await;
        let mut created = self.rest.create_post(post).await;
        if post.root_id.is_some() && created.as_ref().is_err_and(RestError::is_bad_request) {
            // The thread may have been deleted meanwhile. Then the channel reads it; what is wrong otherwise is
            // wrong there, too.
            let in_channel = post.clone().out_of_thread();
            created = self.rest.create_post(&in_channel).await;
        }
        created.inspect(|_| self.taken.note())
    }

    pub(in crate::actors::poster) fn look_for(&self, row: &Row, channel: ChannelId) -> Lookback {
        Lookback::new(channel, self.before(row.created))
    }

    /// Looks whether the row's post is there.
    pub(in crate::actors::poster) async fn find(
        &self,
        me: &UserId,
        row: &Row,
        look: &mut Lookback,
    ) -> Result<Option<Post>, RestError> {
        let _turn = self.looking.turn().await;
        look.find(&self.rest, |post| is_of(&row.id, post, me)).await
    }

    /// A moment by Mattermost's clock before anything could be posted that was made at this one by ours.
    pub(in crate::actors::poster) fn before(&self, made: Millis) -> Millis {
        let now = self.time.now();
        // What is made later than now was made by a clock that was set back since.
        let made = if made > now {
            now.minus(SET_BACK)
        } else {
            made
        };
        self.by_server(made).minus(SKEW)
    }

    /// What Mattermost's clock said at the earliest when ours said this.
    pub(in crate::actors::poster) fn by_server(&self, moment: Millis) -> Millis {
        self.rest.server_time(moment).min(moment)
    }
}

/// The row that the bot's post is what became of: anybody may write its id into a post of their own.
pub(in crate::actors::poster) fn row_of(post: &Post, me: &UserId) -> Option<RowId> {
    card_format::row_of(&post.props).filter(|_| post.user_id == *me)
}

pub(in crate::actors::poster) fn is_of(row: &RowId, post: &Post, me: &UserId) -> bool {
    row_of(post, me).as_ref() == Some(row)
}

fn unposted(row: &Row, error: &RestError, failures: u32) {
    metrics::counter!(names::POSTS_RETRIED).increment(1);
    // Some are tried several times a second: a line for each says nothing new.
    if failures.is_power_of_two() {
        let event = row.event.map(display);
        tracing::info!(row = %row.id, event, %error, failures, "a post couldn't be posted");
    }
}

pub(in crate::actors::poster) fn posted(post: &Post) -> Ended {
    Ended::Posted {
        post: post.id,
        at: post.create_at,
        shown: card_format::version_of(&post.props),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::fake::{Server, channel};
    use crate::event::{Draft, Lane, RowKind};
    use crate::model::ids::Millis;
    use crate::time::Time;
    use crate::turns::Memberships;

    #[tokio::test(start_paused = true)]
    async fn a_post_that_waits_for_the_bot_to_be_enabled_leaves_as_soon_as_it_is() {
        let (server, _sockets) = Server::start();
        server.world.lock().unwrap().posting = 401;
        let memberships = Memberships::with_account();
        let outlet = Outlet::to(&server, &memberships);
        let row = Row {
            id: RowId::read("r"),
            lane: Lane::Channel(channel(1)),
            kind: RowKind::Post(Draft::default()),
            created: Millis(1_000_000),
            blame: None,
            from: None,
            event: None,
        };
        let queued = Queued::new(row, false);
        tokio::spawn(async move { outlet.post_draft(&queued, &Draft::default()).await });
        sleep(Duration::from_secs(1)).await;
        assert_eq!(server.asked("POST /api/v4/posts"), 1);
        memberships.connected();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(server.asked("POST /api/v4/posts"), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_post_is_looked_for_by_both_clocks() {
        let (server, _sockets) = Server::start();
        let mut outlet = Outlet::to(&server, &Memberships::with_account());
        outlet.time = Time::wall();
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

    #[tokio::test(start_paused = true)]
    async fn a_row_of_a_clock_that_was_set_back_is_looked_for_in_the_last_day() {
        let (server, _sockets) = Server::start();
        let outlet = Outlet::to(&server, &Memberships::with_account());
        let now = outlet.time.now();
        let since = outlet.before(now.plus(Duration::from_secs(3600)));
        assert!(now.since(since) >= SET_BACK);
    }
}
