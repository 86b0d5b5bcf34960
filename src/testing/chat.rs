use std::cell::{Cell, RefCell};
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;

use actix::System;
use tokio::net::TcpSocket;

use super::account::{announced, registered};
use super::bot::Bot;
use super::mishaps::Mishaps;
use super::setup::Setup;
use crate::app::Ending;
use crate::sandbox::seed::Provisioned;
use crate::sandbox::{Options, Running, Sandbox, User, World};
use crate::settings::Settings;
use crate::skill::{AnySkill, Catalog};

/// Any free port of this machine.
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Plays in a chat: starts a sandbox and the bot against it, does `work`, and ends both in order.
/// For a plain `#[test]`; it makes the runtime that it needs.
///
/// ```
/// # use matteractor::skill::*;
/// # fn skill() -> AnySkill {
/// #     Skill::stateless("repeat").slash("repeat", "WORDS", |mut cx, cmd| async move { cx.say(cmd.text); cx.done() }).into()
/// # }
/// use matteractor::testing::play;
///
/// play(skill(), async |chat| {
///     let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
///     ann.slash("/repeat hello").await;
///     ben.sees("hello").await;
/// });
/// ```
///
/// # Panics
/// Where the setup can't work, with the reason; where `work` panics; and where the bot doesn't end
/// in order within 30 seconds.
pub fn play<T>(setup: impl Into<Setup>, work: impl AsyncFnOnce(Rc<Chat>) -> T) -> T {
    System::new().block_on(async {
        let chat = Rc::new(Chat::start(setup).await);
        let result = work(chat.clone()).await;
        chat.end().await;
        result
    })
}

/// A pretend Mattermost on a port, the whole bot running against it, and a folder for the bot's
/// store. All of it is on this machine, at ports of its own.
///
/// In the team `home` are the people `admin` (the system administrator), `ann`, `ben` and `cleo`, and
/// the bot, which is called `bot`; all of them are in the channels `town-square`, `off-topic` and
/// `dev`. Each skill's slash command is registered.
pub struct Chat {
    sandbox: Running,
    setup: RefCell<Setup>,
    folder: tempfile::TempDir,
    account: RefCell<Provisioned>,
    bot: RefCell<Option<Bot>>,
    /// Where the bot's doors were first: buttons that were posted since lead there.
    hooks: Cell<SocketAddr>,
    /// Keeps that port from others while the bot is down.
    reserved: RefCell<Option<TcpSocket>>,
}

impl Chat {
    /// Starts one within the current actix system; the bot hears posts when this returns.
    /// [`play`] is the shorter way.
    ///
    /// # Panics
    /// Where the setup can't work: wrong settings, skills that don't fit together.
    pub async fn start(setup: impl Into<Setup>) -> Self {
        let setup = setup.into();
        let sandbox = Sandbox::start(Options::default()).await;
        let sandbox = sandbox.unwrap_or_else(|error| panic!("{error}"));
        sandbox.with(|world| setup.shape(world));
        let folder = tempfile::tempdir();
        let chat = Self {
            sandbox,
            folder: folder.unwrap_or_else(|error| panic!("no folder for the store: {error}")),
            setup: RefCell::new(setup),
            account: RefCell::default(),
            bot: RefCell::default(),
            hooks: Cell::new(ANY),
            reserved: RefCell::default(),
        };
        chat.start_bot().await;
        chat
    }

    /// One of `admin`, `ann`, `ben` and `cleo`, logged in, in the channel `town-square`.
    ///
    /// # Panics
    /// If there is nobody of this name.
    pub async fn person(&self, name: &str) -> User {
        self.sandbox.person(name).await
    }

