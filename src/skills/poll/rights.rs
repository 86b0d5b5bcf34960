use super::Poll;
use crate::skill::{ChannelId, Context, Failure, LookupError, Person, PostId, escape};
use crate::skills::rights::Right;

impl Context<Poll> {
    /// Refuses who neither asked nor administrates the channel or the server. `deed` is what they want.
    pub(super) async fn check_right(
        &self,
        by: &Person,
        channel: &ChannelId,
        deed: &str,
    ) -> Result<(), Failure> {
        let right = Right {
            owner: &self.state.author,
            role: "who asked",
            deed,
            conversation: self.state.conversation,
        };
        right.check(self, &by.id, channel).await
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
