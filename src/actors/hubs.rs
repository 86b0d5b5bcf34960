//! Whom Conversations speak to.

use actix::Recipient;

use super::messages::{Deliver, Handled, JobDone, JobsDue, Leaves, Listens, Reload, Taken, Unsure};

/// Whom Conversations speak to.
#[derive(Clone)]
pub struct Hubs {
    /// The Router: events,
    pub events: Recipient<Deliver>,
    /// how many of them are done,
    pub taken: Recipient<Taken>,
    /// who listens,
    pub listens: Recipient<Listens>,
    /// and that this may not be known.
    pub reload: Recipient<Reload>,
    /// What became of posts; `None` without a bot account, where none are heard.
    pub intake: Option<Recipient<Handled>>,
    pub poster: Recipient<Leaves>,
    /// What may have been committed.
    pub outbox: Recipient<Unsure>,
    /// What became of jobs.
    pub clock: Recipient<JobDone>,
    pub alarm: Recipient<JobsDue>,
}