    /// What goes wrong next.
    pub fn faults(&self) -> Mishaps<'_> {
        let token = self.account.borrow().bot_token.clone();
        Mishaps::new(|act| self.sandbox.with(|world| act(world)), token)
    }

    /// Does something with the world behind the server; sockets hear of it at once.
    pub fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.sandbox.with(act)
    }

    /// The server, for its address and the calls between it and the bot.
    pub fn sandbox(&self) -> &Running {
        &self.sandbox
    }

    /// The bot's user id.
    pub fn bot_id(&self) -> String {
        self.account.borrow().bot_id.clone()
    }

    /// The address of the bot's doors, without a slash at the end. It stays the same.
    pub fn hooks_url(&self) -> String {
        format!("http://{}", self.hooks.get())
    }

    /// The address of the running bot's health and metrics, without a slash at the end.
    ///
    /// # Panics
    /// If the bot doesn't run.
    pub fn admin_url(&self) -> String {
        let bot = self.bot.borrow();
        let bot = bot.as_ref().unwrap_or_else(|| panic!("the bot is down"));
        format!("http://{}", bot.admin)
    }

    /// Kills the bot as kill -9 does: nothing is finished. What it has committed is in its store,
    /// what it has sent is on its way, and calls to it fail until [`start_bot`](Self::start_bot).
    /// Nothing where it is down.
    pub async fn kill_bot(&self) {
        self.end_bot(Ending::AtOnce).await;
    }

    /// Stops the bot in order: what was begun is finished, within `limits.drain`. Nothing where it is
    /// down.
    ///
    /// # Panics
    /// If it doesn't end within 30 seconds.
    pub async fn stop_bot(&self) {
        self.end_bot(Ending::InOrder).await;
    }

    /// Starts the bot again on its store and at its address, and waits until it hears posts, unless a
    /// fault keeps it from that for 10 seconds. Nothing where it runs. Built without the feature
    /// `sqlite` it has forgotten everything.
    ///
    /// # Panics
    /// Where it can't start, with the reason.
    pub async fn start_bot(&self) {
        if self.bot.borrow().is_none() {
            let started = self.try_start().await;
            started.unwrap_or_else(|why| panic!("the bot can't start: {why}"));
        }
    }

    /// Changes a setting, as [`Setup::setting`] has it. It holds from the bot's next start on.
    pub fn set(&self, name: impl Into<String>, value: impl Into<String>) {
        self.setup
            .replace_with(|setup| setup.clone().setting(name, value));
    }

    /// Ends the bot in order and then the server, and proves that both have ended.
    ///
    /// # Panics
    /// If the bot doesn't end within 30 seconds, or had ended before with an error.
    pub async fn end(&self) {
        self.stop_bot().await;
        self.sandbox.end().await;
    }

    async fn end_bot(&self, how: Ending) {
        let Some(bot) = self.bot.take() else { return };
        let ended = bot.end(how).await;
        self.reserved.replace(reserve(self.hooks.get()));
        ended.unwrap_or_else(|why| panic!("the bot didn't end well: {why}"));
    }

    async fn try_start(&self) -> Result<(), String> {
        // Which commands there are may depend on the settings, and those hold the commands' tokens.
        let settings = self.settings(&Provisioned::default())?;
        let setup = self.setup.borrow().clone();
        self.announce(setup.skills(&settings)?)?;
        let settings = self.settings(&self.account.borrow())?;
        let skills = setup.skills(&settings)?;
        // It binds the port itself; nobody else gets it in between but by great misfortune.
        drop(self.reserved.take());
        let bot = Bot::start(settings, skills.clone()).await?;
        if self.hooks.replace(bot.hooks) != bot.hooks {
            self.announce(skills)?;
        }
        bot.settles().await;
        self.bot.replace(Some(bot));
        Ok(())
    }

    /// Makes the bot and its slash commands known to the server.
    fn announce(&self, skills: Vec<AnySkill>) -> Result<(), String> {
        let catalog = Catalog::build(skills).map_err(|error| error.to_string())?;
        let setup = self.setup.borrow();
        let bot = announced(&catalog, &self.hooks_url(), setup.webhook_words());
        self.account.replace(self.sandbox.provision(&bot));
        registered(&bot, &self.account.borrow())
    }

    fn settings(&self, known: &Provisioned) -> Result<Settings, String> {
        let file = self.folder.path().join("bot.db");
        let store = match cfg!(feature = "sqlite") {
            true => format!("sqlite://{}", file.display()),
            false => "memory:".to_owned(),
        };
        let fixed = [
            ("MATTERACTOR__HOOKS__LISTEN", self.hooks.get().to_string()),
            ("MATTERACTOR__ADMIN__LISTEN", ANY.to_string()),
            ("MATTERACTOR__STORE__URL", store),
            // The sandbox has no rate limit.
            ("MATTERACTOR__POSTING__RATE_PER_SECOND", "1000".to_owned()),
        ];
        let setup = self.setup.borrow();
        setup.load(self.sandbox.url(), known, fixed)
    }
}

/// Holds a port without listening: calls are refused, and nobody else is given it. None where that
/// isn't possible; then it is merely unlikely.
fn reserve(address: SocketAddr) -> Option<TcpSocket> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.set_reuseaddr(true).ok()?;
    socket.bind(address).ok()?;
    Some(socket)
}

impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chat")
            .field("url", &self.sandbox.url())
            .field("hooks", &self.hooks.get())
            .finish_non_exhaustive()
    }
}
