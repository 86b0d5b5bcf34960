use actix::prelude::*;

use super::Socket;
use super::status::Phase;
use crate::actors::intake::matters;
use crate::actors::messages::FromSocket;
use crate::client::socket::{Incoming, SocketSession};
use crate::model::socket::{Envelope, EventName};
use crate::telemetry::{names, short};
use crate::time::instant;

impl Socket {
    pub(super) fn frame(&mut self, text: &str, ctx: &mut Context<Self>) {
        self.connections.frame = Some(instant());
        match self.session.incoming(text) {
            Incoming::Malformed { error, event } => self.unread(text, &error, event.as_ref()),
            Incoming::Event(event) => self.event(event, ctx),
            other => self.incoming(&other, ctx),
        }
    }

    fn event(&mut self, event: Envelope<'_>, ctx: &mut Context<Self>) {
        if self.is_told_of_itself(&event) {
            self.check(ctx);
        }
        self.connections.event = Some(instant());
        self.announce(event.seq, true);
        self.tell_of_unread();
        if matters(&event.event) {
            self.forward(event);
        }
    }

    /// A text that can't be read costs nothing but itself, and what it may have told of is fetched.
    fn unread(&mut self, text: &str, error: &serde_json::Error, event: Option<&EventName>) {
        self.connections.malformed += 1;
        metrics::counter!(names::UNREADABLE, "kind" => "frame").increment(1);
        // A server of which none can be read would fill the log.
        if self.connections.malformed.is_power_of_two() {
            let (text, count) = (short(text), self.connections.malformed);
            tracing::warn!(%error, %text, count, "a frame can't be read");
        }
        if self.announced {
            let _ = self.session.has_passed_over();
            if event.is_none_or(matters) {
                self.parts.intake.do_send(FromSocket::Gap);
            }
        }
    }

    /// What came before the connection was told of, or without a number.
    fn tell_of_unread(&mut self) {
        if self.session.has_passed_over() {
            self.parts.intake.do_send(FromSocket::Gap);
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
            Incoming::Hello => self.announce(1, false),
            Incoming::Ready { resumed } => {
                let next = self.session.position().map_or(1, |at| at.next_seq);
                self.announce(next, *resumed);
                self.tell_of_unread();
                self.phase(Phase::Ready);
                self.connections.error = None;
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
                    self.session = SocketSession::new(None);
                }
                let error = format!("event {expected} is missing, {got} came");
                self.end(error, None, ctx);
            }
            Incoming::Reply(reply) => tracing::debug!(?reply, "an unexpected reply"),
            Incoming::Pong | Incoming::Event(_) | Incoming::Malformed { .. } => {}
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
        if self.connections.fresh + self.connections.resumed > 0 {
            metrics::counter!(names::RECONNECTS, "outcome" => outcome).increment(1);
        }
        if !resumed {
            self.broken_at = None;
        }
        self.connections.resumed += u64::from(resumed);
        self.connections.fresh += u64::from(!resumed);
        tracing::info!(outcome, "connected to Mattermost");
        self.parts.intake.do_send(FromSocket::Connected {
            connection: position.connection_id,
            next_seq,
            resumed,
            resumable: self.session.resume().is_some(),
        });
    }

    /// Hands an event on, as long as Intake keeps up.
    fn forward(&mut self, event: Envelope<'_>) {
        let backlog = &self.parts.backlog;
        if self.overflowing && backlog.has_room() || !self.overflowing && backlog.is_full() {
            // At the end as well: what was left out after the first gap may not have been fetched.
            self.overflowing = !self.overflowing;
            self.parts.intake.do_send(FromSocket::Gap);
            tracing::warn!(overflowing = self.overflowing, "events come too fast");
        }
        if !self.overflowing {
            self.parts.backlog.add(event.data.get().len());
            let event = Box::new(event.into_owned());
            self.parts.intake.do_send(FromSocket::Arrived(event));
        }
    }
}
