//! Channels and who is in them.

use http::Method;

use super::{PER_PAGE, Rest};
use crate::client::error::RestError;
use crate::model::channel::{Channel, ChannelMember, ListedChannel};
use crate::model::ids::{ChannelId, UserId};

impl Rest {
    /// All channels of this account, in all teams, with direct and group ones. The server streams
    /// the list; where it breaks off the error is [`RestError::Malformed`], and the call can be
    /// repeated.
    pub async fn my_channels(&self) -> Result<Vec<ListedChannel>, RestError> {
        self.get("/api/v4/users/me/channels").await
    }

    /// A channel.
    pub async fn channel(&self, id: &ChannelId) -> Result<Channel, RestError> {
        self.get(&format!("/api/v4/channels/{id}")).await
    }

    /// All members of a channel, 200 a request.
    pub async fn channel_members(&self, id: &ChannelId) -> Result<Vec<ChannelMember>, RestError> {
        let mut members = Vec::new();
        loop {
            let page = members.len() / PER_PAGE;
            let path = format!("/api/v4/channels/{id}/members?page={page}&per_page={PER_PAGE}");
            let more: Vec<ChannelMember> = self.get(&path).await?;
            let last = more.len() < PER_PAGE;
            members.extend(more);
            if last {
                return Ok(members);
            }
        }
    }

    /// A membership; refused with 403 or 404 where there is none.
    pub async fn channel_member(
        &self,
        id: &ChannelId,
        user: &UserId,
    ) -> Result<ChannelMember, RestError> {
        self.get(&format!("/api/v4/channels/{id}/members/{user}"))
            .await
    }

    /// The direct channel of two people, which begins now if it didn't exist. `me` must be this
    /// account, unless it is an admin's.
    pub async fn direct_channel(&self, me: &UserId, other: &UserId) -> Result<Channel, RestError> {
        self.send(Method::POST, "/api/v4/channels/direct", &[me, other])
            .await
    }
}
