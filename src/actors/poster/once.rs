use std::time::Duration;

use super::ended::{Aside, Ended};
use super::outlet::Outlet;
use crate::actors::face;
use crate::client::error::{RestError, Retry};
use crate::event::Row;
use crate::model::ids::{ChannelId, UserId};
use crate::model::post::{NewPost, Post};
use crate::telemetry::names;
use crate::time::sleep;

/// How far back a read-back looks before the row was made: clocks differ.
const SKEW: Duration = Duration::from_secs(300);

/// Posting exactly once: where a try may have had its effect, by looking before the next one. That
/// has the same `pending_post_id`, in case the first is still under way; alone it proves nothing, as
/// Mattermost forgets it at a restart, after 30 s, and where it fails after having saved.
impl Outlet {
    pub(super) async fn post_exactly_once(
        &self,
        me: &UserId,
        row: &Row,
        post: &NewPost,
        maybe_sent: bool,
    ) -> Ended {
        let (mut look, mut failures) = (maybe_sent, 0);
        loop {
            let result = if look {
                match self.find(me, &post.channel_id, row).await {
                    Ok(Some(found)) => Ok(found),
                    Ok(None) => {
                        look = false;
                        continue;
                    }
                    Err(error) => Err(error),
                }
            } else {
                self.rest.budget().wait().await;
                self.rest.create_post(post).await
            };
            let error = match result {
                Ok(post) => return posted(&post),
                Err(error) => error,
            };
            metrics::counter!(names::POSTS_RETRIED).increment(1);
            match error.retry() {
                Retry::Never => return Ended::SetAside(Aside::refused(&error)),
                Retry::SameIdOnly => look = true,
                _ => {}
            }
            failures += 1;
            tracing::info!(row = %row.id, %error, failures, "a post is tried again");
            sleep(self.pause(&error, failures)).await;
        }
    }

    /// Looks whether the row's post is there.
    async fn find(
        &self,
        me: &UserId,
        channel: &ChannelId,
        row: &Row,
    ) -> Result<Option<Post>, RestError> {
        let posts = self
            .rest
            .posts_since(channel, row.created.minus(SKEW))
            .await?;
        let own =
            |post: &Post| post.user_id == *me && face::row_of(&post.props) == Some(row.id.clone());
        Ok(posts.into_iter().find(own))
    }
}

fn posted(post: &Post) -> Ended {
    Ended::Posted {
        post: post.id,
        at: post.create_at,
        shown: face::version_of(&post.props),
    }
}
