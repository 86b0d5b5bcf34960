//! What Conversations work with, without a Mattermost.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{ear, me};
use crate::actors::hubs::Hubs;
use crate::actors::messages::{Handled, JobDone, JobsDue, Leaves, Unsure};
use crate::actors::router::Router;
use crate::event::Person;
use crate::model::ids::{ChannelId, Millis, PostId, UserId};
use crate::skill::{AnySkill, Catalog, Directory, LookupError, Member, Services};
use crate::store::Store;
use crate::time::Time;
use crate::turns::{Engine, Presence, Workshop};

/// When it begins.
pub(in crate::actors) const BEGIN: Millis = Millis(1_800_000_000_000);

/// A directory in which nobody is; who asks for the bot's own name where that is `lost` falls over.
struct Nobody {
    lost: bool,
}

type Looked<T> = Result<T, LookupError>;

fn nothing<T>() -> Looked<T> {
    Err(LookupError::NoAccount)
}

#[async_trait]
impl Directory for Nobody {
    fn me(&self) -> Option<Person> {
        assert!(!self.lost, "on purpose");
        let (id, name) = (me(), "polly".into());
        Some(Person { id, name })
    }

    async fn user(&self, _: &UserId) -> Looked<Member> {
        nothing()
    }

    async fn user_now(&self, _: &UserId) -> Looked<Member> {
        nothing()
    }

    async fn is_admin(&self, _: &ChannelId, _: &UserId) -> Looked<bool> {
        nothing()
    }

    async fn author(&self, _: &PostId) -> Looked<UserId> {
        nothing()
    }

    async fn texts(&self, _: &[PostId]) -> Looked<HashMap<PostId, Option<String>>> {
        nothing()
    }

    async fn members(&self, _: &ChannelId) -> Looked<Vec<Member>> {
        nothing()
    }

    fn is_in(&self, _: &ChannelId) -> bool {
        false
    }

    async fn channel_name(&self, _: &ChannelId) -> Looked<String> {
        nothing()
    }

    fn changed(&self, _: &UserId) {}

    fn file_link(&self, _: &str) -> String {
        String::new()
    }
}

/// What turns of these skills share. With `lost` a turn that asks something takes its conversation along.
pub(in crate::actors) fn engine(
    skills: Vec<AnySkill>,
    store: Arc<dyn Store>,
    lost: bool,
) -> Arc<Engine> {
    let catalog = Arc::new(Catalog::build(skills).expect("as the tests make it"));
    Arc::new(Engine {
        services: Services {
            directory: Arc::new(Nobody { lost }),
            catalog: catalog.clone(),
            ids: Arc::default(),
        },
        catalog,
        store,
        workshop: Workshop::here(Duration::from_secs(3_600)),
        presence: match lost {
            true => Presence::default(),
            false => Presence::with_account(),
        },
        time: Time::simulated(BEGIN),
        batch: 32,
    })
}

/// What others are told.
pub(in crate::actors) struct Others {
    pub posts: UnboundedReceiver<Handled>,
    pub leaves: UnboundedReceiver<Leaves>,
    pub jobs: UnboundedReceiver<JobDone>,
    /// They hear nothing more without it.
    _rest: (UnboundedReceiver<Unsure>, UnboundedReceiver<JobsDue>),
}

/// A Router, and everybody else of whom Conversations know written down.
pub(in crate::actors) fn hubs(router: Addr<Router>) -> (Hubs, Others) {
    let ((intake, posts), (poster, leaves), (clock, jobs)) = (ear(), ear(), ear());
    let ((outbox, unsure), (alarm, due)) = (ear(), ear());
    let hubs = Hubs {
        router,
        intake: Some(intake),
        poster,
        outbox,
        clock,
        alarm,
    };
    let others = Others {
        posts,
        leaves,
        jobs,
        _rest: (unsure, due),
    };
    (hubs, others)
}
