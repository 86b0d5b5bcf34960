use std::time::Duration;

use actix::prelude::*;

use super::Socket;
use crate::actors::messages::FromSocket;
use crate::client::error::{RestError, Retry};
use crate::model::ids::UserId;

/// A token that was refused isn't tried again before this.
const REFUSED: Duration = Duration::from_secs(5);

/// Whether the token is one, and whose.
impl Socket {
    /// Tries the token first, where there is a doubt, and connects.
    pub(super) fn begin(&mut self, ctx: &mut Context<Self>) {
        if !self.doubted {
            return self.connect(ctx);
        }
        let rest = self.parts.rest.clone();
        let check = async move { rest.me().await };
        ctx.spawn(check.into_actor(self).map(|me, this, ctx| match me {
            Ok(me) => {
                this.doubted = false;
                // The token is good over REST, and not over the WebSocket: try the other way.
                this.by_challenge ^= std::mem::take(&mut this.unheard);
                this.is(me.id, me.username);
                this.connect(ctx);
            }
            Err(error) => this.unproved(&error, ctx),
        }));
    }

    /// The token couldn't be tried, or is refused.
    fn unproved(&mut self, error: &RestError, ctx: &mut Context<Self>) {
        match error.retry() {
            Retry::Stop => self.refused(ctx),
            Retry::After(wait) => self.end(format!("asked who I am: {error}"), Some(wait), ctx),
            _ => self.end(format!("can't ask Mattermost who I am: {error}"), None, ctx),
        }
    }

    fn is(&mut self, id: UserId, name: String) {
        let me = Some((id, name.clone()));
        if self.me != me {
            self.me = me;
            self.parts.intake.do_send(FromSocket::Identity { id, name });
        }
    }

    /// Whether the token still is one. Mattermost leaves the socket of a revoked one open.
    pub(super) fn check(&mut self, ctx: &mut Context<Self>) {
        let rest = self.parts.rest.clone();
        let check = async move { rest.me().await };
        ctx.spawn(check.into_actor(self).map(|me, this, ctx| match me {
            Ok(me) => this.is(me.id, me.username),
            Err(error) if error.retry() == Retry::Stop => this.refused(ctx),
            Err(error) => tracing::debug!(%error, "can't ask Mattermost who I am"),
        }));
    }

    /// The token is no token any more: loud, and slow.
    fn refused(&mut self, ctx: &mut Context<Self>) {
        self.doubted = true;
        self.connections.refused = true;
        let error = "the token is refused (401): make a new one for the bot and set BOT_TOKEN";
        tracing::error!("{error}");
        self.end(error.into(), None, ctx);
        // Mattermost keeps no events for a session that isn't valid, and their numbers show no gap: after a resume
        // nobody would look for what was posted meanwhile (11.10).
        self.resume = None;
        self.wait = self.wait.max(REFUSED);
    }
}
