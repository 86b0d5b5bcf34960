//! Whom Conversations speak to.

use actix::{Addr, Recipient};

use super::messages::{Handled, JobDone, JobsDue, Leaves, Unsure};
use super::router::Router;

/// Whom Conversations speak to.
#[derive(Clone)]
pub struct Hubs {
    /// Events and listening.
    pub router: Addr<Router>,
    /// What became of posts; `None` without a bot account, where none are heard.
    pub intake: Option<Recipient<Handled>>,
    /// What leaves.
    pub poster: Recipient<Leaves>,
    /// What may have been committed.
    pub outbox: Recipient<Unsure>,
    /// What became of jobs.
    pub clock: Recipient<JobDone>,
    /// New jobs.
    pub alarm: Recipient<JobsDue>,
}
