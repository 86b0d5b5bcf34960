use actix::prelude::*;

use super::Socket;
use super::looks::Phase;
use crate::actors::intake::matters;
use crate::actors::messages::FromSocket;
use crate::client::socket::{Incoming, Session};
use crate::model::socket::{Envelope, EventName};
use crate::telemetry::names;
use crate::time::instant;

impl Socket {
    pub(super) fn frame(&mut self, text: String, ctx: &mut Context<Self>) {
        self.looks.frame = Some(instant());
        let forward = match self.session.incoming(&text) {
            Incoming::Event(event) => {
                if self.is_told_of_itself(&event) {
                    self.check(ctx);
                }
                Some((event.seq, matters(&event.event)))
            }
            other => {
                self.incoming(&other, ctx);
                None
            }
        };
        if let Some((seq, matters)) = forward {
            self.looks.event = Some(instant());
            self.announce(seq, true);
            if matters {
                self.forward(seq, text);
            }
        }
    }

    /// Whether something of the bot's account changed, its name perhaps. Others are told the same
    /// without being addressed.
    fn is_told_of_itself(&self, event: &Envelope<'_>) -> bool {
        let me = self.me.as_ref().map(|(id, _)| *id);
        event.event == EventName::UserUpdated && me.is_some() && event.broadcast.user_id == me
    }

    fn incoming(&mut self, incoming: &Incoming<'_>, ctx: &mut Context<Self>) {
        match incoming {
            Incoming::Hello { .. } => self.announce(1, false),
            Incoming::Ready { resumed } => {
                let next = self.session.position().map_or(1, |at| at.next_seq);
                self.announce(next, *resumed);
                self.phase(Phase::Ready);
                self.looks.error = None;
                self.backoff.healthy(instant());
            }
            Incoming::Unauthorized => {
                self.doubted = true;
                self.end(
                    "Mattermost says that nobody is logged in (401)".into(),
                    None,
                    ctx,
                );
            }
            Incoming::OutOfSequence { expected, got } => {
                if self.broken_at.replace(*expected) == Some(*expected) {
                    // Resuming doesn't bring it: begin anew, and fetch.
                    self.session = Session::new(None);
                }
                let error = format!("event {expected} is missing, {got} came");
                self.end(error, None, ctx);
            }
            Incoming::Malformed(error) => {
                self.looks.malformed += 1;
                tracing::warn!(%error, "a frame can't be read");
            }
            Incoming::Reply(reply) => tracing::debug!(?reply, "an unexpected reply"),
            Incoming::Pong | Incoming::Event(_) => {}
        }
    }

    /// Tells Intake of the connection, before anything of it.
    fn announce(&mut self, next_seq: i64, resumed: bool) {
        let Some(position) = self.session.position() else {
            return;
        };
        if std::mem::replace(&mut self.announced, true) {
            return;
        }
        let outcome = if resumed { "resumed" } else { "new" };
        if self.looks.fresh + self.looks.resumed > 0 {
            metrics::counter!(names::RECONNECTS, "outcome" => outcome).increment(1);
        }
        if !resumed {
            self.broken_at = None;
        }
        self.looks.resumed += u64::from(resumed);
        self.looks.fresh += u64::from(!resumed);
        tracing::info!(outcome, "connected to Mattermost");
        self.line.intake.do_send(FromSocket::Connected {
            connection: position.connection_id,
            next_seq,
            resumed,
            resumable: self.session.resume().is_some(),
        });
    }

    /// Hands an event on, as long as Intake keeps up.
    fn forward(&mut self, seq: i64, text: String) {
        let load = &self.line.load;
        if self.overflowing && load.has_room() || !self.overflowing && load.is_full() {
            // At the end as well: what was left out after the first gap may not have been fetched.
            self.overflowing = !self.overflowing;
            self.line.intake.do_send(FromSocket::Gap);
            tracing::warn!(overflowing = self.overflowing, "events come too fast");
        }
        if !self.overflowing {
            self.line.load.add(text.len());
            self.line.intake.do_send(FromSocket::Arrived { seq, text });
        }
    }
}
