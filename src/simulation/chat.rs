use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::task::AbortHandle;

use super::bot::{BOT_URL, Blueprint, Bot};
use super::disk::Disk;
use super::network::Network;
use super::trace::Trace;
use super::wire::NearEnd;
use crate::client::base::Base;
use crate::event::Person;
use crate::http::{Callers, Keys, Signatures};
use crate::model::ids::{Millis, UserId};
use crate::sandbox::seed::{self, Provisioned, TEAM};
use crate::sandbox::{self, Signer, World};
use crate::settings::Settings;
use crate::skill::Catalog;
use crate::store::Faults;
use crate::testing::{Mishaps, Setup, announced, registered};
use crate::time::{Time, sleep};
use crate::trust::{Keyring, Seal, Tokens, TriggerKey};

/// Where the pretend Mattermost is. Nobody looks the name up.
const WORLD_URL: &str = "http://mattermost.invalid";
/// When every simulation begins: a day in 2026.
const START: Millis = Millis(1_772_000_000_000);
/// What buttons are sealed with.
const SECRET: &str = "a secret that everybody knows, for simulation only";

/// Why a chat can't be, or what was asked of it can't.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The skills don't fit together, the settings are wrong, and the like.
    #[error("the chat can't be built: {0}")]
    Setup(String),
    /// There is no such person, channel or button.
    #[error("there is no {0:?}")]
    Missing(String),
    /// The server answered something that it never should.
    #[error("the server answered {0}")]
    Unexpected(String),
}

/// A pretend Mattermost with people in it, a bot, and the disk under the bot.
///
/// People, channels and verbs are those of [`crate::testing::Chat`]; only it has a disk in memory
/// that can fail, a cable that can be cut, and a trace of all that happened. [`play`](fn@super::play) is
/// the way to one: it must be made and used within a [`tokio::task::LocalSet`], and with paused time
/// its hours take as long as its work.
pub struct Chat {
    pub(super) network: Rc<Network>,
    pub(super) tokens: RefCell<BTreeMap<String, String>>,
    line: NearEnd,
    pub(super) account: RefCell<seed::Bot>,
    pub(super) blueprint: RefCell<Blueprint>,
    pub(super) disk: Disk,
    pub(super) disk_faults: RefCell<Faults>,
    pub(super) bot: RefCell<Option<Bot>>,
    /// The process that is being stopped: no other one begins before it has ended.
    pub(super) stopping: RefCell<Option<AbortHandle>>,
}

impl Chat {
    /// A chat whose bot is starting. Randomness comes from this thread's `fastrand`.
    ///
    /// # Errors
    /// [`ChatError::Setup`].
    pub fn new(setup: impl Into<Setup>) -> Result<Self, ChatError> {
        let setup = setup.into();
        let time = Time::simulated(START);
        let first = settings(&setup, &Provisioned::default())?;
        let skills = setup.skills(&first).map_err(wrong)?;
        let catalog = Arc::new(Catalog::build(skills).map_err(wrong)?);
        let account = announced(&catalog, BOT_URL, setup.webhook_words());
        let key = Signer::generate().map_err(wrong)?;
        let signer = Signer::new(&key).map_err(wrong)?;
        let public = TriggerKey::parse(&signer.public_key()).map_err(wrong)?;
        let mut world = peopled(signer, &setup);
        let known = world.provision(START.0, &account);
        registered(&account, &known).map_err(wrong)?;
        let (network, line) = Network::start(world, time.clone(), Trace::new(time.clone()));
        let blueprint = Blueprint {
            catalog,
            settings: Arc::new(settings(&setup, &known)?),
            me: person(&known.bot_id, &account.username)?,
            token: known.bot_token.clone().into(),
            base: Base::parse(WORLD_URL).map_err(wrong)?,
            seal: seal()?,
            callers: callers(&known, public),
            wire: Arc::new(line.clone()),
            time,
        };
        let chat = Self {
            network,
            tokens: RefCell::default(),
            line,
            account: RefCell::new(account),
            blueprint: RefCell::new(blueprint),
            disk: Disk::default(),
            disk_faults: RefCell::default(),
            bot: RefCell::default(),
            stopping: RefCell::default(),
        };
        chat.begin();
        Ok(chat)
    }

