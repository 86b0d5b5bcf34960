use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::SecretString;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{AbortHandle, JoinHandle, LocalSet, spawn_local};

use super::network::{Door, Network};
use crate::app::{Core, Hearing, Parts, Reads, ServerFacts};
use crate::client::base::Base;
use crate::client::budget::Budget;
use crate::client::mattermost::Mattermost;
use crate::client::rest::Rest;
use crate::client::retry::RateBudget;
use crate::client::wire::Wire;
use crate::event::Person;
use crate::http::Callers;
use crate::http::admin::{Admin, Inspected};
use crate::model::ids::Millis;
use crate::settings::Settings;
use crate::skill::Catalog;
use crate::store::{Store, Watched};
use crate::time::{Time, instant, sleep};
use crate::trust::Seal;
use crate::turns::Workshop;

/// Where the bot's doors are.
pub(super) const BOT_URL: &str = "http://bot.invalid";

/// How long the service manager waits before it starts a process again that couldn't.
const AGAIN: Duration = Duration::from_secs(1);

/// What every process of the bot is started with.
#[derive(Clone)]
pub(super) struct Blueprint {
    pub catalog: Arc<Catalog>,
    pub settings: Arc<Settings>,
    pub me: Person,
    pub token: SecretString,
    pub base: Base,
    pub seal: Seal,
    pub callers: Callers,
    pub wire: Arc<dyn Wire>,
    pub time: Time,
}

/// One process of the bot. Dropping its tasks is its kill -9: nothing of it runs any more, and
/// what it has sent is on its way.
pub(super) struct Bot {
    tasks: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Bot {
    /// Starts one; the network is told when its doors are open.
    pub fn start(blueprint: Blueprint, store: Arc<dyn Store>, network: Rc<Network>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let process = async move {
            let actors = LocalSet::new();
            actors
                .run_until(live(blueprint, store, network, stopped))
                .await;
        };
        Self {
            tasks: spawn_local(process),
            stop,
        }
    }

    /// Ends it as kill -9 does.
    pub async fn kill(self) {
        self.tasks.abort();
        let _ = self.tasks.await;
    }

    /// What ends it at once while it is being stopped.
    pub fn killer(&self) -> AbortHandle {
        self.tasks.abort_handle()
    }

    /// Ends it in order: what was begun is finished, within the limit.
    pub async fn stop(self) {
        // One that isn't up yet has nothing to finish.
        if self.stop.send(()).is_ok() {
            let _ = self.tasks.await;
        }
    }
}

/// Ends a process's calls with it.
struct Dying(Arc<Semaphore>);

impl Drop for Dying {
    fn drop(&mut self) {
        self.0.close();
    }
}

async fn live(
    blueprint: Blueprint,
    store: Arc<dyn Store>,
    network: Rc<Network>,
    stopped: oneshot::Receiver<()>,
) {
    // It is dropped with this future, and the calls that wait for an answer end with it.
    let alive = Arc::new(Semaphore::new(0));
    let _dying = Dying(alive.clone());
    let store = Arc::new(Watched::new(store));
    let (core, workshop, rest) = begun(&blueprint, &store, &network).await;
    let doors = core.doors.clone();
    let parts = core.probes.clone();
    let admin = Admin {
        running: Arc::new(OnceLock::from(Inspected { parts, workshop })),
        draining: Arc::default(),
        store,
        rest,
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        version: "simulated",
    };
    network.opened(Some(Door {
        doors,
        admin,
        alive,
    }));
    network.trace.note("the bot is up");
    if stopped.await.is_ok() {
        network.opened(None);
        core.drain().await;
    }
}

/// Starts the actors, as often as it takes.
async fn begun(
    blueprint: &Blueprint,
    store: &Arc<Watched>,
    network: &Network,
) -> (Core, Workshop, Rest) {
    loop {
        let (workshop, rest) = (blueprint.workshop(), blueprint.rest());
        match blueprint.started(store, &workshop, &rest).await {
            Ok(core) => return (core, workshop, rest),
            Err(error) => network
                .trace
                .note(format_args!("the bot can't start: {error:#}")),
        }
        sleep(AGAIN).await;
    }
}

impl Blueprint {
    /// As a process in earnest starts: it asks Mattermost first.
    async fn started(
        &self,
        store: &Arc<Watched>,
        workshop: &Workshop,
        rest: &Rest,
    ) -> anyhow::Result<Core> {
        let known = ServerFacts::ask(rest, &**store, true).await?;
        let me = known.me.context("it has an account")?;
        let began = known.began.context("it has an account")?;
        let parts = self.parts(store.clone(), workshop, rest, (me, began));
        Ok(Core::start(parts).await?)
    }

    fn workshop(&self) -> Workshop {
        Workshop::here(self.settings.limits.turn)
    }

    fn rest(&self) -> Rest {
        let posting = self.settings.posting;
        let rate = f64::from(posting.rate_per_second);
        let budget = Budget::new(RateBudget::with(rate, posting.burst, instant()));
        let (wire, token) = (self.wire.clone(), self.token.clone());
        Rest::with_budget(wire, self.base.clone(), Some(token), budget)
    }

    fn parts(
        &self,
        store: Arc<dyn Store>,
        workshop: &Workshop,
        rest: &Rest,
        (me, began): (Person, Millis),
    ) -> Parts {
        let settings = &self.settings;
        let reads = Reads::new(Mattermost::new(rest.clone()), me.clone());
        Parts {
            catalog: self.catalog.clone(),
            directory: Arc::new(reads),
            store,
            rest: rest.clone(),
            me: Some(me),
            seal: self.seal.clone(),
            callers: self.callers.clone(),
            url: BOT_URL.into(),
            incoming: None,
            limits: settings.limits,
            workshop: workshop.clone(),
            hearing: Some(Hearing {
                wire: self.wire.clone(),
                token: self.token.clone(),
                socket: settings.socket,
                began,
                max_age: settings.mattermost.max_age,
                own_thread: false,
            }),
            time: self.time.clone(),
        }
    }
}
