//! Posts.

use bytes::Bytes;
use http::Method;

use super::lists::AT_ONCE;
use super::{PER_PAGE, Rest, malformed};
use crate::client::error::RestError;
use crate::model::ids::{ChannelId, PostId};
use crate::model::post::{NewPost, Post, PostPage, PostPatch};

impl Rest {
    /// A post. Its buttons are stripped of what they call, even for their maker.
    pub async fn post(&self, id: &PostId) -> Result<Post, RestError> {
        let path = format!("/api/v4/posts/{id}");
        read(&path, &self.get_bytes(&path).await?)
    }

    /// Posts as they are now, in any order, and the deleted ones without their text; those that don't exist or
    /// can't be read are left out. Seen on running 10.0 and 11.10: none at all is 404, and 1,000 are taken at
    /// most.
    pub async fn posts_by_ids(&self, ids: &[PostId]) -> Result<Vec<Post>, RestError> {
        let mut posts = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            match self.list_of("/api/v4/posts/ids", &ids, "post").await {
                Ok(some) => posts.extend(some),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(posts)
    }

    /// Makes a post. One with the same `pending_post_id` within 30 s, on the same node, is the
    /// same post; after that, or where the server failed after it had saved, look before trying
    /// again.
    pub async fn create_post(&self, post: &NewPost) -> Result<Post, RestError> {
        let path = "/api/v4/posts";
        read(path, &self.send_bytes(Method::POST, path, post).await?)
    }

    /// Replaces what the patch names, and keeps the rest. There is no call for the plain
    /// `PUT /posts/{id}`: it unpins the post, and hides its reactions.
    pub async fn patch_post(&self, id: &PostId, patch: &PostPatch) -> Result<Post, RestError> {
        let path = format!("/api/v4/posts/{id}/patch");
        read(&path, &self.send_bytes(Method::PUT, &path, patch).await?)
    }

    /// Deletes a post, and with a root its whole thread. One that isn't there is 404; before 10.2, 403.
    pub async fn delete_post(&self, id: &PostId) -> Result<(), RestError> {
        let uri = self.0.base.join(&format!("/api/v4/posts/{id}"))?;
        let request = self.request(Method::DELETE, uri, Bytes::new(), true);
        self.call(request).await.map(drop)
    }

    /// Up to 200 posts of a channel, newest first: those made before the post `before` (strictly,
    /// by their `create_at`), or the newest. `page` skips that many times 200.
    pub async fn channel_posts(
        &self,
        channel: &ChannelId,
        before: Option<&PostId>,
        page: u32,
    ) -> Result<PostPage, RestError> {
        let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
        self.posts_of(channel, page, &before).await
    }

    /// Up to 200 posts of a channel, newest first: the oldest of those made after the post `after`
    /// (strictly, by their `create_at`). Nothing where that post is gone for good. `page` skips that
    /// many times 200.
    pub async fn posts_after(
        &self,
        channel: &ChannelId,
        after: &PostId,
        page: u32,
    ) -> Result<PostPage, RestError> {
        self.posts_of(channel, page, &format!("&after={after}"))
            .await
    }

    async fn posts_of(
        &self,
        channel: &ChannelId,
        page: u32,
        more: &str,
    ) -> Result<PostPage, RestError> {
        let path =
            format!("/api/v4/channels/{channel}/posts?page={page}&per_page={PER_PAGE}{more}");
        self.page(&path).await
    }
}

/// A post as far as it can be read: it may quote another, with whatever somebody put into that.
fn read(path: &str, body: &[u8]) -> Result<Post, RestError> {
    let text = std::str::from_utf8(body).map_err(|error| malformed(path, &error))?;
    Post::read(text).map_err(|error| malformed(path, &error))
}
