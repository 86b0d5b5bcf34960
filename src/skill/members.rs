use super::{Context, Failure, LookupError, Member};
use crate::model::ids::ChannelId;
use crate::sentences::absent;

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
            (LookupError::NotFound(_), Some(me)) => absent::blind(&me.name),
            (LookupError::NotFound(_) | LookupError::NoAccount, _) => absent::BLIND.to_owned(),
            (LookupError::Unavailable(_), _) => absent::UNSEEN.to_owned(),
        }))
    }
}
