use async_trait::async_trait;

use super::{Context, Failure};
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

    /// Whether the bot can post in a channel, as it was last heard: it is a member, and the channel
    /// isn't archived.
    fn is_in(&self, channel: &ChannelId) -> bool;

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

impl<T> Context<T> {
    /// Everybody in a channel, bots and accounts out of use included. Where that can't be read the
    /// person is told why, and how to invite the bot.
    pub async fn members(&self, channel: &ChannelId) -> Result<Vec<Member>, Failure> {
        let error = match self.mattermost().members(channel).await {
            Ok(members) => return Ok(members),
            Err(error) => error,
        };
        tracing::info!(%channel, %error, "members can't be read");
        Err(Failure::Refused(match (error, self.mattermost().me()) {
            (LookupError::NotFound(_), Some(me)) => format!(
                "I am not in this channel. Type `/invite @{}`, and try again.",
                me.name
            ),
            (LookupError::NotFound(_) | LookupError::NoAccount, _) => {
                "I have no account of my own, so I can't see who is in this channel.".into()
            }
            (LookupError::Unavailable(_), _) => {
                "I can't see who is in this channel now. Try again in a minute.".into()
            }
        }))
    }
}
