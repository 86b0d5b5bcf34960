use std::time::Duration;

use super::Outlet;
use crate::actors::poster::ended::{Aside, Ended};
use crate::actors::poster::lanes::Queued;
use crate::client::error::RestError;
use crate::event::Lane;
use crate::model::ids::{ChannelId, UserId};
use crate::sentences::lost::{Lost, Why, called};
use crate::time::{Instant, instant, sleep};

/// How long a 403 or 404 may be a race on the server: right after a channel was made or joined the
/// membership isn't everywhere yet.
pub(in crate::actors::poster) const RACES: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
pub(in crate::actors::poster) const LAST_PAUSE: Duration = Duration::from_secs(2);

/// How long to wait for the next try after so many others that may have met a race.
pub(in crate::actors::poster) fn race_pause(tries: u32) -> Duration {
    let pause = FIRST_PAUSE.saturating_mul(1 << tries.min(16));
    pause.min(LAST_PAUSE)
}

/// What Mattermost's own refusal of a post means.
pub(in crate::actors::poster) enum PostRefusal {
    /// It may have been a race: now is the next try.
    Again,
    /// It can never be posted.
    Final(Aside),
    /// It can when the bot is back.
    Lost(Lost),
}

impl PostRefusal {
    /// What becomes of the row; none where it is tried again.
    pub fn ended(self, maybe_sent: bool) -> Option<Ended> {
        match self {
            Self::Again => None,
            Self::Final(aside) => Some(Ended::SetAside(aside)),
            Self::Lost(lost) => Some(Ended::Waits { lost, maybe_sent }),
        }
    }
}

/// How the bot is in a channel.
pub(in crate::actors::poster) enum Standing {
    Here,
    Lost(Lost),
}

/// How long refusals of a place are taken for a race.
#[derive(Debug, Default)]
pub(in crate::actors::poster) struct Patience {
    since: Option<Instant>,
    tries: u32,
    /// The row waits for the place already: it is looked at before anything is tried again.
    waits: bool,
    /// A look has found the bot there.
    here: bool,
}

impl Patience {
    pub fn with(queued: &Queued) -> Self {
        Self {
            waits: queued.waits.is_some(),
            ..Self::default()
        }
    }

    /// A look has found the bot there. `true` the first time: it may have come back just now, and what
    /// was refused is tried anew.
    fn is_here(&mut self) -> bool {
        self.waits = false;
        let first = !std::mem::replace(&mut self.here, true);
        if first {
            (self.since, self.tries) = (None, 0);
        }
        first
    }

    /// How long to wait before the next try; none where it is no race.
    pub fn pause(&mut self) -> Option<Duration> {
        let now = instant();
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) >= RACES {
            return None;
        }
        let pause = race_pause(self.tries);
        self.tries += 1;
        Some(pause)
    }
}

/// Looking into refusals.
impl Outlet {
    /// What a refusal means. A direct channel that stays shut is asked for anew by the next row.
    pub(in crate::actors::poster) async fn refused(
        &self,
        queued: &Queued,
        error: &RestError,
        patience: &mut Patience,
    ) -> PostRefusal {
        let aside = || PostRefusal::Final(Aside::refused(error));
        let of_place = error.is_of_place();
        if of_place && !patience.waits && self.paused(patience).await {
            return PostRefusal::Again;
        }
        let (channel, me) = match (&queued.row.lane, &self.me) {
            (Lane::Channel(channel), Some(me)) => (channel, me),
            (lane, _) => {
                self.shut(lane);
                return aside();
            }
        };
        if !of_place && !error.is_bad_request() {
            return aside();
        }
        // Of an archived channel Mattermost says 400, as of a post that is too long.
        let standing = self.find_out(me, channel).await;
        match standing {
            Ok(Standing::Lost(lost)) => PostRefusal::Lost(lost),
            Ok(Standing::Here) => {
                match patience.is_here() || of_place && self.paused(patience).await {
                    true => PostRefusal::Again,
                    false => aside(),
                }
            }
            Err(error) => {
                tracing::info!(%channel, %error, "a channel that refuses a post can't be looked at");
                patience.tries += 1;
                self.wait(&error, patience.tries).await;
                PostRefusal::Again
            }
        }
    }

    /// A direct channel that refuses isn't taken for one any more.
    fn shut(&self, lane: &Lane) {
        if let Lane::Direct(person) = lane
            && let Some(channel) = self.memberships.direct_channel(person)
        {
            self.memberships.left(&channel);
        }
    }

    /// Waits before another try. `false` where there is none.
    pub(in crate::actors::poster) async fn paused(&self, patience: &mut Patience) -> bool {
        match patience.pause() {
            Some(pause) => {
                sleep(pause).await;
                true
            }
            None => false,
        }
    }

    /// Asks Mattermost how the bot is in a channel, and remembers it.
    pub(in crate::actors::poster) async fn find_out(
        &self,
        me: &UserId,
        channel: &ChannelId,
    ) -> Result<Standing, RestError> {
        self.memberships.doubt(channel);
        let standing = self.standing(me, channel).await;
        let left = matches!(standing, Ok(Standing::Lost(_)));
        self.memberships.found_out(channel, left);
        standing
    }

    async fn standing(&self, me: &UserId, id: &ChannelId) -> Result<Standing, RestError> {
        let lost = |why, name| Ok(Standing::Lost(Lost { why, name }));
        let channel = match self.rest.channel(id).await {
            Ok(channel) => channel,
            Err(error) if error.is_not_found() => return lost(Why::Deleted, None),
            Err(error) if error.is_of_place() => return lost(Why::NotMember, None),
            Err(error) => return Err(error),
        };
        let name = Some(called(&channel));
        if channel.delete_at.is_set() {
            return lost(Why::Archived, name);
        }
        match self.rest.channel_member(id, me).await {
            Ok(_) => Ok(Standing::Here),
            Err(error) if error.is_of_place() => lost(Why::NotMember, name),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_race_is_tried_often_at_first_and_for_ten_seconds() {
        let mut patience = Patience::default();
        let (begun, mut tries) = (instant(), 0);
        let mut first = Duration::ZERO;
        while let Some(pause) = patience.pause() {
            sleep(pause).await;
            tries += 1;
            first = first.max(if tries <= 2 {
                begun.elapsed()
            } else {
                Duration::ZERO
            });
        }
        let all = begun.elapsed();
        assert!(first <= Duration::from_millis(150), "{first:?}");
        assert!((RACES..RACES + LAST_PAUSE).contains(&all), "{all:?}");
        assert!(tries < 15, "{tries}");
    }
}
