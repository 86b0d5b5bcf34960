use std::time::Duration;

use super::ended::{Aside, Ended};
use super::lanes::Queued;
use super::outlet::Outlet;
use crate::client::error::RestError;
use crate::event::{Lane, RowKind};
use crate::model::channel::{Channel, ChannelType};
use crate::model::ids::{ChannelId, UserId};
use crate::time::{Instant, instant, sleep};

/// How long a 403 or 404 may be a race on the server: right after a channel was made or joined the
/// membership isn't everywhere yet.
pub(super) const RACES: Duration = Duration::from_secs(10);
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);
pub(super) const LAST_PAUSE: Duration = Duration::from_secs(2);

/// What Mattermost's own refusal of a post means.
pub(super) enum Refusal {
    /// It may have been a race: now is the next try.
    Again,
    /// It can never be posted.
    Final(Aside),
    /// It can when the bot is back.
    Lost(Lost),
}

impl Refusal {
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
enum Standing {
    Here,
    Lost(Lost),
}

/// A channel that the bot can't post in until it is back there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lost {
    pub why: Why,
    /// As people know the channel, where the bot may see it.
    pub name: Option<String>,
}

/// Why a channel is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The bot isn't a member.
    NotMember,
    Archived,
    /// Mattermost doesn't know it any more.
    Deleted,
}

/// What waits for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Something is to be posted.
    Post,
    /// A post is to be deleted.
    Removal,
}

impl Task {
    /// What a row does.
    pub fn of(kind: &RowKind) -> Self {
        match kind {
            RowKind::Delete(_) | RowKind::Withdrawal(_) => Self::Removal,
            _ => Self::Post,
        }
    }
}

/// How long refusals of a place are taken for a race.
#[derive(Debug, Default)]
pub(super) struct Patience {
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
        let pause = FIRST_PAUSE.saturating_mul(1 << self.tries.min(16));
        self.tries += 1;
        Some(pause.min(LAST_PAUSE))
    }
}

/// Looking into refusals.
impl Outlet {
    /// What a refusal means. A direct channel that stays shut is asked for anew by the next row.
    pub(super) async fn refused(
        &self,
        queued: &Queued,
        error: &RestError,
        patience: &mut Patience,
    ) -> Refusal {
        let aside = || Refusal::Final(Aside::refused(error));
        let of_place = error.is_of_place();
        if of_place && !patience.waits && self.paused(patience).await {
            return Refusal::Again;
        }
        let (channel, me) = match (&queued.row.lane, &self.me) {
            (Lane::Channel(channel), Some(me)) => (channel, me),
            (Lane::Direct(person), _) => {
                let channel = self.presence.direct_channel(person);
                channel
                    .iter()
                    .for_each(|channel| self.presence.left(channel));
                return aside();
            }
            (Lane::Channel(_), None) => return aside(),
        };
        if !of_place && !error.is_bad_request() {
            return aside();
        }
        // Of an archived channel Mattermost says 400, as of a post that is too long.
        let standing = self.find_out(me, channel).await;
        match standing {
            Ok(Standing::Lost(lost)) => Refusal::Lost(lost),
            Ok(Standing::Here) => {
                match patience.is_here() || of_place && self.paused(patience).await {
                    true => Refusal::Again,
                    false => aside(),
                }
            }
            Err(error) => {
                tracing::info!(%channel, %error, "a channel that refuses a post can't be looked at");
                patience.tries += 1;
                self.wait(&error, patience.tries).await;
                Refusal::Again
            }
        }
    }

    /// Waits before another try. `false` where there is none.
    pub(super) async fn paused(&self, patience: &mut Patience) -> bool {
        match patience.pause() {
            Some(pause) => {
                sleep(pause).await;
                true
            }
            None => false,
        }
    }

