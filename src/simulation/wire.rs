use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::{mpsc, oneshot};

use crate::client::wire::{ConnectRequest, Connection, Wire, WireError};
use crate::time::timeout;

/// How long the wire in earnest waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the bot hands to the network. It goes on its way even if nobody waits for the answer any
/// more, as it does on a real one.
pub(super) enum Parcel {
    /// A request of the REST API.
    Request(Request<Bytes>, Reply<Response<Bytes>>),
    /// A WebSocket to be opened.
    Connect(ConnectRequest, Reply<Connection>),
}

pub(super) type Reply<T> = oneshot::Sender<Result<T, WireError>>;

/// The bot's end of the network.
#[derive(Clone)]
pub(super) struct Line(pub mpsc::UnboundedSender<Parcel>);

impl Line {
    async fn hand_over<T>(&self, parcel: impl FnOnce(Reply<T>) -> Parcel) -> Result<T, WireError> {
        let (reply, answer) = oneshot::channel();
        if self.0.send(parcel(reply)).is_err() {
            return Err(WireError::NotSent("there is no network".into()));
        }
        match timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(WireError::Ambiguous("the network is gone".into())),
            Err(_) => Err(WireError::Ambiguous("no answer within 30 s".into())),
        }
    }
}

#[async_trait]
impl Wire for Line {
    async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        self.hand_over(|reply| Parcel::Request(request, reply))
            .await
    }

    async fn connect(&self, request: ConnectRequest) -> Result<Connection, WireError> {
        self.hand_over(|reply| Parcel::Connect(request, reply))
            .await
    }
}
