use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;

use super::announcing::{Introduction, commands};
use super::core::Core;
use super::descriptors::connections;
use super::directory::{NoAccount, Reads};
use super::handshake::ServerFacts;
use super::housekeeping::Housekeeping;
use super::parts::{Hearing, Parts};
use super::reach::Reach;
use super::sealing::seal;
use crate::client::base::Base;
use crate::client::budget::Budget;
use crate::client::mattermost::Mattermost;
use crate::client::net::{Net, NetOptions};
use crate::client::rest::Rest;
use crate::client::retry::RateBudget;
use crate::client::wire::Wire;
use crate::event::Person;
use crate::http::admin::{Admin, Inspected};
use crate::http::{
    BoundDoors, Callers, Keys, Serving, Signatures, admin_listening, hooks_listening,
};
use crate::model::ids::Millis;
use crate::settings::{Settings, StoreAt, TriggerSignatures};
use crate::skill::{AnySkill, Catalog, Directory};
use crate::store::{self, Store, Watched};
use crate::telemetry::{self, PrometheusHandle};
use crate::time::{Time, instant};
use crate::trust::{Seal, Tokens};
use crate::turns::Workshop;

/// Threads for author code: a few may block theirs at the same time.
const WORKERS: usize = 4;
/// How many connections may wait to be taken; the system may allow fewer.
const WAITING: i32 = 4_096;

/// The whole server, bound and ready to run.
pub struct App {
    pub(super) core: Core,
    pub(super) hooks: BoundDoors,
    pub(super) admin: Serving,
    pub(super) housekeeping: Housekeeping,
    /// For the admin's page.
    pub(super) draining: Arc<AtomicBool>,
}

/// What is there before Mattermost has answered.
struct Site {
    settings: Settings,
    catalog: Arc<Catalog>,
    store: Arc<Watched>,
    seal: Seal,
    wire: Arc<dyn Wire>,
    rest: Rest,
    hooks: TcpListener,
    metrics: PrometheusHandle,
    running: Arc<OnceLock<Inspected>>,
    draining: Arc<AtomicBool>,
}

impl App {
    /// Puts everything together: opens the store, binds, waits for Mattermost, starts the actors.
    ///
    /// Errors are sentences for the admin: a refused token, a locked store, a port in use, a skill
    /// that isn't wired.
    pub async fn build(settings: Settings, skills: Vec<AnySkill>) -> anyhow::Result<Self> {
        let built = Self::build_unless(settings, skills, std::future::pending()).await?;
        built.context("the program was stopped before Mattermost answered")
    }

    /// As [`App::build`], but waits for Mattermost no longer than until `stop` is ready: then
    /// there is nothing to run.
    pub async fn build_unless(
        settings: Settings,
        skills: Vec<AnySkill>,
        stop: impl Future<Output = ()>,
    ) -> anyhow::Result<Option<Self>> {
        let admin_at = settings.admin.listen;
        let site = Site::open(settings, skills).await?;
        let admin = admin_listening(reserve("admin.listen", admin_at)?, site.pages())?.serve();
        tracing::info!(admin = %admin.address, "waiting for Mattermost to answer");
        let with_account = site.settings.mattermost.bot_token.is_some();
        let known = tokio::select! {
            known = ServerFacts::ask(&site.rest, &*site.store, with_account) => known,
            () = stop => {
                tracing::info!("stopping");
                admin.stop().await?;
                site.store.close().await;
                return Ok(None);
            }
        };
        Ok(Some(site.build(known?, admin).await?))
    }

    /// Where Mattermost's calls are taken.
    pub fn hooks_address(&self) -> SocketAddr {
        self.hooks.address
    }

    /// Where health and metrics are.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address
    }
}

impl Site {
    async fn open(settings: Settings, skills: Vec<AnySkill>) -> anyhow::Result<Self> {
        let catalog = Arc::new(Catalog::build(skills)?);
        settings.check_commands(&commands(&catalog))?;
        let store = Watched::new(store::open(&store_url(&settings.store)).await?);
        let wire = wire(&settings)?;
        // Before hearing begins: until then the store is new, and lacks no key.
        let seal = seal(&settings.hooks, &store_url(&settings.store), &store).await?;
        Ok(Self {
            seal,
            rest: rest(&settings, wire.clone())?,
            hooks: reserve("hooks.listen", settings.hooks.listen)?,
            metrics: telemetry::install_metrics(),
            running: Arc::default(),
            draining: Arc::default(),
            settings,
            catalog,
            store: Arc::new(store),
            wire,
        })
    }

