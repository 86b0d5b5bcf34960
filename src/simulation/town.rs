use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use secrecy::SecretString;

use super::bot::{Blueprint, Bot};
use super::disk::Disk;
use super::network::Network;
use super::trace::Trace;
use crate::client::base::Base;
use crate::event::Person;
use crate::http::{Callers, Keys, Signatures};
use crate::model::ids::{Millis, UserId};
use crate::sandbox::seed::{self, Provisioned, SlashCommand, TEAM};
use crate::sandbox::{Signer, World};
use crate::settings::{self, Settings};
use crate::skill::{AnySkill, Catalog};
use crate::store::{Faults, Flaky};
use crate::time::Time;
use crate::trust::{Keyring, Seal, Tokens, TriggerKey};

/// Where the pretend Mattermost is. Nobody looks the name up.
const WORLD_URL: &str = "http://mattermost.invalid";
/// Where the bot's doors are.
pub(super) const BOT_URL: &str = "http://bot.invalid";
/// When every simulation begins: a day in 2026.
const START: Millis = Millis(1_772_000_000_000);
/// What buttons are sealed with.
const SECRET: &str = "a secret that everybody knows, for simulation only";

/// What a town begins with.
#[derive(Default)]
pub struct Setup {
    /// What the bot can do.
    pub skills: Vec<AnySkill>,
    /// Settings that differ from `config/default.toml`, by their environment variables.
    pub settings: Vec<(String, String)>,
}

/// Why a town can't be, or what was asked of it can't.
#[derive(Debug, thiserror::Error)]
pub enum TownError {
    /// The skills don't fit together, the settings are wrong, and the like.
    #[error("the town can't be built: {0}")]
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
/// It must be made and used within a [`tokio::task::LocalSet`]; with paused time its hours take
/// as long as its work.
pub struct Town {
    pub(super) network: Rc<Network>,
    pub(super) tokens: RefCell<BTreeMap<String, String>>,
    blueprint: Blueprint,
    disk: Disk,
    faults: RefCell<Faults>,
    bot: RefCell<Option<Bot>>,
}

impl Town {
    /// A town whose bot is starting. Randomness comes from this thread's `fastrand`.
    pub fn new(setup: Setup) -> Result<Self, TownError> {
        let time = Time::simulated(START);
        let catalog = Arc::new(Catalog::build(setup.skills).map_err(wrong)?);
        let key = Signer::generate().map_err(wrong)?;
        let signer = Signer::new(&key).map_err(wrong)?;
        let public = TriggerKey::parse(&signer.public_key()).map_err(wrong)?;
        let mut world = World::new(fastrand::u64(..), signer);
        world.set_site_url(WORLD_URL);
        world.people(START.0);
        let known = world.provision(START.0, &bot(&catalog));
        let settings = load(&known, setup.settings)?;
        let (network, line) = Network::start(world, time.clone(), Trace::new(time.clone()));
        let secret = Keyring::from_secret(&SecretString::from(SECRET)).map_err(wrong)?;
        let blueprint = Blueprint {
            catalog,
            settings: Arc::new(settings),
            me: Person {
                id: UserId::parse(&known.bot_id).map_err(wrong)?,
                name: "bot".into(),
            },
            token: known.bot_token.clone().into(),
            base: Base::parse(WORLD_URL).map_err(wrong)?,
            seal: Seal::new(secret),
            callers: callers(&known, public),
            wire: Arc::new(line),
            time,
        };
        let town = Self {
            network,
            tokens: RefCell::default(),
            blueprint,
            disk: Disk::default(),
            faults: RefCell::default(),
            bot: RefCell::default(),
        };
        town.starts();
        Ok(town)
    }

    /// Kills the bot at this instant, as kill -9 does: what it has sent is on its way, what it has
    /// committed is on the disk, and nothing else is left of it.
    pub async fn crash(&self) {
        self.network.trace.note("the bot is killed");
        self.network.opened(None);
        let bot = self.bot.take();
        if let Some(bot) = bot {
            bot.kill().await;
        }
    }

    /// Stops the bot in order.
    pub async fn stop(&self) {
        self.network.trace.note("the bot is stopped");
        let bot = self.bot.take();
        if let Some(bot) = bot {
            bot.stop().await;
        }
    }

    /// Starts the bot on the disk that its last process left; nothing where it runs.
    pub fn starts(&self) {
        if self.bot.borrow().is_some() {
            return;
        }
        self.network.trace.note("the bot is started");
        let (store, faults) = Flaky::new(self.disk.mount());
        self.faults.replace(faults);
        let (blueprint, network) = (self.blueprint.clone(), self.network.clone());
        let bot = Bot::start(blueprint, Arc::new(store), network);
        self.bot.replace(Some(bot));
    }

    /// Whether the bot's doors are open.
    pub fn is_up(&self) -> bool {
        self.network.is_open()
    }

    /// The switchboard of the running process's store.
    pub fn disk_faults(&self) -> Faults {
        self.faults.borrow().clone()
    }

    /// What outlives the bot's processes.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Does something with the world, such as setting its faults.
    pub fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.network.with(|world, _| act(world))
    }

    /// Ends all of the bot's sockets; it can resume.
    pub fn drop_sockets(&self) {
        self.network.trace.note("the sockets end");
        self.world(World::drop_sockets);
    }

    /// Cuts the cable between bot and world, or mends it.
    pub fn cut_cable(&self, cut: bool) {
        let what = if cut { "cut" } else { "mended" };
        self.network.trace.note(format_args!("the cable is {what}"));
        self.network.cut(cut);
    }

    /// What has happened so far.
    pub fn trace(&self) -> &Trace {
        &self.network.trace
    }

    /// The bot's user id.
    pub fn bot_id(&self) -> String {
        self.blueprint.me.id.to_string()
    }

    /// A channel's id.
    pub fn channel(&self, name: &str) -> Result<String, TownError> {
        let id = self.world(|world| world.channel_id(TEAM, name));
        id.ok_or_else(|| TownError::Missing(name.to_owned()))
    }
}

fn bot(catalog: &Catalog) -> seed::Bot {
    let commands = catalog.slash_commands().filter_map(|entry| {
        Some(SlashCommand {
            trigger: entry.trigger.clone()?,
            hint: entry.usage.clone(),
            description: entry.about.clone(),
        })
    });
    seed::Bot {
        username: "bot".into(),
        integration_url: BOT_URL.into(),
        commands: commands.collect(),
        outgoing: Vec::new(),
    }
}

fn load(known: &Provisioned, extra: Vec<(String, String)>) -> Result<Settings, TownError> {
    let fixed = [
        ("MATTERMOST_URL", WORLD_URL),
        ("BOT_TOKEN", &known.bot_token),
        ("INTEGRATION_URL", BOT_URL),
    ];
    let mut env: HashMap<String, String> = fixed
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    env.extend(extra);
    let options = settings::Options {
        env,
        ..settings::Options::default()
    };
    Settings::load(&options).map_err(wrong)
}

fn callers(known: &Provisioned, key: TriggerKey) -> Callers {
    let mut slash = Tokens::default();
    for (trigger, token) in &known.command_tokens {
        slash.add(Some(trigger), token.clone().into());
    }
    let keys = Keys::default();
    keys.learn(key);
    Callers::new(slash, Tokens::default(), Signatures::Checked(keys))
}

fn wrong(error: impl std::fmt::Display) -> TownError {
    TownError::Setup(error.to_string())
}
