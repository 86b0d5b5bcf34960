use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::sync::Notify;

use crate::client::witness::Witness;
use crate::model::ids::{ChannelId, UserId};
use crate::skill::Directory;

/// Where the bot is a member, as Intake last heard. Shared by all; a hint, for the truth is Mattermost's.
#[derive(Clone, Default)]
pub struct Presence {
    inner: Arc<RwLock<Inner>>,
    connected: Arc<Notify>,
    witness: Arc<OnceLock<Witness>>,
    directory: Arc<OnceLock<Arc<dyn Directory>>>,
}

#[derive(Debug, Default)]
struct Inner {
    account: bool,
    /// The account's name, as it was last heard.
    name: String,
    listed: bool,
    channels: HashMap<ChannelId, Here>,
    directs: HashMap<UserId, ChannelId>,
    /// How often the bot came into any channel, also as far as it was listed for the first time.
    comings: u64,
    /// Channels that somebody is finding out about.
    doubts: HashSet<ChannelId>,
}

#[derive(Debug)]
struct Here {
    known: Known,
    /// Which of all comings brought the bot there.
    coming: u64,
}

/// What is known of a channel that the bot is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The other person, where it is the bot's direct channel with one.
    pub direct: Option<UserId>,
}

impl Presence {
    /// There is a bot account, so it may be a member somewhere.
    pub fn with_account() -> Self {
        let presence = Self::default();
        presence.write(|inner| inner.account = true);
        presence
    }

    /// Who wants to know who comes and goes.
    pub fn told(&self, witness: Witness) {
        // A second one would be a second memory of the same.
        let _ = self.witness.set(witness);
    }

    /// What turns read, which remembers people.
    pub fn remembered_by(&self, directory: Arc<dyn Directory>) {
        let _ = self.directory.set(directory);
    }

    /// Somebody has another name, time zone and the like, or was deactivated.
    pub fn changed(&self, person: &UserId) {
        if let Some(directory) = self.directory.get() {
            directory.changed(person);
        }
        if let Some(witness) = self.witness.get() {
            witness.changed(person);
        }
    }

    /// Somebody has come into a channel, or left it.
    pub fn moved(&self, channel: &ChannelId, person: UserId, joined: bool) {
        match (self.witness.get(), joined) {
            (Some(witness), true) => witness.joined(channel, person),
            (Some(witness), false) => witness.left(channel, &person),
            (None, _) => {}
        }
    }

    /// The account has this name now.
    pub fn named(&self, name: &str) {
        self.write(|inner| name.clone_into(&mut inner.name));
    }

    /// The account's name, for sentences; empty without an account.
    pub fn name(&self) -> String {
        self.read(|inner| inner.name.clone())
    }

    /// Whether there is a bot account.
    pub fn has_account(&self) -> bool {
        self.read(|inner| inner.account)
    }

    /// Whether the bot can post there. Before the first listing it is believed to.
    pub fn can_post(&self, channel: &ChannelId) -> bool {
        self.read(|inner| inner.account && (!inner.listed || inner.channels.contains_key(channel)))
    }

    /// What is known of a channel; `None` where the bot isn't known to be in it.
    pub fn known(&self, channel: &ChannelId) -> Option<Known> {
        self.read(|inner| inner.channels.get(channel).map(|here| here.known.clone()))
    }

    /// The bot's direct channel with a person, where it is known.
    pub fn direct_channel(&self, person: &UserId) -> Option<ChannelId> {
        self.read(|inner| inner.directs.get(person).copied())
    }

    /// The bot is in this channel.
    pub fn joined(&self, channel: ChannelId, known: Known) {
        self.write(|inner| {
            inner
                .directs
                .extend(known.direct.map(|person| (person, channel)));
            inner.comings += 1;
            let coming = inner.comings;
            inner.channels.insert(channel, Here { known, coming });
            inner.doubts.remove(&channel);
        });
    }

    /// The bot has left this channel.
    pub fn left(&self, channel: &ChannelId) {
        self.write(|inner| {
            let known = inner.channels.remove(channel);
            if let Some(person) = known.and_then(|here| here.known.direct) {
                inner.directs.remove(&person);
            }
        });
    }

    /// Mattermost is about to be asked whether the bot is in this channel.
    pub fn doubt(&self, channel: &ChannelId) {
        self.write(|inner| {
            inner.doubts.insert(*channel);
        });
    }

    /// What came of it. The bot has left unless it came into the channel meanwhile.
    pub fn found_out(&self, channel: &ChannelId, left: bool) {
        self.write(|inner| {
            if inner.doubts.remove(channel) && left {
                inner.channels.remove(channel);
            }
        });
    }

    /// Whether the bot is known to be in a channel, and not only believed to.
    pub fn is_known_in(&self, channel: &ChannelId) -> bool {
        self.read(|inner| inner.channels.contains_key(channel))
    }

    /// Which of all its comings brought the bot into a channel; `None` where it isn't known to be there.
    pub fn coming(&self, channel: &ChannelId) -> Option<u64> {
        self.read(|inner| Some(inner.channels.get(channel)?.coming))
    }

    /// All channels that the bot is in, as Mattermost lists them.
    pub fn list(&self, channels: HashMap<ChannelId, Known>) {
        self.write(|inner| {
            let directs = channels
                .iter()
                .filter_map(|(id, known)| Some((known.direct?, *id)));
            inner.directs = directs.collect();
            let before = std::mem::take(&mut inner.channels);
            let still = |id: &ChannelId| before.contains_key(id) || !channels.contains_key(id);
            inner.doubts.retain(still);
            for (id, known) in channels {
                let coming = before.get(&id).map(|here| here.coming);
                let coming = coming.unwrap_or_else(|| {
                    inner.comings += 1;
                    inner.comings
                });
                inner.channels.insert(id, Here { known, coming });
            }
            inner.listed = true;
        });
    }

    /// Mattermost has let the bot in.
    pub fn connected(&self) {
        self.connected.notify_waiters();
    }

    /// Waits until Mattermost lets the bot in again.
    pub async fn let_in(&self) {
        self.connected.notified().await;
    }

    fn read<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Inner)) {
        change(&mut self.inner.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Presence").field(&self.inner).finish()
    }
}
