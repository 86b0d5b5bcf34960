use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use secrecy::{ExposeSecret, SecretString};

use super::core::{Core, Parts};
use super::directory::{NoAccount, Reads};
use super::ears::Hearing;
use crate::actors::workshop::Workshop;
use crate::client::base::Base;
use crate::client::budget::Budget;
use crate::client::error::Retry;
use crate::client::mattermost::Mattermost;
use crate::client::net::{Net, NetOptions};
use crate::client::rest::Rest;
use crate::client::retry::{RateBudget, full_jitter};
use crate::client::wire::Wire;
use crate::event::Person;
use crate::http::admin::Admin;
use crate::http::{Callers, Keys, Listening, bind};
use crate::settings::{Hooks, Settings, StoreAt, TriggerSignatures};
use crate::skill::{AnySkill, Catalog, Directory, Table};
use crate::skills;
use crate::store::{self, Store};
use crate::telemetry;
use crate::time::{Time, instant, sleep};
use crate::trust::{Keyring, Seal, Tokens, TriggerKey};

/// Threads for author code: a few may block theirs at the same time.
const WORKERS: usize = 4;

/// The whole server, bound and ready to run.
pub struct App {
    pub(super) core: Core,
    pub(super) hooks: Listening,
    pub(super) admin: Listening,
    pub(super) keys: Keys,
    pub(super) rest: Rest,
}

/// The built-in skills that the settings switch on, in their order.
pub fn builtin_skills(settings: &Settings) -> anyhow::Result<Vec<AnySkill>> {
    settings.skills.check_names(&skills::NAMES)?;
    let order = settings.skills.order.iter();
    order
        .map(|name| {
            let table = Table::new(name.as_str(), settings.skills.table(name));
            let skill = skills::builtin(name, &table)
                .with_context(|| format!("there is no skill {name:?}"))?;
            Ok(skill?)
        })
        .collect()
}

impl App {
    /// Puts everything together: waits for Mattermost, opens the store, starts the actors, binds.
    ///
    /// Errors are sentences for the admin: a refused token, a locked store, a port in use, a skill
    /// that isn't wired.
    pub async fn build(settings: Settings, skills: Vec<AnySkill>) -> anyhow::Result<Self> {
        let catalog = Arc::new(Catalog::build(skills)?);
        let store = store::open(&store_url(&settings.store)).await?;
        let wire = wire(&settings)?;
        let rest = rest(&settings, wire.clone())?;
        let me = match settings.mattermost.bot_token {
            Some(_) => Some(who_am_i(&rest).await?),
            None => None,
        };
        let keys = Keys::default();
        read_key(&rest, &keys).await;
        for warning in settings.check_callers(keys.get().is_some())? {
            tracing::warn!("{warning}");
        }
        let (hooks_at, admin_at) = (
            reserve(settings.hooks.listen)?,
            reserve(settings.admin.listen)?,
        );
        let bound = hooks_at.local_addr()?;
        let workshop = Workshop::threads(WORKERS, settings.limits.turn)?;
        let parts = Parts {
            catalog,
            directory: directory(&rest, me.as_ref()),
            store: store.clone(),
            rest: rest.clone(),
            me,
            seal: seal(&settings.hooks, &*store).await?,
            callers: callers(&settings, &keys),
            url: settings.hooks.url_at(bound).to_string(),
            incoming: settings.mattermost.incoming_webhook_url.clone(),
            limits: settings.limits,
            workshop: workshop.clone(),
            hearing: hearing(&settings, wire),
            time: Time::wall(),
        };
        let core = Core::start(parts).await?;
        let pages = Admin {
            parts: core.probes.clone(),
            store,
            workshop,
            metrics: telemetry::install_metrics(),
            version: env!("CARGO_PKG_VERSION"),
        };
        let (hooks, admin) = bind(hooks_at, core.doors.clone(), admin_at, pages)?;
        Ok(Self {
            core,
            hooks,
            admin,
            keys,
            rest,
        })
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

fn reserve(address: SocketAddr) -> anyhow::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)
        .with_context(|| format!("can't listen on {address}: is another program there?"))?;
    listener.set_nonblocking(true)?;
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

/// Asks Mattermost who the bot is, for as long as it takes: the two may be started together.
async fn who_am_i(rest: &Rest) -> anyhow::Result<Person> {
    let mut failures = 0;
    loop {
        match rest.me().await {
            Ok(me) => {
                return Ok(Person {
                    id: me.id,
                    name: me.username,
                });
            }
            Err(error) if error.retry() == Retry::Stop => {
                bail!(
                    "Mattermost refuses BOT_TOKEN (401): is it the token of an active bot account?"
                )
            }
            Err(error) if error.retry() == Retry::Never => {
                bail!("Mattermost doesn't answer as it should at MATTERMOST_URL: {error}")
            }
            Err(error) => {
                tracing::warn!(%error, "Mattermost can't be reached; trying again");
                failures += 1;
                sleep(full_jitter(failures, &mut fastrand::Rng::new())).await;
            }
        }
    }
}

/// Reads the key of trigger signatures; one that can't be read leaves the last.
pub(super) async fn read_key(rest: &Rest, keys: &Keys) {
    match rest.client_config().await {
        Ok(config) => {
            let key = config.signing_key().map(TriggerKey::parse);
            match key.transpose() {
                Ok(key) => keys.set(key),
                Err(error) => tracing::warn!(%error, "trigger signatures can't be checked"),
            }
        }
        Err(error) => tracing::warn!(%error, "the server's configuration can't be read"),
    }
}

fn directory(rest: &Rest, me: Option<&Person>) -> Arc<dyn Directory> {
    match me {
        Some(me) => Arc::new(Reads::new(Mattermost::new(rest.clone()), me.clone())),
        None => Arc::new(NoAccount),
    }
}

/// The seal under the configured secret, else under one that the store keeps.
async fn seal(hooks: &Hooks, store: &dyn Store) -> anyhow::Result<Seal> {
    let secret = match &hooks.secret {
        Some(secret) => secret.clone(),
        None => {
            let fresh = Keyring::generate_secret()
                .expose_secret()
                .as_bytes()
                .to_vec();
            SecretString::from(String::from_utf8(store.secret("envelope", fresh).await?)?)
        }
    };
    let mut keyring = Keyring::from_secret(&secret)?;
    for older in &hooks.old_secrets {
        keyring = keyring.with_older(older)?;
    }
    Ok(Seal::new(keyring))
}

fn hearing(settings: &Settings, wire: Arc<dyn Wire>) -> Option<Hearing> {
    Some(Hearing {
        wire,
        token: settings.mattermost.bot_token.clone()?,
        socket: settings.socket,
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
    let checked = settings.mattermost.trigger_signatures != TriggerSignatures::Off;
    Callers {
        slash,
        outgoing,
        keys: checked.then(|| keys.clone()),
    }
}

fn store_url(at: &StoreAt) -> String {
    match at {
        StoreAt::Sqlite(file) => format!("sqlite://{}", file.display()),
        StoreAt::Memory => "memory:".into(),
    }
}
