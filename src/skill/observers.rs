use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;

use super::invoke::Handler;
use super::{Context, Observation, Post, Skill, State, Trigger, Turn};

/// What else a skill may hear of.
impl<S: State> Skill<S> {
    /// As [`Skill::hears`], and what other bots and webhooks post as well. Two bots that answer each
    /// other never end: the pattern must not match an answer to an answer.
    pub fn hears_bots<F, R>(self, pattern: &str, handler: F) -> Self
    where
        F: Fn(Context<()>, Post) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let declared = Trigger::Hears {
            pattern: pattern.to_owned(),
            bots: true,
        };
        let handler = Handler::Post(Arc::new(move |cx, post| handler(cx, post).boxed()));
        self.add(declared, handler)
    }

    /// A person whom this slot listens to has edited a post in its place, or deleted it: perhaps one that
    /// was an answer, which its id tells. Goes before [`Skill::edited`] and [`Skill::deleted`].
    pub fn amended<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<S>, Observation) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let handler = Handler::Amended(Arc::new(move |cx, what| handler(cx, what).boxed()));
        self.add(Trigger::Amended, handler)
    }

    /// A post in a channel that mentions the bot, anywhere but in code, and that no question, command
    /// or pattern hears.
    pub fn mentioned<F, R>(self, handler: F) -> Self
    where
        F: Fn(Context<()>, Post) -> R + Send + Sync + 'static,
        R: Future<Output = Turn<S>> + Send + 'static,
    {
        let handler = Handler::Post(Arc::new(move |cx, post| handler(cx, post).boxed()));
        self.add(Trigger::Mentioned, handler)
    }

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
