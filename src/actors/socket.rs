//! The connection to Mattermost.
//!
//! It reads, checks the sequence and hands on, and never waits for anybody. Whatever goes wrong it
//! notes and stops; its supervisor starts it again, and it goes on where the last event was.

mod parts;
mod status;
mod proof;
mod reading;
#[cfg(test)]
mod tests;

use std::time::Duration;

use actix::io::{SinkWrite, WriteHandler};
use actix::prelude::*;
use http::Uri;

pub use self::parts::{SocketParts, resume_of};
use self::status::{Connections, Phase};
use super::Said;
use super::guard::Guard;
use super::messages::{Drain, FromSocket, Probe};
use crate::client::error::RestError;
use crate::client::retry::Backoff;
use crate::client::socket::{Resume, SocketSession};
use crate::client::wire::{Connection, Frame, FrameSink, WireError};
use crate::model::ids::UserId;
use crate::telemetry::names;
use crate::time::{instant, timeout};

/// How long the upgrade may take.
const CONNECT: Duration = Duration::from_secs(30);
/// How often the token is tried; this also keeps the window for a resume open.
const CHECK: Duration = Duration::from_secs(60);

/// Holds the connection. To be started by a [`Supervisor`], on an Arbiter of its own.
pub struct Socket {
    parts: SocketParts,
    session: SocketSession,
    sink: Option<SinkWrite<Frame, FrameSink>>,
    resume: Option<Resume>,
    me: Option<(UserId, String)>,
    /// The token is tried over REST before the next connection.
    doubted: bool,
    /// The last connection ended as if its header had been taken away.
    unheard: bool,
    by_challenge: bool,
    /// The connection was told to Intake.
    announced: bool,
    ended: bool,
    /// The number at which the sequence was broken last.
    broken_at: Option<i64>,
    overflowing: bool,
    draining: bool,
    pings: u64,
    wait: Duration,
    backoff: Backoff,
    rng: fastrand::Rng,
    connections: Connections,
    _guard: Guard,
}

impl Socket {
    /// A socket that connects when it is started.
    pub fn new(parts: SocketParts) -> Self {
        Self {
            session: SocketSession::new(parts.resume),
            resume: parts.resume,
            parts,
            sink: None,
            me: None,
            doubted: true,
            unheard: false,
            by_challenge: false,
            announced: false,
            ended: false,
            broken_at: None,
            overflowing: false,
            draining: false,
            pings: 0,
            wait: Duration::ZERO,
            backoff: Backoff::new(),
            rng: fastrand::Rng::new(),
            connections: Connections::default(),
            _guard: Guard::new("Socket"),
        }
    }

    fn phase(&mut self, phase: Phase) {
        self.connections.enter(phase);
    }

    fn connect(&mut self, ctx: &mut Context<Self>) {
        self.phase(Phase::Connecting);
        self.session = match self.by_challenge {
            true => SocketSession::by_challenge(),
            false => SocketSession::new(self.resume),
        };
        let request = self
            .session
            .request(self.parts.rest.base(), &self.parts.token);
        let request = match request {
            Ok(request) => request,
            Err(error) => return self.end(format!("can't connect: {error}"), None, ctx),
        };
        let (wire, uri) = (self.parts.wire.clone(), request.uri.clone());
        let connect = async move { timeout(CONNECT, wire.connect(request)).await };
        ctx.spawn(
            connect
                .into_actor(self)
                .map(move |done, this, ctx| match done {
                    Ok(Ok(connection)) => this.opened(connection, ctx),
                    Ok(Err(error)) => this.unopened(&uri, error, ctx),
                    Err(_) => this.end(format!("no connection within {CONNECT:?}"), None, ctx),
                }),
        );
    }

    /// The upgrade failed. Whose word a 401 is shows a call over REST before the next one.
    fn unopened(&mut self, uri: &Uri, error: WireError, ctx: &mut Context<Self>) {
        self.doubted |= matches!(&error, WireError::Refused { status, .. } if *status == 401);
        let error = RestError::of_wire(uri, error);
        self.connections.foreign = matches!(error, RestError::Foreign { .. });
        let asked = match error {
            RestError::RateLimited { retry_after } => retry_after,
            _ => None,
        };
        self.end(format!("can't connect: {error}"), asked, ctx);
    }

