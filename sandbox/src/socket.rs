//! One WebSocket of the pretend server, as an actor.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, AsyncContext, Handler, StreamHandler};
use actix_web_actors::ws::{self, CloseCode, CloseReason, ProtocolError, WebsocketContext};

use super::hub::{Hub, Wake, now};
use super::world::{ConnectionKey, Frame};

/// How often the server pings, and how long it waits for a pong (`web_conn.go`).
const PING: Duration = Duration::from_secs(60);
const PONG: Duration = Duration::from_secs(100);

/// A client's connection.
pub(super) struct Socket {
    pub key: ConnectionKey,
    pub hub: Arc<Hub>,
    pub heard: Instant,
}

impl Actor for Socket {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.hub.attach(self.key, ctx.address().recipient());
        self.write(ctx);
        ctx.run_interval(PING, |socket, ctx| {
            if socket.heard.elapsed() > PONG {
                ctx.stop();
            } else if !socket.silent() {
                ctx.ping(b"");
            }
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.hub.detach(self.key);
        let key = self.key;
        self.hub.with(|world| world.disconnected(now(), key));
    }
}

impl Socket {
    fn write(&self, ctx: &mut WebsocketContext<Self>) {
        for frame in self.hub.with(|world| world.take_frames(self.key)) {
            match frame {
                Frame::Text(text) => ctx.text(text),
                Frame::Close(code) => {
                    ctx.close(Some(CloseReason::from(CloseCode::from(code))));
                    ctx.stop();
                }
                Frame::Drop => ctx.stop(),
            }
        }
    }

    fn silent(&self) -> bool {
        self.hub.with(|world| world.is_silent(self.key))
    }
}

impl Handler<Wake> for Socket {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.write(ctx);
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for Socket {
    fn handle(&mut self, message: Result<ws::Message, ProtocolError>, ctx: &mut Self::Context) {
        match message {
            Ok(ws::Message::Text(text)) => {
                self.hub
                    .with(|world| world.received(now(), self.key, &text));
                self.write(ctx);
            }
            Ok(ws::Message::Ping(data)) if !self.silent() => ctx.pong(&data),
            Ok(ws::Message::Pong(_)) => self.heard = Instant::now(),
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Err(_) => ctx.stop(),
            _ => {}
        }
    }
}
