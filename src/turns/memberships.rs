use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::sync::Notify;

use super::channels::{Channels, Spot};
use crate::client::witness::Witness;
use crate::model::ids::{ChannelId, UserId};
use crate::skill::Directory;

/// What is known of the bot's channels: above all where it is a member, as Intake last heard. Shared by all; a hint,
/// for the truth is Mattermost's.
#[derive(Clone, Default)]
pub struct Memberships {
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
    channels: Channels,
    /// Channels that somebody is finding out about.
    doubts: HashSet<ChannelId>,
}

impl Memberships {
    /// There is a bot account, so it may be a member somewhere.
    pub fn with_account() -> Self {
        let memberships = Self::default();
        memberships.write(|inner| inner.account = true);
        memberships
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
        let here = |inner: &Inner| !inner.listed || inner.channels.coming(channel).is_some();
        self.read(|inner| inner.account && here(inner))
    }

    /// What is known of a channel; `None` where the bot isn't known to be in it.
    pub fn known(&self, channel: &ChannelId) -> Option<Spot> {
        self.look(|channels| channels.known(channel))
    }

    /// The bot's direct channel with a person, where it is known.
    pub fn direct_channel(&self, person: &UserId) -> Option<ChannelId> {
        self.look(|channels| channels.direct(person))
    }

    /// The bot is in this channel.
    pub fn joined(&self, channel: ChannelId, spot: Spot) {
        self.write(|inner| {
            inner.channels.came(channel, spot);
            inner.doubts.remove(&channel);
        });
    }

    /// The bot has left this channel.
    pub fn left(&self, channel: &ChannelId) {
        self.change(|channels| channels.left(channel));
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
                inner.channels.is_out_of(channel);
            }
        });
    }

    /// Whether the bot is known to be in a channel, and not only believed to.
    pub fn is_known_in(&self, channel: &ChannelId) -> bool {
        self.coming(channel).is_some()
    }

    /// Which of all its comings brought the bot into a channel; `None` where it isn't known to be there.
    pub fn coming(&self, channel: &ChannelId) -> Option<u64> {
        self.look(|channels| channels.coming(channel))
    }

    /// A channel is in the list of all that comes from Mattermost.
    pub fn listed(&self, channel: ChannelId, spot: Spot) {
        self.write(|inner| {
            if inner.channels.listed(channel, spot) {
                inner.doubts.remove(&channel);
            }
        });
    }

    /// That list was whole. Gives back the channels that Intake follows and that aren't in it.
    pub fn list_ended(&self) -> Vec<ChannelId> {
        self.write(|inner| {
            inner.listed = true;
            inner.channels.end_list()
        })
    }

    /// Reads the table of channels.
    pub fn look<T>(&self, look: impl FnOnce(&Channels) -> T) -> T {
        self.read(|inner| look(&inner.channels))
    }

    /// Changes it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Channels) -> T) -> T {
        self.write(|inner| change(&mut inner.channels))
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

    fn write<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Memberships {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memberships").field(&self.inner).finish()
    }
}
