use std::sync::Arc;

use actix::prelude::*;
use futures_util::future::join3;

use super::directory::Present;
use super::inbound::{self, Inbound};
use super::outlet::outlet;
use super::parts::Parts;
use crate::actors::Asks;
use crate::actors::card_format::CardFormat;
use crate::actors::clock::Clock;
use crate::actors::hubs::Hubs;
use crate::actors::intake::Intake;
use crate::actors::messages::{Drain, Probe};
use crate::actors::poster::Poster;
use crate::actors::pressure::Pressure;
use crate::actors::router::{Bounds, Router};
use crate::actors::webhooks::Webhooks;
use crate::client::witness::Witness;
use crate::http::{Doors, Proofs, Refusals};
use crate::settings::Limits;
use crate::skill::{RowIds, Services};
use crate::store::{Store, StoreError};
use crate::time::{instant, timeout, timeout_at};
use crate::turns::Engine;
use crate::turns::Memberships;
use crate::turns::Workshop;

/// The running actors and the doors to them.
pub struct Core {
    /// What Mattermost calls.
    pub doors: Doors,
    /// Parts to probe.
    pub probes: Vec<(&'static str, Recipient<Probe>)>,
    actors: Actors,
    store: Arc<dyn Store>,
    workshop: Workshop,
    limits: Limits,
}

struct Actors {
    router: Addr<Router>,
    webhooks: Addr<Webhooks>,
    clock: Addr<Clock>,
    poster: Addr<Poster>,
    inbound: Option<Inbound>,
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
        let memberships = match &parts.me {
            Some(_) => Memberships::with_account(),
            None => Memberships::default(),
        };
        if let Some(me) = &parts.me {
            memberships.named(&me.name);
        }
        memberships.remembered_by(parts.directory.clone());
        let format = format(&parts);
        let proofs = proofs(&parts, &memberships);
        let actors = Actors::start(&parts, &memberships, &format).await?;
        let doors = Doors {
            callers: parts.callers,
            refusals: Refusals::default(),
            format,
            me: parts.me.as_ref().map(|me| me.id),
            memberships,
            proofs,
            directory: parts.directory,
            hello: format!("{:032x}", fastrand::u128(..)).into(),
            hears_bots: parts.catalog.hears_bots(),
            webhooks: actors.webhooks.clone(),
            time: parts.time,
        };
        Ok(Self {
            doors,
            probes: actors.probes(),
            actors,
            store: parts.store,
            workshop: parts.workshop,
            limits: parts.limits,
        })
    }

    /// The store, for who watches over it.
    pub fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    /// Ends in order: nothing new, then the turns that wait, then what they want to leave; all
    /// within the limit.
    pub async fn drain(self) {
        let (limit, started) = (self.limits.drain, instant());
        // A turn that hangs must not keep what others have committed from leaving.
        if timeout(limit.mul_f32(0.75), self.actors.finish_turns())
            .await
            .is_err()
        {
            tracing::warn!("not every turn could end in time");
        }
        let leaves = self.actors.poster.send(Drain);
        if timeout_at(started + limit, leaves).await.is_err() {
            tracing::warn!("not everything could leave in time; it leaves at the next start");
        }
        self.actors.inbound.into_iter().for_each(Inbound::close);
        self.workshop.close();
        self.store.close().await;
    }
}

