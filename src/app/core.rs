use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use actix::prelude::*;
use secrecy::SecretString;

use super::ears::{self, Ears, Hearing};
use crate::actors::Presence;
use crate::actors::clock::Clock;
use crate::actors::engine::Engine;
use crate::actors::face::Face;
use crate::actors::hubs::Hubs;
use crate::actors::intake::Intake;
use crate::actors::messages::{Drain, Probe};
use crate::actors::poster::{Outlet, Poster};
use crate::actors::router::{Bounds, Router};
use crate::actors::webhooks::Webhooks;
use crate::actors::workshop::Workshop;
use crate::client::rest::Rest;
use crate::event::Person;
use crate::http::{Callers, Doors};
use crate::settings::Limits;
use crate::skill::{Catalog, Directory, RowIds, Services};
use crate::store::{Store, StoreError};
use crate::time::{Time, timeout};
use crate::trust::Seal;

/// Everything that the actors need, in earnest and in simulation alike.
pub struct Parts {
    /// Who takes what.
    pub catalog: Arc<Catalog>,
    /// What turns may read.
    pub directory: Arc<dyn Directory>,
    /// What outlives a crash.
    pub store: Arc<dyn Store>,
    /// The way to Mattermost.
    pub rest: Rest,
    /// The bot; `None` without an account.
    pub me: Option<Person>,
    /// Makes envelopes.
    pub seal: Seal,
    /// Who may call.
    pub callers: Callers,
    /// Where Mattermost finds us.
    pub url: String,
    /// An incoming webhook, for posts where there is no bot account.
    pub incoming: Option<SecretString>,
    /// Budgets and bounds.
    pub limits: Limits,
    /// Where author code runs.
    pub workshop: Workshop,
    /// How posts are heard; `None` without an account.
    pub hearing: Option<Hearing>,
    /// The clock.
    pub time: Time,
}

/// The running actors and the doors to them.
pub struct Core {
    /// What Mattermost calls.
    pub doors: Doors,
    /// Parts to probe.
    pub probes: Vec<(&'static str, Recipient<Probe>)>,
    webhooks: Addr<Webhooks>,
    clock: Addr<Clock>,
    poster: Addr<Poster>,
    ears: Option<Ears>,
    store: Arc<dyn Store>,
    workshop: Workshop,
    limits: Limits,
}

/// Addresses of actors that don't run yet, because each needs the others'.
struct Places {
    router: Context<Router>,
    poster: Context<Poster>,
    clock: Context<Clock>,
    intake: Option<Context<Intake>>,
}

impl Core {
    /// Starts the actors in the current arbiter, from what the store remembers.
    pub async fn start(parts: Parts) -> Result<Self, StoreError> {
        let questions = parts.store.listening().await?;
        let presence = match parts.me {
            Some(_) => Presence::with_account(),
            None => Presence::default(),
        };
        let places = Places {
            router: Context::new(),
            poster: Context::new(),
            clock: Context::new(),
            intake: parts.hearing.as_ref().map(|_| Context::new()),
        };
        let hubs = places.hubs();
        let engine = Rc::new(engine(&parts, &presence, hubs));
        let pressure = Arc::new(AtomicUsize::new(0));
        let face = face(&parts);
        let outlet = outlet(&parts, &presence, &face);
        let bounds = Bounds {
            place: parts.limits.place_queue,
            total: parts.limits.total_queue,
            unsent: parts.limits.total_queue,
        };
        let router = places.router.run(Router::new(
            engine.clone(),
            questions,
            bounds,
            pressure.clone(),
        ));
        let poster = places
            .poster
            .run(Poster::new(outlet, router.clone(), pressure));
        let clock = places.clock.run(Clock::new(engine));
        let budget = parts.limits.answer_budget;
        let webhooks = Webhooks::new(router.clone(), poster.clone(), budget).start();
        let ears = match (&parts.hearing, places.intake) {
            (Some(hearing), Some(place)) => {
                let outlets = ears::outlets(&router, &poster);
                Some(Ears::open(&parts, hearing, &presence, outlets, place).await?)
            }
            _ => None,
        };
        let mut probes = vec![
            ("router", router.clone().recipient()),
            ("webhooks", webhooks.clone().recipient()),
            ("poster", poster.clone().recipient()),
            ("clock", clock.clone().recipient()),
        ];
        probes.extend(ears.iter().flat_map(Ears::probes));
        let doors = Doors {
            callers: parts.callers,
            face,
            me: parts.me.as_ref().map(|me| me.id),
            name: parts.me.map(|me| me.name).unwrap_or_default(),
            presence,
            webhooks: webhooks.clone(),
            time: parts.time,
        };
        let (store, workshop, limits) = (parts.store, parts.workshop, parts.limits);
        Ok(Self {
            doors,
            probes,
            webhooks,
            clock,
            poster,
            ears,
            store,
            workshop,
            limits,
        })
    }

    /// The store, for who watches over it.
    pub fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    /// Ends in order: nothing new, answers that are open, turns, posts; within the limit.
    pub async fn drain(self) {
        let order = async {
            if let Some(ears) = &self.ears {
                ears.drain().await;
            }
            let _ = self.clock.send(Drain).await;
            let _ = self.webhooks.send(Drain).await;
            let _ = self.poster.send(Drain).await;
        };
        if timeout(self.limits.drain, order).await.is_err() {
            tracing::warn!("not everything could leave in time; it leaves at the next start");
        }
        self.ears.into_iter().for_each(Ears::close);
        self.workshop.close();
        self.store.close().await;
    }
}

impl Places {
    fn hubs(&self) -> Hubs {
        Hubs {
            router: self.router.address(),
            intake: self
                .intake
                .as_ref()
                .map(|intake| intake.address().recipient()),
            poster: self.poster.address().recipient(),
            outbox: self.poster.address().recipient(),
            clock: self.clock.address().recipient(),
            alarm: self.clock.address().recipient(),
        }
    }
}

fn engine(parts: &Parts, presence: &Presence, hubs: Hubs) -> Engine {
    Engine {
        catalog: parts.catalog.clone(),
        services: Services {
            directory: parts.directory.clone(),
            catalog: parts.catalog.clone(),
            ids: Arc::new(RowIds::default()),
        },
        store: parts.store.clone(),
        workshop: parts.workshop.clone(),
        presence: presence.clone(),
        time: parts.time.clone(),
        batch: parts.limits.batch,
        hubs: Rc::new(hubs),
    }
}

fn face(parts: &Parts) -> Face {
    let url = parts.url.trim_end_matches('/');
    Face {
        seal: parts.seal.clone(),
        actions_url: format!("{url}/actions"),
        dialogs_url: format!("{url}/dialogs"),
        button_life: parts.limits.button_life,
        dialog_life: parts.limits.dialog_life,
        time: parts.time.clone(),
    }
}

fn outlet(parts: &Parts, presence: &Presence, face: &Face) -> Outlet {
    Outlet {
        rest: parts.rest.clone(),
        me: parts.me.as_ref().map(|me| me.id),
        name: parts
            .me
            .as_ref()
            .map(|me| me.name.clone())
            .unwrap_or_default(),
        face: face.clone(),
        incoming: parts.incoming.clone(),
        store: parts.store.clone(),
        presence: presence.clone(),
        time: parts.time.clone(),
    }
}
