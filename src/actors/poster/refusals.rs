use std::time::Duration;

use super::outlet::place::{RACES, race_pause};
use crate::event::Version;
use crate::model::ids::Millis;

/// How long a card rests whose PUT failed.
pub(super) const RETRY: Duration = Duration::from_secs(5);
/// How long a version rests that Mattermost refuses: what is in its way may go.
const REFUSED: Duration = Duration::from_secs(600);

/// What Mattermost has refused of a card since it was last shown.
#[derive(Debug, Default)]
pub(super) struct CardRefusals {
    /// Since when it refuses what is to be shown, or says that the post isn't there, and how often it did.
    race: Option<(Millis, u32)>,
    for_good: Option<Refused>,
}

/// A version that isn't tried again before then; a later one is at once.
#[derive(Debug, Clone, Copy)]
struct Refused {
    version: Version,
    until: Millis,
    /// Which of all its comings had brought the bot into the channel.
    coming: Option<u64>,
}

impl CardRefusals {
    /// A refusal counts once it has lasted: right after the bot came back or the post was made the server may
    /// not know of it everywhere. Until then it is tried again, after this pause.
    pub fn pause(&mut self, now: Millis) -> Option<Duration> {
        let (since, tries) = self.race.get_or_insert((now, 0));
        let may_be = now.since(*since) < RACES;
        let pause = may_be.then(|| race_pause(*tries));
        *tries += 1;
        pause
    }

    /// What is refused now would be a new race.
    pub fn no_race(&mut self) {
        self.race = None;
    }

    /// A version is refused for good.
    pub fn counts(&mut self, version: Version, now: Millis) {
        self.for_good = Some(Refused {
            version,
            until: now.plus(REFUSED),
            coming: None,
        });
    }

    /// Whether a refusal counts.
    pub fn is_for_good(&self) -> bool {
        self.for_good.is_some()
    }

    /// Whether this version isn't tried now.
    pub fn rests(&self, version: Version, now: Millis) -> bool {
        self.is_of(version) && self.for_good.is_some_and(|refused| refused.until > now)
    }

    /// Whether it is this version, or a later one, that is refused.
    pub fn is_of(&self, version: Version) -> bool {
        self.for_good
            .is_some_and(|refused| refused.version >= version)
    }

    /// It was refused when the bot was in its channel since this coming of all.
    pub fn since(&mut self, coming: Option<u64>) {
        if let Some(refused) = &mut self.for_good {
            refused.coming = coming;
        }
    }

    /// Whether the bot has come into the channel after the refusal, if it is there since this coming of all.
    pub fn is_before(&self, coming: Option<u64>) -> bool {
        coming.is_some()
            && self
                .for_good
                .is_some_and(|refused| refused.coming != coming)
    }

    /// Why it is refused isn't known: it is tried again before long.
    pub fn rest_less(&mut self, now: Millis) {
        if let Some(refused) = &mut self.for_good {
            refused.until = refused.until.min(now.plus(RETRY));
        }
    }
}
