use std::sync::Arc;
use std::time::Duration;

use super::bot::Bot;
use super::chat::Chat;
use crate::store::Flaky;
use crate::time::sleep;

/// How often it is looked whether the bot is up.
const GLANCE: Duration = Duration::from_millis(1);

/// The bot's process: how it ends and begins.
impl Chat {
    /// Kills the bot at this instant, as kill -9 does: what it has sent is on its way, what it has
    /// committed is on the disk, and nothing else is left of it.
    pub async fn kill_bot(&self) {
        self.network.trace.note("the bot is killed");
        self.network.opened(None);
        let bot = self.bot.take();
        if let Some(bot) = bot {
            bot.kill().await;
        }
        if let Some(stopping) = &*self.stopping.borrow() {
            stopping.abort();
        }
        self.has_stopped().await;
    }

    /// Stops the bot in order.
    pub async fn stop_bot(&self) {
        self.network.trace.note("the bot is stopped");
        let bot = self.bot.take();
        if let Some(bot) = bot {
            self.stopping.replace(Some(bot.killer()));
            bot.stop().await;
        }
    }

    async fn has_stopped(&self) {
        let stops = || {
            self.stopping
                .borrow()
                .as_ref()
                .is_some_and(|one| !one.is_finished())
        };
        while stops() {
            sleep(GLANCE).await;
        }
    }

    /// Starts the bot on the disk that its last process left, and waits until its doors are open.
    /// Nothing where it runs.
    pub async fn start_bot(&self) {
        self.has_stopped().await;
        self.begin();
        while !self.is_up() {
            sleep(GLANCE).await;
        }
    }

    pub(super) fn begin(&self) {
        if self.bot.borrow().is_some() {
            return;
        }
        self.network.trace.note("the bot is started");
        let (store, faults) = Flaky::new(self.disk.mount());
        self.disk_faults.replace(faults);
        // The same token, unless that was revoked.
        let known = self
            .network
            .with(|world, now| world.provision(now, &self.account.borrow()));
        self.blueprint.borrow_mut().token = known.bot_token.into();
        let (blueprint, network) = (self.blueprint.borrow().clone(), self.network.clone());
        let bot = Bot::start(blueprint, Arc::new(store), network);
        self.bot.replace(Some(bot));
    }

    /// Whether the bot's doors are open.
    pub fn is_up(&self) -> bool {
        self.network.is_open()
    }
}
