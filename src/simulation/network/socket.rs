use std::rc::Rc;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, Response};
use tokio::sync::Notify;
use tokio::task::spawn_local;

use super::{Network, lag};
use crate::client::wire::{ConnectRequest, Connection, Frame, WireError};
use crate::sandbox::{self, ConnectionKey};
use crate::simulation::{spoil, storm};

/// Frames on their way in one direction of a socket.
const FRAMES: usize = 1_024;

/// What frames have before them.
#[derive(Clone, Copy)]
pub(super) enum Lag {
    /// The bot's: they take a while.
    Long,
    /// A person's.
    None,
}

impl Lag {
    async fn lag(self) {
        match self {
            Self::Long => lag().await,
            Self::None => {}
        }
    }
}

/// WebSockets of the bot and of people.
impl Network {
    pub(super) async fn connect(
        self: &Rc<Self>,
        request: ConnectRequest,
    ) -> Result<Connection, WireError> {
        if self.cut.get() {
            return Err(WireError::NotSent("the cable is cut".into()));
        }
        if storm::rolls(self.storm.get()) {
            let path = request.uri.path();
            self.with(|world, _| world.faults.strike_next("GET", path, storm::fault()));
        }
        if let Some(step) = self.with(|world, _| world.admit(&request.headers)) {
            return Err(refused(self.settle(step).await.response));
        }
        let query = request.uri.query().unwrap_or_default().to_owned();
        self.trace.note(format_args!("bot connects {query}"));
        Ok(self.open(&query, &request.headers, Lag::Long))
    }

    /// Opens a socket to the world, and carries its frames until one side ends.
    pub(super) fn open(self: &Rc<Self>, query: &str, headers: &HeaderMap, way: Lag) -> Connection {
        let key = self.with(|world, now| world.connect(now, query, headers));
        let wake = Rc::new(Notify::new());
        self.sockets.borrow_mut().insert(key, wake.clone());
        // What it says first was there before anybody could be woken.
        wake.notify_one();
        let (ours, theirs) = Connection::pair(FRAMES);
        let network = self.clone();
        spawn_local(async move {
            network.pump(key, &wake, theirs, way).await;
            network.sockets.borrow_mut().remove(&key);
            network.with(|world, now| world.disconnected(now, key));
        });
        ours
    }

    /// Carries frames both ways until one side ends.
    async fn pump(self: &Rc<Self>, key: ConnectionKey, wake: &Notify, ends: Connection, way: Lag) {
        let (mut incoming, mut outgoing) = (ends.incoming, ends.outgoing);
        loop {
            tokio::select! {
                biased;
                heard = incoming.next() => {
                    let Some(Frame::Text(text)) = heard else { return };
                    way.lag().await;
                    self.with(|world, now| world.received(now, key, &text));
                }
                () = wake.notified() => {
                    way.lag().await;
                    for frame in self.with(|world, _| world.take_frames(key)) {
                        let (frame, last) = translated(frame);
                        if outgoing.send(frame).await.is_err() || last {
                            return;
                        }
                    }
                }
            }
        }
    }
}

fn refused(response: Option<Response<Bytes>>) -> WireError {
    let Some(response) = response else {
        return WireError::Ambiguous("the connection ended".into());
    };
    let (head, body) = response.into_parts();
    WireError::Refused {
        status: head.status,
        headers: Box::new(head.headers),
        body,
    }
}

fn translated(frame: sandbox::Frame) -> (Frame, bool) {
    let end = |code| Frame::Close {
        code,
        reason: "the server ended it".into(),
    };
    match frame {
        sandbox::Frame::Text(text) => (Frame::Text(spoil::frame(text)), false),
        sandbox::Frame::Close(code) => (end(Some(code)), true),
        sandbox::Frame::Drop => (end(None), true),
    }
}
