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
pub(super) struct IntakeTroubles {
    /// Channels that couldn't be read at the last try: since when, and why.
    unread: BTreeMap<ChannelId, Trouble>,
    unlisted: Option<Trouble>,
    unsaved: Option<Trouble>,
    /// Channels that are busy: what was there at a time must be done before long.
    busy: HashMap<ChannelId, Busy>,
    /// Channels of which nobody knows whether posts are missing: since when, one of them, and how many.
    unsure: Option<(Instant, ChannelId, usize)>,
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

impl IntakeTroubles {
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
        let since = self.unsure.take().map_or(now, |(since, ..)| since);
        for (channel, line) in cursors.busy() {
            let known = before.remove(&channel);
            let known = known.filter(|busy| line.low() < busy.target);
            let busy = known.unwrap_or(Busy {
                // What is missing there now was missing when nobody looked.
                since: if line.holds() { since } else { now },
                target: newest,
            });
            self.busy.insert(channel, busy);
        }
        let unsure = cursors.lines.unsure();
        self.unsure = unsure.map(|(first, count)| (since, first, count));
        metrics::gauge!(names::CHANNELS_BEHIND).set(self.behind() as f64);
    }

    fn long_busy(&self) -> impl Iterator<Item = (Instant, &ChannelId)> {
        let busy = self.busy.iter().map(|(id, busy)| (busy.since, id));
        busy.filter(|(since, _)| since.elapsed() > LONG)
    }

    fn long_unsure(&self) -> Option<(Instant, &ChannelId, usize)> {
        let (since, first, count) = self.unsure.as_ref()?;
        (since.elapsed() > LONG).then_some((*since, first, *count))
    }

    fn behind(&self) -> usize {
        self.long_busy().count() + self.long_unsure().map_or(0, |(.., count)| count)
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
        let unsure = self.long_unsure();
        let unsure = unsure.map(|(since, first, _)| (since, first));
        if let Some((since, channel)) = self.long_busy().chain(unsure).min() {
            let (count, age) = (self.behind(), age(since));
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
