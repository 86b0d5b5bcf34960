use std::collections::{HashMap, HashSet};

use actix::prelude::*;

use super::Poster;
use super::lanes::Queued;
use super::once::row_of;
use super::outlet::Outlet;
use crate::actors::face;
use crate::client::error::RestError;
use crate::event::{Lane, RowId, RowKind};
use crate::model::ids::{ChannelId, Millis, UserId};
use crate::model::post::Post;

/// Rows of a channel that an earlier process may have sent are looked for together: a busy channel is read once, and
/// not for each of them.
impl Poster {
    /// Begins to look, unless there is nothing to look for together: then the row goes its own way.
    pub(super) fn looks_through(&mut self, queued: &Queued, ctx: &mut Context<Self>) -> bool {
        let (Lane::Channel(channel), Some(me)) = (&queued.row.lane, self.outlet.me) else {
            return false;
        };
        if !queued.maybe_sent {
            return false;
        }
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
        let (outlet, channel) = (self.outlet.clone(), *channel);
        let since = outlet.before(oldest.unwrap_or_default());
        let look = async move { (outlet.look(&me, &channel, since, &rows).await, rows) };
        let first = queued.clone();
        let done = look
            .into_actor(self)
            .map(|(found, rows), this, ctx| match found {
                Ok(found) => this.looked(&first.row.id, &rows, found, ctx),
                Err(_) => {
                    rows.iter().for_each(|row| this.is_posting(row, false));
                    this.start(first, ctx);
                }
            });
        let handle = ctx.spawn(done);
        self.lanes.started(&queued.row.id, handle);
        true
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
                    face::version_of(&post.props),
                    ctx,
                );
            }
        }
        self.work(ctx);
    }
}

impl Outlet {
    /// Those of the rows whose posts are there.
    async fn look(
        &self,
        me: &UserId,
        channel: &ChannelId,
        since: Millis,
        rows: &HashSet<RowId>,
    ) -> Result<HashMap<RowId, Post>, RestError> {
        let wanted = |post: &Post| row_of(post, me).is_some_and(|row| rows.contains(&row));
        // A row may have more posts than one, so that no number of them is enough.
        let all = usize::MAX;
        let read = async || self.rest.find_posts(channel, since, all, wanted).await;
        let found = self.patiently(read, |_, _| {}).await?.into_iter();
        Ok(found
            .filter_map(|post| Some((row_of(&post, me)?, post)))
            .collect())
    }
}
