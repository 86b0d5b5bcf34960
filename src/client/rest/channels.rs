//! Channels and who is in them.

use futures_util::{Stream, TryStreamExt};
use http::Method;

use super::lists::List;
use super::{PER_PAGE, Rest};
use crate::client::error::RestError;
use crate::model::channel::{Channel, ChannelMember, ListedChannel};
use crate::model::ids::{ChannelId, UserId};

/// Some of the channels where this account is a member.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MyChannels {
    /// Those that can be read.
    pub channels: Vec<ListedChannel>,
    /// Those of which only the id can be read.
    pub unread: Vec<ChannelId>,
}

impl From<List<ListedChannel>> for MyChannels {
    fn from(list: List<ListedChannel>) -> Self {
        let unread = list.unread.iter();
        Self {
            unread: unread.filter_map(|id| ChannelId::parse(id).ok()).collect(),
            channels: list.entries,
        }
    }
}

impl Rest {
    /// All channels of this account, in all teams, with direct and group ones, as they come: a bot may be in
    /// hundreds of thousands. The server streams the list; where that breaks off the last that comes is an error,
    /// and the call can be repeated.
    pub fn my_channels(&self) -> impl Stream<Item = Result<MyChannels, RestError>> + Send + use<> {
        let lists = self.entries("/api/v4/users/me/channels", "channel");
        lists.map_ok(MyChannels::from)
    }

    pub async fn channel(&self, id: &ChannelId) -> Result<Channel, RestError> {
        self.get(&format!("/api/v4/channels/{id}")).await
    }

    /// All members of a channel that can be read, 200 a request.
    pub async fn channel_members(&self, id: &ChannelId) -> Result<Vec<ChannelMember>, RestError> {
        let mut members = Vec::new();
        for page in 0.. {
            let list = self.channel_members_page(id, page).await?;
            members.extend(list.entries);
            if list.count < PER_PAGE {
                break;
            }
        }
        Ok(members)
    }

    /// What somebody is in a channel; 404 where they aren't in it, 403 where this account isn't.
    pub async fn channel_member(
        &self,
        id: &ChannelId,
        user: &UserId,
    ) -> Result<ChannelMember, RestError> {
        self.get(&format!("/api/v4/channels/{id}/members/{user}"))
            .await
    }

    /// One page of them, 200 a page; the first one is 0.
    pub(in crate::client) async fn channel_members_page(
        &self,
        id: &ChannelId,
        page: usize,
    ) -> Result<List<ChannelMember>, RestError> {
        let path = format!("/api/v4/channels/{id}/members?page={page}&per_page={PER_PAGE}");
        List::read(&self.get_bytes(&path).await?, "member")
    }

    /// The direct channel of two people, which begins now if it didn't exist. `me` must be this
    /// account, unless it is an admin's.
    pub async fn direct_channel(&self, me: &UserId, other: &UserId) -> Result<Channel, RestError> {
        self.send(Method::POST, "/api/v4/channels/direct", &[me, other])
            .await
    }
}
