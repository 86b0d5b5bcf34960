//! What Conversations work with, without a Mattermost.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{ear, me};
use crate::actors::hubs::Hubs;
use crate::actors::messages::{Handled, JobDone, JobsDue, Leaves, Unsure};
use crate::actors::router::Router;
use crate::event::Person;
use crate::model::ids::Millis;
use crate::skill::{AnySkill, Catalog, Services};
use crate::store::Store;
use crate::time::Time;
use crate::turns::fake::Nobody;
use crate::turns::{Engine, Memberships, Workshop};

pub(in crate::actors) const BEGIN: Millis = Millis(1_800_000_000_000);

/// The bot, as a directory knows it.
fn polly() -> Option<Person> {
    let (id, name) = (me(), "polly".into());
    Some(Person { id, name })
}

/// Who asks falls over.
fn lost() -> Option<Person> {
    panic!("on purpose")
}

/// What turns of these skills share. With `falls` a turn that asks something takes its conversation along.
pub(in crate::actors) fn engine(
    skills: Vec<AnySkill>,
    store: Arc<dyn Store>,
    falls: bool,
) -> Arc<Engine> {
    let catalog = Arc::new(Catalog::build(skills).expect("as the tests make it"));
    Arc::new(Engine {
        services: Services {
            directory: Arc::new(Nobody(if falls { lost } else { polly })),
            entries: catalog.entries().clone(),
            ids: Arc::default(),
        },
        catalog,
        store,
        workshop: Workshop::here(Duration::from_secs(3_600)),
        memberships: match falls {
            true => Memberships::default(),
            false => Memberships::with_account(),
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
        events: router.clone().recipient(),
        taken: router.clone().recipient(),
        listens: router.clone().recipient(),
        reload: router.recipient(),
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
