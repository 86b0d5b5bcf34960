//! What skills may read of Mattermost: cached, paced, and asked for once by many.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::cache::Cache;
use super::error::RestError;
use super::rest::Rest;
use crate::model::allowed::Allowed;
use crate::model::channel::Channel;
use crate::model::ids::{ChannelId, PostId, UserId};
use crate::model::post::Post;
use crate::model::user::User;

const USERS: Duration = Duration::from_secs(300);
const CHANNELS: Duration = Duration::from_secs(300);
const MEMBERS: Duration = Duration::from_secs(30);
/// People that are kept.
const MANY: usize = 10_000;
/// Channels that are kept.
const SOME: usize = 2_000;
/// Lists of members that are kept: each may be long.
const FEW: usize = 200;

/// Read access with a memory: people and channels for 5 minutes, members for 30 s. Cheap to
/// clone; clones share the memory. Reads wait for the rate budget, so give them a time limit.
#[derive(Clone)]
pub struct Mattermost(Arc<Inner>);

struct Inner {
    rest: Rest,
    users: Cache<UserId, Arc<User>>,
    channels: Cache<ChannelId, Arc<Channel>>,
    members: Cache<ChannelId, Arc<[UserId]>>,
}

impl Mattermost {
    /// Reads with this account's rights.
    pub fn new(rest: Rest) -> Self {
        Self(Arc::new(Inner {
            rest,
            users: Cache::new(MANY, USERS),
            channels: Cache::new(SOME, CHANNELS),
            members: Cache::new(FEW, MEMBERS),
        }))
    }

    /// How long texts may be.
    pub fn allowed(&self) -> Allowed {
        self.0.rest.allowed()
    }

    /// Somebody.
    pub async fn user(&self, id: &UserId) -> Result<Arc<User>, RestError> {
        let Inner { rest, users, .. } = &*self.0;
        users
            .get(*id, || async { rest.user(id).await.map(Arc::new) })
            .await
    }

    /// Somebody, as they are now.
    pub async fn user_now(&self, id: &UserId) -> Result<Arc<User>, RestError> {
        let Inner { rest, users, .. } = &*self.0;
        let user = Arc::new(rest.user(id).await?);
        users.put(*id, user.clone());
        Ok(user)
    }

    /// Whether somebody administrates the channel or the server now.
    pub async fn is_admin(&self, channel: &ChannelId, id: &UserId) -> Result<bool, RestError> {
        if self.user_now(id).await?.is_system_admin() {
            return Ok(true);
        }
        match self.0.rest.channel_member(channel, id).await {
            Ok(member) => Ok(member.is_admin()),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whose post this is.
    pub async fn author(&self, post: &PostId) -> Result<UserId, RestError> {
        Ok(self.0.rest.post(post).await?.user_id)
    }

    /// What posts say now, by their ids; none for those that were deleted. Those that can't be read are left out.
    pub async fn texts(
        &self,
        ids: &[PostId],
    ) -> Result<HashMap<PostId, Option<String>>, RestError> {
        let posts = self.0.rest.posts_by_ids(ids).await?.into_iter();
        let said = |post: Post| (post.id, (!post.delete_at.is_set()).then_some(post.message));
        Ok(posts.map(said).collect())
    }

    /// Many people at once, in the order of `ids`; those who don't exist are left out.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, RestError> {
        let Inner { rest, users, .. } = &*self.0;
        let known: Vec<_> = ids.iter().map(|id| users.peek(id)).collect();
        let missing: Vec<UserId> = ids
            .iter()
            .zip(&known)
            .filter(|(_, user)| user.is_none())
            .map(|(id, _)| *id)
            .collect();
        let mut fetched = HashMap::new();
        if !missing.is_empty() {
            for user in rest.users_by_ids(&missing).await? {
                let user = Arc::new(user);
                users.put(user.id, user.clone());
                fetched.insert(user.id, user);
            }
        }
        let either =
            |(id, user): (&UserId, Option<Arc<User>>)| user.or_else(|| fetched.get(id).cloned());
        Ok(ids.iter().zip(known).filter_map(either).collect())
    }

    pub async fn channel(&self, id: &ChannelId) -> Result<Arc<Channel>, RestError> {
        let Inner { rest, channels, .. } = &*self.0;
        channels
            .get(*id, || async { rest.channel(id).await.map(Arc::new) })
            .await
    }

    /// Who is in a channel: people and bots, also those who were deactivated (`delete_at`).
    pub async fn members(&self, id: &ChannelId) -> Result<Vec<Arc<User>>, RestError> {
        let Inner { rest, members, .. } = &*self.0;
        let ids = members
            .get(*id, || async {
                let members = rest.channel_members(id).await?;
                Ok(members.into_iter().map(|member| member.user_id).collect())
            })
            .await?;
        self.users(&ids).await
    }

    /// Where people find an attached file: at the address that the server gives itself.
    pub fn file_link(&self, id: &str) -> String {
        let rest = &self.0.rest;
        let path = format!("/api/v4/files/{id}");
        let link = rest.site().unwrap_or(rest.base()).join(&path);
        link.map_or(path, |link| link.to_string())
    }

    /// Forgets somebody, who changed.
    pub fn forget_user(&self, id: &UserId) {
        self.0.users.forget(id);
    }
}

impl std::fmt::Debug for Mattermost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Mattermost").field(&self.0.rest).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::fake::{Fake, answer};
    use crate::model::ids::ChannelId;
    use bytes::Bytes;
    use http::Request;
    use serde_json::{Value, json};

