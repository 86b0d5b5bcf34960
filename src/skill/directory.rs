use std::collections::HashMap;

use async_trait::async_trait;

use crate::event::Person;
use crate::model::allowed::Allowed;
use crate::model::ids::{ChannelId, PostId, UserId};

/// What turns may read of Mattermost: cached, within the rate budget.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The bot itself; `None` where it has no account.
    fn me(&self) -> Option<Person>;

    /// One user.
    async fn user(&self, id: &UserId) -> Result<Member, LookupError>;

    /// One user, read anew: what they have changed a moment ago counts.
    async fn user_now(&self, id: &UserId) -> Result<Member, LookupError>;

    /// Whether somebody administrates a channel or the whole server, read anew. Who administrates a
    /// channel is seen only where the bot is in it.
    async fn is_admin(&self, channel: &ChannelId, user: &UserId) -> Result<bool, LookupError>;

    /// Whose post this is, read anew. The bot must be able to see it.
    async fn author(&self, post: &PostId) -> Result<UserId, LookupError>;

    /// What posts say now, read anew, by their ids, without a mention of the bot in front; none for those that
    /// were deleted. Posts that the bot can't see are left out. Edits that were made while the bot was away are
    /// in there: nobody tells of them later.
    async fn texts(&self, posts: &[PostId])
    -> Result<HashMap<PostId, Option<String>>, LookupError>;

    /// Everybody in a channel, bots included. The bot must be in it.
    async fn members(&self, channel: &ChannelId) -> Result<Vec<Member>, LookupError>;

    /// Whether the bot can post in a channel, as it was last heard: it is a member, and the channel
    /// isn't archived.
    fn is_in(&self, channel: &ChannelId) -> bool;

    /// A channel's display name, as people know it.
    async fn channel_name(&self, channel: &ChannelId) -> Result<String, LookupError>;

    /// How long texts may be; as every server takes them, where it isn't known.
    fn allowed(&self) -> Allowed {
        Allowed::default()
    }

    /// Somebody's account changed: what is remembered of it counts no more.
    fn changed(&self, id: &UserId);

    /// Where an attached file is: only who can read its post may open it.
    fn file_link(&self, id: &str) -> String;
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
