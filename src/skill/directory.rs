use async_trait::async_trait;

use crate::event::Person;
use crate::model::ids::{ChannelId, UserId};

/// What turns may read of Mattermost: cached, within the rate budget.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The bot itself; `None` where it has no account.
    fn me(&self) -> Option<Person>;

    /// One user.
    async fn user(&self, id: &UserId) -> Result<Member, LookupError>;

    /// Everybody in a channel, bots included. The bot must be in it.
    async fn members(&self, channel: &ChannelId) -> Result<Vec<Member>, LookupError>;

    /// A channel's display name, as people know it.
    async fn channel_name(&self, channel: &ChannelId) -> Result<String, LookupError>;
}

/// A user, as far as skills need one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Id and name.
    pub person: Person,
    /// A bot account.
    pub is_bot: bool,
    /// Whether the account is in use.
    pub active: bool,
    /// IANA name of the person's time zone; empty where unknown.
    pub timezone: String,
}

/// Why something can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// There is no such thing, or the bot may not see it.
    #[error("{0} is not there, or the bot may not see it")]
    NotFound(String),
    /// The program has no bot account to read with.
    #[error("without a bot account nothing can be read; set BOT_TOKEN")]
    NoAccount,
    /// It may work later.
    #[error("Mattermost could not be asked: {0}")]
    Unavailable(String),
}
