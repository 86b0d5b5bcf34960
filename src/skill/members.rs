use super::{Context, Failure, LookupError, Member};
use crate::model::ids::ChannelId;

impl<T> Context<T> {
    /// How a sentence names the bot: `@name`. What answers a slash command is shown under the name of
    /// the person who typed it, so that "I" would be wrong there.
    pub fn bot(&self) -> String {
        let me = self.mattermost().me();
        me.map_or("The bot".into(), |me| format!("@{}", me.name))
    }

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
                "@{0} is not in this channel. Type `/invite @{0}`, and try again; into a direct message nobody can be invited.",
                me.name
            ),
            (LookupError::NotFound(_) | LookupError::NoAccount, _) => {
                "The bot has no account of its own, so it can't see who is in this channel.".into()
            }
            (LookupError::Unavailable(_), _) => {
                "Who is in this channel can't be seen now. Try again in a minute.".into()
            }
        }))
    }
}