    fn pages(&self) -> Admin {
        Admin {
            running: self.running.clone(),
            draining: self.draining.clone(),
            store: self.store.clone(),
            rest: self.rest.clone(),
            metrics: self.metrics.clone(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    async fn build(self, known: ServerFacts, admin: Serving) -> anyhow::Result<App> {
        for warning in self.settings.check_callers(known.keys.get().is_some())? {
            tracing::warn!("{warning}");
        }
        let keys = known.keys.clone();
        let introduction = Introduction::of(&known);
        let parts = self.parts(known).await?;
        introduction.say(&self.settings, &parts);
        let workshop = parts.workshop.clone();
        let core = Core::start(parts).await?;
        let running = Inspected {
            parts: core.probes.clone(),
            workshop,
        };
        // It is set nowhere else, so it was empty.
        let _ = self.running.set(running);
        Ok(App {
            hooks: hooks_listening(self.hooks, core.doors.clone(), connections())?,
            admin,
            draining: self.draining,
            housekeeping: Housekeeping {
                rest: self.rest,
                keys,
                store: self.store,
                metrics: self.metrics,
                refusals: core.doors.refusals.clone(),
                reach: reach(&self.settings, self.wire, &core),
            },
            core,
        })
    }

    async fn parts(&self, known: ServerFacts) -> anyhow::Result<Parts> {
        let settings = &self.settings;
        Ok(Parts {
            catalog: self.catalog.clone(),
            directory: directory(&self.rest, known.me.as_ref()),
            store: self.store.clone(),
            rest: self.rest.clone(),
            me: known.me,
            seal: self.seal.clone(),
            callers: callers(settings, &known.keys),
            url: settings.hooks.url_at(self.hooks.local_addr()?),
            incoming: settings.mattermost.incoming_webhook_url.clone(),
            limits: settings.limits,
            workshop: Workshop::threads(WORKERS, settings.limits.turn)?,
            hearing: hearing(settings, self.wire.clone(), known.began),
            time: Time::wall(),
        })
    }
}

fn reach(settings: &Settings, wire: Arc<dyn Wire>, core: &Core) -> Option<Reach> {
    let url = settings.hooks.url.as_ref()?;
    Some(Reach {
        wire,
        url: url.to_string(),
        hello: core.doors.hello.clone(),
        tells: core.doors.webhooks.clone().recipient(),
    })
}

/// `setting` says where the address was set.
fn reserve(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("can't listen on {address} ({setting}); is another program there?")
    })?;
    listener.set_nonblocking(true)?;
    // The standard library lets 128 wait; whoever comes then is heard a second later.
    rustix::net::listen(&listener, WAITING)?;
    Ok(listener)
}

fn wire(settings: &Settings) -> anyhow::Result<Arc<dyn Wire>> {
    let options = NetOptions {
        ca_file: settings.mattermost.ca_file.clone(),
        ..NetOptions::default()
    };
    Ok(Arc::new(Net::new(&options)?))
}

fn rest(settings: &Settings, wire: Arc<dyn Wire>) -> anyhow::Result<Rest> {
    let base = Base::of(settings.mattermost.url.clone())?;
    let posting = settings.posting;
    let budget = RateBudget::with(f64::from(posting.rate_per_second), posting.burst, instant());
    Ok(Rest::with_budget(
        wire,
        base,
        settings.mattermost.bot_token.clone(),
        Budget::new(budget),
    ))
}

fn directory(rest: &Rest, me: Option<&Person>) -> Arc<dyn Directory> {
    match me {
        Some(me) => Arc::new(Reads::new(Mattermost::new(rest.clone()), me.clone())),
        None => Arc::new(NoAccount { rest: rest.clone() }),
    }
}

fn hearing(settings: &Settings, wire: Arc<dyn Wire>, began: Option<Millis>) -> Option<Hearing> {
    Some(Hearing {
        wire,
        token: settings.mattermost.bot_token.clone()?,
        socket: settings.socket,
        began: began?,
        max_age: settings.mattermost.max_age,
        own_thread: true,
    })
}

fn callers(settings: &Settings, keys: &Keys) -> Callers {
    let (mut slash, mut outgoing) = (Tokens::default(), Tokens::default());
    for known in &settings.hooks.slash_tokens {
        slash.add(known.trigger.as_deref(), known.token.clone());
    }
    for token in &settings.hooks.outgoing_tokens {
        outgoing.add(None, token.clone());
    }
    let signatures = match settings.mattermost.trigger_signatures {
        TriggerSignatures::Off => Signatures::Ignored,
        TriggerSignatures::Auto => Signatures::Checked(keys.clone()),
        TriggerSignatures::Require => Signatures::Required(keys.clone()),
    };
    Callers::new(slash, outgoing, signatures)
}

fn store_url(at: &StoreAt) -> String {
    match at {
        StoreAt::Sqlite(file) => format!("sqlite://{}", file.display()),
        StoreAt::Memory => "memory:".into(),
    }
}
