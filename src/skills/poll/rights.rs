use super::Poll;
use crate::skill::{ChannelId, Context, Failure, LookupError, Person, PostId, escape};

impl Context<Poll> {
    /// Refuses who neither asked nor administrates the channel or the server. `what` is what they want. A direct or group
    /// message has no admins of its own.
    pub(super) async fn check_right(
        &self,
        by: &Person,
        channel: &ChannelId,
        what: &str,
    ) -> Result<(), Failure> {
        let author = &self.state.author;
        if by.id == author.id {
            return Ok(());
        }
        let only = format!(
            "Only {}, who asked, can {what} this poll.",
            escape(&author.name)
        );
        let more = match self.mattermost().is_admin(channel, &by.id).await {
            Ok(true) => return Ok(()),
            Ok(false) | Err(LookupError::NotFound(_)) if self.state.conversation => {
                " So can admins of the server."
            }
            Ok(false) => " So can admins of the channel and of the server.",
            Err(LookupError::NoAccount) => "",
            Err(LookupError::NotFound(_)) => {
                " So could an admin of the channel, but the bot isn't in it and can't see who is one."
            }
            Err(LookupError::Unavailable(error)) => {
                tracing::warn!(error, "whether somebody is an admin can't be read");
                " So can admins, but Mattermost can't be asked now whether you are one. Try again in a \
                 minute."
            }
        };
        Err(Failure::Refused(only + more))
    }

    /// Refuses to delete a post that isn't the bot's own: nobody else's can it delete.
    pub(super) async fn check_own(&self, post: Option<PostId>) -> Result<PostId, Failure> {
        let author = match &post {
            Some(post) => self.mattermost().author(post).await,
            None => Err(LookupError::NoAccount),
        };
        match (post, author, self.mattermost().me()) {
            (Some(post), Ok(author), Some(me)) if author == me.id => Ok(post),
            (_, Err(LookupError::Unavailable(error)), _) => {
                tracing::warn!(error, "whose post a poll is can't be read");
                Err(Failure::refuse(
                    "Mattermost can't be asked now. Try again in a minute.",
                ))
            }
            _ => {
                let why = match self.state.conversation {
                    true => "",
                    false => ", as the bot isn't in this channel",
                };
                Err(Failure::Refused(format!(
                    "This poll is {}'s own post{why}. Its menu (⋯) can delete it.",
                    escape(&self.state.author.name)
                )))
            }
        }
    }
}