    /// One of `admin`, `ann`, `ben` and `cleo`, logged in, in the channel `town-square`: the same
    /// values as over sockets, but they wait in virtual time.
    ///
    /// # Panics
    /// If there is nobody of this name.
    pub async fn person(&self, name: &str) -> sandbox::User {
        sandbox::User::comes_by(Arc::new(self.line.clone()), name).await
    }

    /// What goes wrong next.
    pub fn faults(&self) -> Mishaps<'_> {
        let token = self.blueprint.borrow().token.expose_secret().to_owned();
        Mishaps::new(|act| self.world(|world| act(world)), token)
    }

    /// Time passes; what falls due in it is done at its time.
    pub async fn after(&self, time: Duration) {
        self.trace().note(format_args!("{time:?} pass"));
        sleep(time).await;
    }

    /// What is wrong, a sentence each, as `/health` says; nothing where the bot is down.
    pub async fn problems(&self) -> Vec<String> {
        let page = self.network.page("/health").await;
        let page = page.and_then(|page| serde_json::from_slice(page.body()).ok());
        let page: serde_json::Value = page.unwrap_or_default();
        let problems = page["problems"].as_array().into_iter().flatten();
        problems
            .filter_map(|problem| problem.as_str().map(str::to_owned))
            .collect()
    }

    /// Whether the bot says that calls should come: `/health/ready`.
    pub async fn is_ready(&self) -> bool {
        let page = self.network.page("/health/ready").await;
        page.is_some_and(|page| page.status().is_success())
    }

    /// The switchboard of the running process's store.
    pub fn disk_faults(&self) -> Faults {
        self.disk_faults.borrow().clone()
    }

    /// What outlives the bot's processes.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Does something with the world behind the server.
    pub fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.network.with(|world, _| act(world))
    }

    /// Cuts the cable between bot and world, or mends it.
    pub fn cut_cable(&self, cut: bool) {
        let what = if cut { "cut" } else { "mended" };
        self.network.trace.note(format_args!("the cable is {what}"));
        self.network.cut(cut);
    }

    /// From now on so many of 100 exchanges fail, by chance and each in its own way: the bot's with
    /// Mattermost meet a proxy's page of any status, a reset before or after the effect, a wait, a
    /// rate limit; Mattermost's with the bot are lost on the way there or back. With 0 all is well.
    pub fn storm(&self, percent: u8) {
        self.network
            .trace
            .note(format_args!("a storm of {percent} %"));
        self.network.storm.set(percent);
    }

    /// What has happened so far.
    pub fn trace(&self) -> &Trace {
        &self.network.trace
    }

    /// The bot's user id.
    pub fn bot_id(&self) -> String {
        self.blueprint.borrow().me.id.to_string()
    }

    /// A channel's id.
    pub fn channel(&self, name: &str) -> Result<String, ChatError> {
        let id = self.world(|world| world.channel_id(TEAM, name));
        id.ok_or_else(|| ChatError::Missing(name.to_owned()))
    }
}

/// A world with the usual people in it, and nobody else.
fn person(id: &str, name: &str) -> Result<Person, ChatError> {
    Ok(Person {
        id: UserId::parse(id).map_err(wrong)?,
        name: name.to_owned(),
    })
}

fn peopled(signer: Signer, setup: &Setup) -> World {
    let mut world = World::new(fastrand::u64(..), signer);
    setup.shape(&mut world);
    world.set_site_url(WORLD_URL);
    world.people(START.0);
    world
}

fn settings(setup: &Setup, known: &Provisioned) -> Result<Settings, ChatError> {
    let fixed = [("INTEGRATION_URL", BOT_URL.into())];
    setup.load(WORLD_URL, known, fixed).map_err(wrong)
}

fn seal() -> Result<Seal, ChatError> {
    let keyring = Keyring::from_secret(&SecretString::from(SECRET));
    Ok(Seal::new(keyring.map_err(wrong)?))
}

fn callers(known: &Provisioned, key: TriggerKey) -> Callers {
    let mut slash = Tokens::default();
    for (trigger, token) in &known.command_tokens {
        slash.add(Some(trigger), token.clone().into());
    }
    let mut outgoing = Tokens::default();
    for token in &known.outgoing_tokens {
        outgoing.add(None, token.clone().into());
    }
    let keys = Keys::default();
    keys.learn(key);
    Callers::new(slash, outgoing, Signatures::Checked(keys))
}

fn wrong(error: impl std::fmt::Display) -> ChatError {
    ChatError::Setup(error.to_string())
}
