use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::cursors::Cursors;
use crate::model::ids::{ChannelId, Millis};
use crate::telemetry::names;
use crate::time::{Instant, instant};

/// How often it is looked which channels are behind.
pub(super) const LOOK: Duration = Duration::from_secs(5);
/// How long posts may wait before the admin should know.
const LONG: Duration = Duration::from_secs(60);
/// How many channels that can't be read are named.
const NAMED: usize = 3;

/// What keeps posts from being handled, for the admin.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// Channels that couldn't be read at the last try: since when, and why.
    unread: BTreeMap<ChannelId, Trouble>,
    unlisted: Option<Trouble>,
    unsaved: Option<Trouble>,
    /// Channels that are busy: what was there at a time must be done before long.
    busy: HashMap<ChannelId, Busy>,
}

#[derive(Debug)]
struct Trouble {
    since: Instant,
    why: String,
}

#[derive(Debug)]
struct Busy {
    since: Instant,
    target: Millis,
}

impl Troubles {
    /// A channel was read, or couldn't be.
    pub fn read(&mut self, channel: ChannelId, failed: Option<String>) {
        let mut trouble = self.unread.remove(&channel);
        note(&mut trouble, failed);
        self.unread
            .extend(trouble.map(|trouble| (channel, trouble)));
        metrics::gauge!(names::CHANNELS_UNREAD).set(self.unread.len() as f64);
    }

    /// The bot's channels were listed, or couldn't be.
    pub fn listed(&mut self, failed: Option<String>) {
        note(&mut self.unlisted, failed);
        metrics::gauge!(names::UNLISTED).set(u8::from(self.unlisted.is_some()));
    }

    /// Cursors were saved, or couldn't be.
    pub fn saved(&mut self, failed: Option<String>) {
        note(&mut self.unsaved, failed);
        metrics::gauge!(names::UNSAVED).set(u8::from(self.unsaved.is_some()));
    }

    /// The bot has left a channel.
    pub fn left(&mut self, channel: &ChannelId) {
        self.read(*channel, None);
        self.busy.remove(channel);
    }

    /// Looks which channels are busy, and whether what was there is done.
    pub fn look(&mut self, cursors: &Cursors) {
        let (now, newest) = (instant(), cursors.newest());
        let mut before = std::mem::take(&mut self.busy);
        for (channel, low) in cursors.busy() {
            let known = before.remove(&channel).filter(|busy| low < busy.target);
            let busy = known.unwrap_or(Busy {
                since: now,
                target: newest,
            });
            self.busy.insert(channel, busy);
        }
        metrics::gauge!(names::CHANNELS_BEHIND).set(self.behind().count() as f64);
    }

    fn behind(&self) -> impl Iterator<Item = (&ChannelId, Instant)> {
        let busy = self.busy.iter().map(|(id, busy)| (id, busy.since));
        busy.filter(|(_, since)| since.elapsed() > LONG)
    }

    /// A sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(Trouble { since, why }) = &self.unlisted {
            let age = age(*since);
            said.push(format!(
                "the bot's channels can't be listed ({age}), so posts may be missed until they can: {why}"
            ));
        }
        for (channel, Trouble { since, why }) in self.unread.iter().take(NAMED) {
            let age = age(*since);
            said.push(format!(
                "channel {channel} can't be read ({age}), and posts there wait for that: {why}"
            ));
        }
        if let Some(more) = self.unread.len().checked_sub(NAMED).filter(|n| *n > 0) {
            said.push(format!("{more} more channels can't be read; see the log"));
        }
        if let Some((channel, since)) = self.behind().min_by_key(|(_, since)| *since) {
            let (count, age) = (self.behind().count(), age(since));
            said.push(format!(
                "posts in {count} of the bot's channels have waited for more than a minute, longest in {channel} ({age}): \
                 they are handled in order, as fast as skills, the store and posting.rate_per_second allow"
            ));
        }
        if let Some(Trouble { since, why }) = &self.unsaved {
            let age = age(*since);
            said.push(format!(
                "how far channels are handled can't be remembered ({age}), so a restart would read them again: {why}"
            ));
        }
        said
    }
}

fn note(trouble: &mut Option<Trouble>, failed: Option<String>) {
    let since = trouble.take().map(|known| known.since);
    let since = since.unwrap_or_else(instant);
    *trouble = failed.map(|why| Trouble { since, why });
}

fn age(since: Instant) -> String {
    format!("for {} s", since.elapsed().as_secs())
}
