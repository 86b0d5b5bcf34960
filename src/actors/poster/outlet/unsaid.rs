use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::Semaphore;

use super::Outlet;
use super::place::Patience;
use crate::actors::messages::{Alert, Late};
use crate::actors::poster::Poster;
use crate::client::error::{RestError, Retry};
use crate::event::{Answer, Body, Event, Lane};
use crate::model::ids::UserId;
use crate::model::post::NewPost;
use crate::model::slash::SlashResponse;
use crate::sentences::typed::with_typed;
use crate::sentences::unfinished::UNSURE;
use crate::turns::routes::response_url;

/// How many are told at once; where the store is away, there may be one for each click.
const AT_ONCE: usize = 32;
/// How often each way is tried.
const TRIES: u32 = 5;

/// Who are told at this moment. Clones count together.
#[derive(Clone, Debug)]
pub struct Unsaid(Arc<Semaphore>);

impl Default for Unsaid {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Handler<Late> for Poster {
    type Result = ();

    fn handle(&mut self, late: Late, ctx: &mut Context<Self>) {
        let outlet = self.outlet.clone();
        let tells = async move {
            let sentence = match late.answer.await {
                Ok(Answer::Refused(sentence)) => sentence,
                // Its rows say what there is to say.
                Ok(_) => return,
                Err(_) => UNSURE.to_owned(),
            };
            let text = with_typed(sentence, &late.event.body);
            outlet.tell(&late.event, text).await;
        };
        ctx.spawn(tells.into_actor(self));
    }
}

impl Outlet {
    /// Tells an event's person something by the first way that is open, once at most.
    async fn tell(&self, event: &Event, text: String) {
        let (Some(person), Ok(_room)) = (event.cause(), self.unsaid.0.try_acquire()) else {
            tracing::warn!(event = %event.id(), place = %event.place, "nobody could be told");
            return;
        };
        if let Body::Click(click) = &event.body {
            let alert = Alert {
                text: text.clone(),
                trigger_id: click.trigger_id.clone(),
            };
            if self.alert(&alert).await {
                return;
            }
        }
        if let Some(url) = response_url(event) {
            let whisper = SlashResponse::whisper(text.clone());
            if self
                .seen(async || self.rest.respond(&url, &whisper).await)
                .await
            {
                return;
            }
        }
        self.tell_directly(&person, text).await;
    }

    async fn tell_directly(&self, person: &UserId, text: String) {
        let Some(me) = self.me else { return };
        let lane = Lane::Direct(*person);
        let channel = self.channel(&me, &lane, &mut Patience::default()).await;
        let Ok(channel) = channel else { return };
        let post = NewPost::new(channel, text);
        let post = async || {
            self.rest.budget().wait().await;
            self.rest.create_post(&post).await.map(drop)
        };
        if !self.seen(post).await {
            tracing::warn!(%person, "a person couldn't be told");
        }
    }

    /// Tries until it may have been seen; `false` where it surely wasn't.
    async fn seen(&self, mut say: impl AsyncFnMut() -> Result<(), RestError>) -> bool {
        for failures in 1..=TRIES {
            let Err(error) = say().await else { return true };
            tracing::warn!(%error, "a person isn't told yet");
            if !error.was_unseen() {
                // Whether it was seen nobody knows, or never will it be.
                return error.retry() == Retry::SameIdOnly;
            }
            self.wait(&error, failures).await;
        }
        false
    }
}
