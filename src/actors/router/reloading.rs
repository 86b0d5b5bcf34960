use std::time::Duration;

use actix::prelude::*;

use super::Router;
use crate::actors::messages::Reload;

/// How long to wait before the store is asked again.
const RELOAD: Duration = Duration::from_secs(1);

/// Reading anew who listens.
impl Router {
    /// What the store has may be newer than what is known here. Nobody goes on with what they remember.
    fn reload(&mut self, ctx: &mut Context<Self>) {
        self.forget();
        if std::mem::replace(&mut self.reloading, true) {
            self.again = true;
            return;
        }
        self.listeners.reading();
        let store = self.engine.store.clone();
        let load = async move { store.listening().await };
        ctx.spawn(load.into_actor(self).map(|loaded, this, ctx| {
            this.reloading = false;
            match loaded {
                Ok(questions) => {
                    this.listeners.read(questions);
                    // Those that began meanwhile know only what was known before.
                    this.forget();
                    this.decide_all();
                    if std::mem::take(&mut this.again) {
                        this.reload(ctx);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "who listens can't be read");
                    ctx.run_later(RELOAD, Self::reload);
                }
            }
        }));
    }

    fn forget(&mut self) {
        self.live.values_mut().for_each(|live| live.stale = true);
        self.live.retain(|_, live| live.waiting > 0);
        self.idle.clear();
    }
}

impl Handler<Reload> for Router {
    type Result = ();

    fn handle(&mut self, _: Reload, ctx: &mut Context<Self>) {
        self.reload(ctx);
    }
}
