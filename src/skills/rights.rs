use crate::skill::{ChannelId, Context, Failure, LookupError, Person, UserId, escape};

/// What only some may do.
pub(super) struct Right<'a> {
    /// Who may, whoever administrates.
    pub owner: &'a Person,
    /// What makes them the owner: "who asked".
    pub role: &'a str,
    /// What it is: "close this poll".
    pub deed: &'a str,
    /// In a direct or group message, which has no admins of its own.
    pub conversation: bool,
}

impl Right<'_> {
    /// Refuses who is neither the owner nor administrates the channel or the server.
    pub async fn check<S>(
        &self,
        cx: &Context<S>,
        by: &UserId,
        channel: &ChannelId,
    ) -> Result<(), Failure> {
        if *by == self.owner.id {
            return Ok(());
        }
        let more = match cx.mattermost().is_admin(channel, by).await {
            Ok(true) => return Ok(()),
            Ok(false) | Err(LookupError::NotFound(_)) if self.conversation => {
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
        let (owner, role, deed) = (escape(&self.owner.name), self.role, self.deed);
        Err(Failure::Refused(format!(
            "Only {owner}, {role}, can {deed}.{more}"
        )))
    }
}
