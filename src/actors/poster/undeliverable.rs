use actix::prelude::*;
use tracing::field::display;

use super::Poster;
use super::ended::Aside;
use crate::event::{Blame, Lane, Row, RowKind};
use crate::store::Settled;
use crate::telemetry::names;
use crate::turns::undelivered;

/// What can never leave is set aside, and told of once.
impl Poster {
    /// A row can never leave. Whose turn wanted it gets word; where its skill doesn't take any, the
    /// person whom it concerns does, unless they are `told`.
    pub(super) fn put_aside(
        &mut self,
        row: Row,
        aside: &Aside,
        told: bool,
        ctx: &mut Context<Self>,
    ) {
        let event = row.event.map(display);
        tracing::error!(row = %row.id, event, lane = ?row.lane, reason = aside.reason, "a post can never leave and is set aside");
        metrics::counter!(names::POSTS_DEAD).increment(1);
        if let RowKind::Card(slot) = &row.kind {
            self.cards.never_posted(slot, &row.id);
        }
        let now = self.now();
        self.set_aside.add(&row, &aside.reason, now);
        let mail = undelivered(&self.catalog, &self.ids, now, &row, &aside.reason);
        let told = told || mail.is_some();
        let settled = Settled::SetAside {
            row: row.id.clone(),
            reason: aside.reason.clone(),
            mail,
        };
        let Some(reader) = self.reader_of(&row, aside).filter(|_| !told) else {
            return self.settle(settled, ctx);
        };
        let (outlet, aside) = (self.outlet.clone(), aside.clone());
        let words = async move { (outlet.words(&reader, &row, &aside).await, reader) };
        let done = words.into_actor(self).map(|(text, reader), this, ctx| {
            this.settle_and_tell(settled, reader, text, ctx);
        });
        ctx.spawn(done);
    }

    /// Who reads that a row can never leave, where there is a way to them.
    fn reader_of(&self, row: &Row, aside: &Aside) -> Option<Blame> {
        // What nobody's event brought about was for its reader. A notice brings about no other.
        let reader = match row.lane {
            Lane::Direct(person) if row.from.is_some() => Some(Blame {
                person,
                response_url: None,
                what: None,
            }),
            _ => None,
        };
        let blame = row.blame.clone().or(reader)?;
        let shut = aside.forbidden && row.lane == Lane::Direct(blame.person);
        let way = blame.response_url.is_some() || self.outlet.me.is_some() && !shut;
        way.then_some(blame)
    }
}