    fn id(n: u8) -> UserId {
        UserId::from_bytes([n; 16])
    }

    fn channel() -> ChannelId {
        ChannelId::from_bytes([9; 16])
    }

    fn user(id: &str) -> Value {
        json!({ "id": id, "username": "ann" })
    }

    fn body(request: &Request<Bytes>) -> Value {
        let path = request.uri().path();
        let last = path.rsplit('/').next().unwrap();
        match last {
            "ids" => serde_json::from_slice::<Vec<String>>(request.body())
                .unwrap()
                .iter()
                .rev()
                .map(|id| user(id))
                .collect(),
            "members" => (1..=4)
                .map(|n| json!({ "channel_id": channel(), "user_id": id(n) }))
                .collect(),
            "me" | "ann" => user(id(1).as_str()),
            _ if path.contains("/channels/") => json!({ "id": last, "type": "O" }),
            _ => user(last),
        }
    }

    fn mattermost() -> (Mattermost, Arc<Fake>) {
        let wire = Fake::new(|request| answer(200, serde_json::to_vec(&body(request)).unwrap()));
        (Mattermost::new(wire.rest()), wire)
    }

    #[tokio::test]
    async fn members_are_users_in_their_order_and_only_the_unknown_are_asked_for() {
        let (mattermost, wire) = mattermost();
        mattermost.user(&id(2)).await.unwrap();
        let members = mattermost.members(&channel()).await.unwrap();
        assert_eq!(
            members.iter().map(|user| user.id).collect::<Vec<_>>(),
            [id(1), id(2), id(3), id(4)]
        );
        let ids = json!([id(1), id(3), id(4)]);
        assert_eq!(wire.asked()[2], format!("POST /api/v4/users/ids {ids}"));
        mattermost.members(&channel()).await.unwrap();
        mattermost.user(&id(4)).await.unwrap();
        assert_eq!(wire.asked().len(), 3);
    }

    #[tokio::test]
    async fn what_was_read_is_remembered_until_it_is_forgotten() {
        let (mattermost, wire) = mattermost();
        for _ in 0..3 {
            mattermost.channel(&channel()).await.unwrap();
            mattermost.user(&id(1)).await.unwrap();
        }
        assert_eq!(wire.asked().len(), 2);
        mattermost.forget_user(&id(1));
        mattermost.channel(&channel()).await.unwrap();
        mattermost.user(&id(1)).await.unwrap();
        assert_eq!(wire.asked().len(), 3, "only who was forgotten is asked for");
    }

    #[tokio::test]
    async fn somebody_is_read_anew_where_what_they_changed_must_count() {
        let (mattermost, wire) = mattermost();
        mattermost.user(&id(1)).await.unwrap();
        mattermost.user_now(&id(1)).await.unwrap();
        assert_eq!(wire.asked().len(), 2);
        mattermost.user(&id(1)).await.unwrap();
        assert_eq!(wire.asked().len(), 2, "what was read is remembered");
    }

    #[tokio::test]
    async fn who_administrates_the_server_or_the_channel_is_an_admin() {
        for (user, member, admin) in [
            (json!("system_user system_admin"), Value::Null, Some(true)),
            (
                json!("system_user"),
                json!({"scheme_admin": true}),
                Some(true),
            ),
            (
                json!(""),
                json!({"roles": "channel_user channel_admin"}),
                Some(true),
            ),
            (
                json!("system_user"),
                json!({"roles": "channel_user"}),
                Some(false),
            ),
            (json!("system_user"), json!(404), Some(false)),
            (json!("system_user"), json!(403), None),
        ] {
            let wire = Fake::new(move |request| {
                let mut body = json!({ "id": id(1), "username": "ann", "roles": user });
                if request.uri().path().contains("/members/") {
                    if let Some(status) = member.as_u64() {
                        let error =
                            json!({ "id": "app.error", "message": "no", "status_code": status });
                        let status = u16::try_from(status).unwrap();
                        return answer(status, serde_json::to_vec(&error).unwrap());
                    }
                    body = member.clone();
                    body["channel_id"] = json!(channel());
                    body["user_id"] = json!(id(1));
                }
                answer(200, serde_json::to_vec(&body).unwrap())
            });
            let mattermost = Mattermost::new(wire.rest());
            let found = mattermost.is_admin(&channel(), &id(1)).await;
            assert_eq!(found.ok(), admin, "{:?}", wire.asked());
        }
    }

    #[tokio::test]
    async fn many_who_ask_at_once_ask_once() {
        let (mattermost, wire) = mattermost();
        let all = (0..50).map(|_| async { mattermost.user(&id(1)).await.unwrap() });
        futures_util::future::join_all(all).await;
        assert_eq!(wire.asked().len(), 1);
    }
}
