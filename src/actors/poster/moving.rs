use std::time::Duration;

use serde_json::Value;

use super::ended::{Aside, Ended};
use super::once;
use super::outlet::Outlet;
use super::place::Patience;
use crate::client::error::{RestError, Retry};
use crate::event::Row;
use crate::model::ids::{PostId, UserId};
use crate::model::post::{Post, PostUpdate};
use crate::model::props::Props;

/// How long after a row was made a try of an earlier process may still have its effect.
const UNDER_WAY: Duration = Duration::from_secs(30);
const MOVED: &str = "*This has moved: it is further down now.*";

/// Cards that are posted anew.
impl Outlet {
    /// A row whose card is posted by another by now: it leaves nothing, unless it has already, and then that
    /// is one too many. An earlier process's try may still be under way: it is looked for until it can't be.
    pub(super) async fn overtaken(&self, row: &Row, maybe_sent: bool) -> Ended {
        if let (true, Some(me)) = (maybe_sent, self.me) {
            if let Some(post) = self.sent_before(&me, row).await {
                return once::posted(&post);
            }
            if self.time.now().since(row.created) < UNDER_WAY {
                return Ended::Later;
            }
        }
        self.settled_first(&row.id).await;
        Ended::Left
    }

    async fn sent_before(&self, me: &UserId, row: &Row) -> Option<Post> {
        let channel = self
            .channel(me, &row.lane, &mut Patience::default())
            .await
            .ok()?;
        let mut failures = 0;
        loop {
            match self.find(me, &channel, row).await {
                Ok(found) => return found,
                Err(error) if error.retry() == Retry::Never => return None,
                Err(error) => {
                    failures += 1;
                    self.wait(&error, failures).await;
                }
            }
        }
    }

    /// Takes a card's former post away.
    pub(super) async fn take_away(&self, row: &Row, post: &PostId) -> Ended {
        let gone = self.until_gone(post, async || self.deleted(post).await);
        match gone.await {
            Ok(()) => self.gone(row).await,
            Err(error) => Ended::SetAside(Aside::refused(&error)),
        }
    }

    /// With a root Mattermost deletes what people answered in its thread, so that such a post only says that
    /// its card is elsewhere.
    async fn deleted(&self, post: &PostId) -> Result<(), RestError> {
        let there = match self.rest.post(post).await {
            Err(error) if error.is_not_found() => return Ok(()),
            there => there?,
        };
        let answers = there.extra.get("reply_count").and_then(Value::as_i64);
        self.rest.budget().wait().await;
        let done = if there.root_id.is_none() && answers.is_some_and(|count| count > 0) {
            let props = Props::default().with("from_bot", "true");
            let moved = PostUpdate::new(MOVED).and_then(|update| update.with_props(props));
            let moved = moved.map_err(|error| RestError::NotSent(error.to_string()))?;
            self.rest.patch_post(post, &moved.into()).await.map(drop)
        } else {
            self.rest.delete_post(post).await
        };
        match done {
            Err(error) if error.is_not_found() => Ok(()),
            done => done,
        }
    }
}