    fn opened(&mut self, connection: Connection, ctx: &mut Context<Self>) {
        self.phase(Phase::Open);
        ctx.add_stream(connection.incoming);
        self.sink = Some(SinkWrite::new(connection.outgoing, ctx));
        if let Some(greeting) = self.session.greeting(&self.parts.token) {
            self.write(greeting, ctx);
        }
        self.ping(ctx);
        ctx.run_interval(self.parts.ping, Self::ping);
        ctx.run_interval(CHECK, Self::check);
    }

    fn write(&mut self, text: String, ctx: &mut Context<Self>) {
        let sink = self.sink.as_mut();
        if sink.is_some_and(|sink| sink.write(Frame::Text(text)).is_err()) {
            self.end("the connection can't be written to".into(), None, ctx);
        }
    }

    fn ping(&mut self, ctx: &mut Context<Self>) {
        if self.session.awaits_pong() {
            return;
        }
        let ping = self.session.ping();
        self.write(ping, ctx);
        self.pings += 1;
        let (this_one, patience) = (self.pings, self.parts.pong_timeout);
        ctx.run_later(patience, move |this, ctx| {
            if this.pings == this_one && this.session.awaits_pong() {
                this.end(
                    format!("no answer to a ping within {patience:?}"),
                    None,
                    ctx,
                );
            }
        });
        if let Some(position) = self.session.position().filter(|_| self.announced) {
            self.parts
                .intake
                .do_send(FromSocket::Reached(position.next_seq));
        }
    }

    /// This connection is over; the next one goes on where it was.
    fn end(&mut self, error: String, asked: Option<Duration>, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.unheard = self.connections.phase() == Phase::Open && !self.announced;
        self.doubted |= self.unheard;
        if self.connections.phase() != Phase::Ready {
            self.connections.failed += 1;
            metrics::counter!(names::RECONNECTS, "outcome" => "failed").increment(1);
        }
        if self.announced || self.connections.phase() == Phase::Open && !self.by_challenge {
            self.resume = self.session.resume();
        }
        // Only the header can resume: it is tried again after each connection without it.
        self.by_challenge &= !self.announced;
        self.wait = self.backoff.failed(instant(), asked, &mut self.rng);
        tracing::warn!(error, wait = ?self.wait, "the connection to Mattermost ended");
        self.connections.error = Some(error);
        self.sink = None;
        self.phase(Phase::Waiting);
        ctx.stop();
    }
}

impl Actor for Socket {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.ended = false;
        self.announced = false;
        if !self.draining {
            ctx.run_later(self.wait, Self::begin);
        }
    }
}

impl Supervised for Socket {}

impl StreamHandler<Frame> for Socket {
    fn handle(&mut self, frame: Frame, ctx: &mut Context<Self>) {
        if self.ended {
            return;
        }
        match frame {
            Frame::Text(text) => self.frame(&text, ctx),
            Frame::Close { code, reason } => {
                let code = code.map_or("without a code".to_owned(), |code| code.to_string());
                self.end(format!("closed ({code}): {reason}"), None, ctx);
            }
        }
    }

    fn finished(&mut self, ctx: &mut Context<Self>) {
        self.end("the connection ended".into(), None, ctx);
    }
}

impl WriteHandler<WireError> for Socket {
    fn error(&mut self, error: WireError, ctx: &mut Context<Self>) -> Running {
        self.end(format!("the connection broke: {error}"), None, ctx);
        Running::Stop
    }
}

impl Handler<Drain> for Socket {
    type Result = ();

    /// Ends the connection for good; what comes meanwhile waits for the next process.
    fn handle(&mut self, _: Drain, ctx: &mut Context<Self>) {
        self.draining = true;
        self.ended = true;
        self.sink = None;
        self.phase(Phase::Stopped);
        ctx.stop();
    }
}

impl Handler<Probe> for Socket {
    type Result = MessageResult<Probe>;

    fn handle(&mut self, _: Probe, _: &mut Context<Self>) -> Self::Result {
        MessageResult(Said::of(&self.connections.status(self.by_challenge)))
    }
}