impl Actors {
    async fn start(
        parts: &Parts,
        memberships: &Memberships,
        format: &CardFormat,
    ) -> Result<Self, StoreError> {
        let questions = parts.store.listening().await?;
        let places = Places::new(parts);
        let engine = Arc::new(engine(parts, memberships));
        let hubs = Arc::new(places.hubs());
        let outlet = outlet(parts, memberships, format);
        let limits = parts.limits;
        let pressure = Pressure::new(limits.place_queue);
        let (shared, whom) = (engine.clone(), hubs.clone());
        let router = Router::new(shared, whom, questions, bounds(&limits), pressure.clone());
        let router = places.router.run(router);
        let alarm = places.clock.address().recipient();
        let catalog = parts.catalog.clone();
        let asks = Asks::new(router.clone().recipient(), router.clone().recipient());
        let poster = Poster::new(outlet, asks.clone(), alarm, catalog, pressure);
        let poster = places.poster.run(poster);
        let clock = places.clock.run(Clock::new(engine, hubs));
        let budget = limits.answer_budget;
        let webhooks = Webhooks::new(router.clone(), poster.clone(), budget).start();
        let inbound = match (&parts.hearing, places.intake) {
            (Some(hearing), Some(place)) => {
                let recipients = inbound::recipients(&router, &poster, asks);
                Some(Inbound::open(parts, hearing, memberships, recipients, place).await?)
            }
            _ => None,
        };
        Ok(Self {
            router,
            webhooks,
            clock,
            poster,
            inbound,
        })
    }

    fn probes(&self) -> Vec<(&'static str, Recipient<Probe>)> {
        let mut probes = vec![
            ("router", self.router.clone().recipient()),
            ("webhooks", self.webhooks.clone().recipient()),
            ("poster", self.poster.clone().recipient()),
            ("clock", self.clock.clone().recipient()),
        ];
        probes.extend(self.inbound.iter().flat_map(Inbound::probes));
        probes
    }

    /// Takes nothing new, and waits until nothing waits: open answers, and also turns whose answer
    /// was late.
    async fn finish_turns(&self) {
        let inbound = async {
            if let Some(inbound) = &self.inbound {
                inbound.drain().await;
            }
        };
        // Intake waits for what the Router holds back, which is decided by posts that may take long to leave.
        self.router.do_send(Drain);
        // All at once, so that none goes on taking while another one ends.
        let _ = join3(inbound, self.clock.send(Drain), self.webhooks.send(Drain)).await;
        let _ = self.router.send(Drain).await;
    }
}

impl Places {
    fn new(parts: &Parts) -> Self {
        Self {
            router: Context::new(),
            poster: Context::new(),
            clock: Context::new(),
            intake: parts.hearing.as_ref().map(|_| Context::new()),
        }
    }

    fn hubs(&self) -> Hubs {
        Hubs {
            events: self.router.address().recipient(),
            taken: self.router.address().recipient(),
            listens: self.router.address().recipient(),
            reload: self.router.address().recipient(),
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

fn bounds(limits: &Limits) -> Bounds {
    Bounds {
        place: limits.place_queue,
        total: limits.total_queue,
        unsent: limits.total_queue,
    }
}

fn engine(parts: &Parts, memberships: &Memberships) -> Engine {
    Engine {
        catalog: parts.catalog.clone(),
        services: Services {
            directory: Arc::new(Present {
                reads: parts.directory.clone(),
                memberships: memberships.clone(),
            }),
            entries: parts.catalog.entries().clone(),
            ids: Arc::new(RowIds::default()),
        },
        store: parts.store.clone(),
        workshop: parts.workshop.clone(),
        memberships: memberships.clone(),
        time: parts.time.clone(),
        batch: parts.limits.batch,
    }
}

fn format(parts: &Parts) -> CardFormat {
    let url = parts.url.trim_end_matches('/');
    CardFormat {
        seal: parts.seal.clone(),
        actions_url: format!("{url}/actions"),
        dialogs_url: format!("{url}/dialogs"),
        button_life: parts.limits.button_life,
        dialog_life: parts.limits.dialog_life,
        time: parts.time.clone(),
    }
}

/// What is asked of the server takes half of the budget at most, so that the turn gets the rest.
fn proofs(parts: &Parts, memberships: &Memberships) -> Proofs {
    let me = parts.me.as_ref();
    let witness = me.map(|me| Witness::new(parts.rest.clone(), me.id));
    if let Some(witness) = &witness {
        memberships.told(witness.clone());
    }
    Proofs {
        witness,
        patience: parts.limits.answer_budget / 2,
    }
}
