use serde_json::Value;

use super::Outlet;
use super::once::{self, UNDER_WAY};
use super::place::Patience;
use crate::actors::poster::ended::Ended;
use crate::client::error::RestError;
use crate::event::Row;
use crate::model::ids::{PostId, UserId};
use crate::model::post::{Post, PostUpdate};
use crate::model::props::Props;

const MOVED: &str = "*This has moved: it is further down now.*";

/// Cards that are posted anew.
impl Outlet {
    /// A row whose card is posted by another by now: it leaves nothing, unless it has already, and then that
    /// is one too many. An earlier process's try may still be under way: it is looked for until it can't be.
    pub(in crate::actors::poster) async fn overtaken(&self, row: &Row, maybe_sent: bool) -> Ended {
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
        let mut look = self.look_for(row, channel);
        let find = async || self.find(me, row, &mut look).await;
        self.patiently(find).await.ok()?
    }

    /// With a root Mattermost deletes what people answered in its thread, so that such a post only says that
    /// its card is elsewhere.
    pub(in crate::actors::poster) async fn deleted(&self, post: &PostId) -> Result<(), RestError> {
        let there = match self.rest.post(post).await {
            Err(error) if error.is_not_found() => return Ok(()),
            there => there?,
        };
        let answers = there.extra.get("reply_count").and_then(Value::as_i64);
        self.rest.budget().wait().await;
        let done = if there.root_id.is_none() && answers.is_some_and(|count| count > 0) {
            let props = Props::default().with("from_bot", "true");
            let moved = PostUpdate::new(MOVED).with_props(props);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::actors::card_format::ROW_PROP;
    use crate::actors::fake::{Server, channel, me, post};
    use crate::actors::poster::lanes::Queued;
    use crate::actors::poster::outlet::writes::CardToPost;
    use crate::event::{CardContent, Lane, Place, RowId, RowKind, Slot};
    use crate::model::ids::Millis;
    use crate::store::Commit;
    use crate::time::sleep;
    use crate::turns::Memberships;

    /// A card was posted by a process that was killed meanwhile, and has moved on since.
    struct Overtaken {
        server: Arc<Server>,
        outlet: Outlet,
        row: Row,
    }

    impl Overtaken {
        async fn new() -> Self {
            let (server, _sockets) = Server::start();
            let outlet = Outlet::to(&server, &Memberships::with_account());
            let row = Row {
                id: RowId::read("before"),
                lane: Lane::Channel(channel(1)),
                kind: RowKind::Card(slot()),
                created: Millis(1_000_000),
                blame: None,
                from: None,
                event: None,
            };
            let commit = Commit {
                rows: vec![row.clone()],
                ..Commit::default()
            };
            outlet.store.commit(commit).await.unwrap();
            Self {
                server,
                outlet,
                row,
            }
        }

        async fn leaves(&self) -> Ended {
            let now = CardToPost {
                slot: slot(),
                row: Some(RowId::read("after")),
                card: CardContent::default().into(),
                version: 2,
                root: None,
            };
            let queued = Queued::new(self.row.clone(), true);
            self.outlet.send(queued, Some(now)).await
        }

        async fn is_stored(&self) -> bool {
            !self.outlet.store.unsent(None, 9).await.unwrap().is_empty()
        }
    }

    fn slot() -> Slot {
        Slot::new(Place::Channel(channel(1)), "oncall", "")
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_killed_process_may_still_be_posting_is_looked_for_until_it_cant_be() {
        let card = Overtaken::new().await;
        assert!(matches!(card.leaves().await, Ended::Later));
        assert!(card.is_stored().await, "it is looked for again");
        sleep(UNDER_WAY).await;
        assert!(matches!(card.leaves().await, Ended::Left));
        assert!(!card.is_stored().await);
        assert_eq!(card.server.asked("POST /api/v4/posts"), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_killed_process_has_posted_late_is_known_as_one_too_many() {
        let card = Overtaken::new().await;
        assert!(matches!(card.leaves().await, Ended::Later));
        let mut late = post(7, channel(1), 1_000_001);
        late["user_id"] = json!(me());
        late["props"] = json!({ ROW_PROP: card.row.id });
        card.server.posted(late);
        let Ended::Posted { post, at, .. } = card.leaves().await else {
            panic!("it is there");
        };
        assert_eq!((post, at.0), (crate::actors::fake::post_id(7), 1_000_001));
    }
}
