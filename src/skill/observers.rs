use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;

use super::invoke::Handler;
use super::{Context, Observation, Skill, State, Trigger, Turn};

/// What else a skill may hear of.
impl<S: State> Skill<S> {
    /// A post was edited by a person.
    pub fn edited<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<()>, Observation) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.observed("edited", handler)
    }

    /// A person's post was deleted.
    pub fn deleted<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<()>, Observation) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.observed("deleted", handler)
    }

    /// A person's reaction came or went. Mattermost may lose these events in a cluster.
    pub fn reacted<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<()>, Observation) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.observed("reacted", handler)
    }

    /// Somebody joined or left a channel of the bot's.
    pub fn membership<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<()>, Observation) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.observed("membership", handler)
    }

    fn observed<F, R>(self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Context<()>, Observation) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        self.add(
            Trigger::Observed { kind },
            Handler::Observed(Arc::new(move |cx, what| handler(cx, what).boxed())),
        )
    }
}
