use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::sync::{mpsc, oneshot};

use crate::client::wire::{ConnectRequest, Connection, Frame, Pieces, Wire, WireError};
use crate::sandbox::people::{Frames, Reach};
use crate::time::timeout;

/// How long the wire in earnest waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// In about so many pieces a body comes that may.
const PIECES: usize = 5;

/// What the network is handed. It goes on its way even if nobody waits for the answer any
/// more, as it does on a real one.
pub(super) enum Parcel {
    /// A request of the REST API.
    Request(Request<Bytes>, WireReply<Response<Bytes>>),
    /// A WebSocket to be opened.
    Connect(ConnectRequest, WireReply<Connection>),
    /// A person's request. People's errands take no time, and nothing keeps them off.
    Ask(Request<Bytes>, oneshot::Sender<Option<Response<Bytes>>>),
    /// A person's WebSocket, with the headers that say whose.
    Listen(HeaderMap, oneshot::Sender<Connection>),
}

pub(super) type WireReply<T> = oneshot::Sender<Result<T, WireError>>;

/// The near end of the network: the bot's, and people's.
#[derive(Clone, Debug)]
pub(super) struct NearEnd(pub mpsc::UnboundedSender<Parcel>);

impl NearEnd {
    async fn hand_over<T>(
        &self,
        parcel: impl FnOnce(WireReply<T>) -> Parcel,
    ) -> Result<T, WireError> {
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
impl Wire for NearEnd {
    async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        self.hand_over(|reply| Parcel::Request(request, reply))
            .await
    }

    /// What is long comes in pieces, whose ends mean nothing.
    async fn stream(&self, request: Request<Bytes>) -> Result<Response<Pieces>, WireError> {
        let answer = Wire::request(self, request).await?;
        Ok(answer.map(|body| {
            let size = (body.len() / PIECES).max(1);
            let begins = (0..body.len()).step_by(size);
            let piece = |at: usize| Ok(body.slice(at..body.len().min(at + size)));
            let pieces: Vec<_> = begins.map(piece).collect();
            Box::pin(stream::iter(pieces)) as Pieces
        }))
    }

    async fn connect(&self, request: ConnectRequest) -> Result<Connection, WireError> {
        self.hand_over(|reply| Parcel::Connect(request, reply))
            .await
    }
}

#[async_trait]
impl Reach for NearEnd {
    async fn request(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Parcel::Ask(request, reply)).ok()?;
        answer.await.ok()?
    }

    async fn listen(&self, token: &str) -> Option<Frames> {
        let mut headers = HeaderMap::new();
        let token = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        headers.insert("authorization", token);
        let (reply, opened) = oneshot::channel();
        self.0.send(Parcel::Listen(headers, reply)).ok()?;
        let connection = opened.await.ok()?;
        let texts = stream::unfold(connection, async |mut connection| {
            match connection.next().await? {
                Frame::Text(text) => Some((text, connection)),
                Frame::Close { .. } => None,
            }
        });
        Some(Box::pin(texts))
    }
}