    /// Asks Mattermost how the bot is in a channel, and remembers it.
    async fn find_out(&self, me: &UserId, channel: &ChannelId) -> Result<Standing, RestError> {
        self.presence.doubt(channel);
        let standing = self.standing(me, channel).await;
        let left = matches!(standing, Ok(Standing::Lost(_)));
        self.presence.found_out(channel, left);
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

/// A channel's name for sentences: Mattermost makes a link of `~name`.
fn called(channel: &Channel) -> String {
    match channel.kind {
        ChannelType::Open | ChannelType::Private => format!("~{}", channel.name),
        _ => channel.display_name.clone(),
    }
}

impl Lost {
    /// What the person reads whom rows concern: what each is, where that is known.
    pub fn notice(&self, whats: &[Option<&str>], task: Task, bot: &str) -> String {
        let place = self.name.as_deref().unwrap_or("a channel where we spoke");
        let (subject, many) = subject(whats, place);
        let (why, remedy) = match self.why {
            Why::NotMember => (
                "I'm not in the channel any more",
                Some(format!("Invite me there with `/invite @{bot}`")),
            ),
            Why::Archived => (
                "the channel is archived",
                Some("Have it restored".to_owned()),
            ),
            Why::Deleted => ("the channel was deleted", None),
        };
        let it = if many { "they" } else { "it" };
        let done = match task {
            Task::Post => "posted",
            Task::Removal => "deleted",
        };
        match remedy {
            Some(remedy) => {
                format!(
                    "{subject} can't be {done}, because {why}. {remedy}, and {it} will be {done}."
                )
            }
            None => format!("{subject} can't be {done}, because {why}."),
        }
    }

    /// What is answered to a command that was typed there: under the name of who typed it, so that it
    /// names the bot.
    pub fn answer(&self, bot: &str) -> String {
        match self.why {
            Why::NotMember => format!(
                "@{bot} is not in this channel, so it couldn't post here. Invite it with `/invite \
                 @{bot}`, and it will be posted."
            ),
            _ => format!("This channel is archived, so @{bot} couldn't post here."),
        }
    }

    /// What the admin reads.
    pub fn problem(&self, rows: usize, id: &ChannelId, bot: &str) -> String {
        let posts = counted(rows, "post waits", "posts wait");
        let place = match &self.name {
            Some(name) => format!("{name} ({id})"),
            None => format!("the channel {id}"),
        };
        let why = match self.why {
            Why::NotMember => format!(
                "where the bot is no member any more: invite it with `/invite @{bot}`, or let the channel go"
            ),
            Why::Archived => "which is archived: restore it, or let it go".to_owned(),
            Why::Deleted => "which Mattermost doesn't know any more".to_owned(),
        };
        format!("{posts} for {place}, {why}")
    }
}

/// How many things are named at most.
const NAMED: usize = 5;

/// What waits, as a sentence begins, and whether it is more than one thing.
fn subject(whats: &[Option<&str>], place: &str) -> (String, bool) {
    let mut named: Vec<&str> = Vec::new();
    for what in whats.iter().flatten() {
        if !named.contains(what) && named.len() < NAMED {
            named.push(what);
        }
    }
    let known = |what: &&Option<&str>| what.is_some_and(|what| named.contains(&what));
    let others = whats.len() - whats.iter().filter(known).count();
    let mut parts: Vec<String> = named.iter().map(|&what| what.to_owned()).collect();
    match (others, parts.is_empty()) {
        (0, _) => {}
        (1, true) => parts.push(format!("A post of mine in {place}")),
        (n, true) => parts.push(format!("{n} posts of mine in {place}")),
        (n, false) => parts.push(counted(n, "other post there", "other posts there")),
    }
    let many = parts.len() > 1 || others > 1;
    (parts.join(" and "), many)
}

fn counted(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(why: Why) -> Lost {
        Lost {
            why,
            name: Some("~dev".into()),
        }
    }

    #[test]
    fn who_is_concerned_reads_what_waits_why_and_what_to_do() {
        let sum_up = Some("The sum-up of the standup in **Dev**");
        let table = [
            (
                Why::NotMember,
                vec![sum_up],
                "The sum-up of the standup in **Dev** can't be posted, because I'm not in the channel any more. Invite me there with `/invite @bot`, and it will be posted.",
            ),
            (
                Why::Archived,
                vec![None],
                "A post of mine in ~dev can't be posted, because the channel is archived. Have it restored, and it will be posted.",
            ),
            (
                Why::Deleted,
                vec![None, None],
                "2 posts of mine in ~dev can't be posted, because the channel was deleted.",
            ),
            (
                Why::Archived,
                vec![sum_up, None, sum_up],
                "The sum-up of the standup in **Dev** and 1 other post there can't be posted, because the channel is archived. Have it restored, and they will be posted.",
            ),
        ];
        for (why, whats, expected) in table {
            assert_eq!(lost(why).notice(&whats, Task::Post, "bot"), expected);
        }
        assert_eq!(
            lost(Why::NotMember).notice(&[None], Task::Removal, "bot"),
            "A post of mine in ~dev can't be deleted, because I'm not in the channel any more. Invite me there with `/invite @bot`, and it will be deleted."
        );
    }

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
