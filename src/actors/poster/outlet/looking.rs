use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Outlet;
use super::once::row_of;
use super::place::Patience;
use crate::actors::apart::Apart;
use crate::actors::card_format;
use crate::actors::poster::Poster;
use crate::actors::poster::lanes::Queued;
use crate::client::error::RestError;
use crate::client::rest::Lookback;
use crate::event::{Lane, RowId, RowKind};
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::model::post::Post;

/// So many look at once.
const AT_ONCE: usize = 4;

/// Looks for what may have been sent wait for each other: each keeps a page of posts in memory, and a few that
/// end soon do more good than many that don't.
#[derive(Clone)]
pub struct Looking(Arc<Semaphore>);

impl Default for Looking {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Looking {
    /// Waits for a turn; who has it gives it back when a call fails, so that nobody waits for a channel that
    /// can't be read.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.0.acquire().await.ok()
    }
}

/// Rows of a channel that an earlier process may have sent are looked for together: a busy channel is read once, and
/// not for each of them.
impl Poster {
    /// Begins to look, unless there is nothing to look for together: then the row goes its own way.
    pub(in crate::actors::poster) fn looks_through(
        &mut self,
        queued: &Queued,
        ctx: &mut Context<Self>,
    ) -> bool {
        let Some(me) = self.outlet.me.filter(|_| queued.maybe_sent) else {
            return false;
        };
        let rows = self.lanes.doubtful(&queued.row.lane);
        if rows.len() < 2 {
            return false;
        }
        let cards = rows
            .iter()
            .filter(|row| matches!(row.kind, RowKind::Card(_)));
        self.moving.extend(cards.map(|row| row.id.clone()));
        let oldest = rows.iter().map(|row| row.created).min();
        let rows: HashSet<RowId> = rows.into_iter().map(|row| row.id.clone()).collect();
        rows.iter().for_each(|row| self.is_posting(row, true));
        let (outlet, lane) = (self.outlet.clone(), queued.row.lane.clone());
        let since = outlet.before(oldest.unwrap_or_default());
        let look = async move { (outlet.look(&me, &lane, since, &rows).await, rows) };
        let first = queued.clone();
        let looks = Apart::run("Poster", ctx, look, |(found, rows), this, ctx| {
            this.look_ended(first, &rows, found, ctx);
        });
        self.lanes.started(&queued.row.id, looks);
        true
    }

    fn look_ended(
        &mut self,
        first: Queued,
        rows: &HashSet<RowId>,
        found: Option<HashMap<RowId, Post>>,
        ctx: &mut Context<Self>,
    ) {
        // Its echo may have come first.
        if self.lanes.lane_of(&first.row.id).is_none() {
            return;
        }
        match found {
            Some(found) => self.looked(&first.row.id, rows, found, ctx),
            None => {
                rows.iter().for_each(|row| self.is_posting(row, false));
                self.start(first, ctx);
            }
        }
    }

    fn looked(
        &mut self,
        first: &RowId,
        rows: &HashSet<RowId>,
        found: HashMap<RowId, Post>,
        ctx: &mut Context<Self>,
    ) {
        self.lanes.rests(first);
        for row in rows.iter().filter(|row| !found.contains_key(*row)) {
            self.lanes.was_not_sent(row);
            self.moving.remove(row);
            self.is_posting(row, false);
        }
        for (id, post) in found {
            if let Some((row, _)) = self.lanes.ended(&id) {
                self.posted(
                    &row,
                    post.id,
                    post.create_at,
                    card_format::version_of(&post.props),
                    ctx,
                );
            }
        }
        self.work(ctx);
    }
}

impl Outlet {
    /// Those of the rows whose posts are there; none where Mattermost says that there is no such place.
    async fn look(
        &self,
        me: &UserId,
        lane: &Lane,
        since: Millis,
        rows: &HashSet<RowId>,
    ) -> Option<HashMap<RowId, Post>> {
        let channel = self
            .channel(me, lane, &mut Patience::default())
            .await
            .ok()?;
        self.firsts(me, channel, since, rows).await.ok()
    }

    /// The first post of each of the rows that have any, among what was made since then.
    pub(in crate::actors::poster) async fn firsts(
        &self,
        me: &UserId,
        channel: ChannelId,
        since: Millis,
        rows: &HashSet<RowId>,
    ) -> Result<HashMap<RowId, Post>, RestError> {
        let (mut look, mut found) = (Lookback::new(channel, since), HashMap::new());
        let read = async || {
            let _turn = self.looking.turn().await;
            while let Some(posts) = look.next(&self.rest).await? {
                for post in posts {
                    match row_of(&post, me) {
                        Some(row) if rows.contains(&row) => first_of(&mut found, row, post),
                        _ => {}
                    }
                }
            }
            Ok(())
        };
        self.patiently(read).await?;
        Ok(found)
    }
}

/// A row may have more posts than one: the first is its own, and the others are taken away when they are heard.
fn first_of(found: &mut HashMap<RowId, Post>, row: RowId, post: Post) {
    let made = |post: &Post| (post.create_at, post.id);
    match found.entry(row) {
        Entry::Occupied(there) if made(there.get()) <= made(&post) => {}
        there => drop(there.insert_entry(post)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::actors::fake::{Server, channel, me};
    use crate::time::sleep;
    use crate::turns::Memberships;

    /// How many calls were made after 5 ms and 15 ms, where each look takes one of 10 ms, and eight begin.
    async fn calls(status: u16) -> (usize, usize) {
        let (server, _sockets) = Server::start();
        server.world.lock().unwrap().reading = status;
        let outlet = Outlet::to(&server, &Memberships::with_account());
        for n in 0..8 {
            let outlet = outlet.clone();
            tokio::task::spawn_local(async move {
                let rows = HashSet::new();
                let lane = Lane::Channel(channel(n));
                outlet.look(&me(), &lane, Millis::default(), &rows).await
            });
        }
        sleep(Duration::from_millis(5)).await;
        let first = server.asked("/posts");
        sleep(Duration::from_millis(10)).await;
        (first, server.asked("/posts"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_look_at_once_and_none_waits_for_a_channel_that_cannot_be_read() {
        let local = tokio::task::LocalSet::new();
        assert_eq!(local.run_until(calls(200)).await, (4, 8));
        assert_eq!(local.run_until(calls(503)).await, (4, 8));
    }
}
