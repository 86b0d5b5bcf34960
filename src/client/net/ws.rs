//! WebSockets by tokio-tungstenite.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, Stream, StreamExt, stream};
use http::header::USER_AGENT;
use http::uri::{Scheme, Uri};
use http::{HeaderValue, Request};
use rustls::ClientConfig;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, client_async_tls_with_config};

use super::proxy::Proxies;
use super::way::Way;
use crate::client::wire::{ConnectRequest, Connection, Frame, WireError, until_close};
use crate::time::timeout;

/// The longest message that we take, in bytes. Mattermost sets no limit for what it sends; a post
/// of the greatest length, with all its props and escaped twice, stays below.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;

pub(super) struct Opener {
    tls: Arc<ClientConfig>,
    proxies: Arc<Proxies>,
    limit: Duration,
}

impl Opener {
    pub(super) fn new(tls: ClientConfig, proxies: Arc<Proxies>, limit: Duration) -> Self {
        Self {
            tls: Arc::new(tls),
            proxies,
            limit,
        }
    }

    /// An upgrade has no effect on the server, so that whatever fails was "not sent".
    pub(super) async fn open(&self, request: ConnectRequest) -> Result<Connection, WireError> {
        match timeout(self.limit, self.upgrade(request)).await {
            Ok(result) => result,
            Err(_) => Err(WireError::NotSent(
                "the WebSocket did not open in time".into(),
            )),
        }
    }

    async fn upgrade(&self, request: ConnectRequest) -> Result<Connection, WireError> {
        let way = Way::to(&request.uri, &self.proxies.matcher).map_err(WireError::NotSent)?;
        let request = upgrade_request(request).map_err(WireError::NotSent)?;
        let stream = way.connect().await.map_err(WireError::NotSent)?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let tls = Connector::Rustls(self.tls.clone());
        let (socket, _) = client_async_tls_with_config(request, stream, Some(limits), Some(tls))
            .await
            .map_err(classify)?;
        let (sink, stream) = socket.split();
        Ok(Connection {
            incoming: incoming(stream),
            outgoing: Box::pin(
                sink.sink_map_err(|error: Error| WireError::Ambiguous(error.to_string()))
                    .with(|frame| ready(Ok(message(frame)))),
            ),
        })
    }
}

/// The upgrade: its own headers and the caller's, and neither `Origin` nor a cookie.
fn upgrade_request(request: ConnectRequest) -> Result<Request<()>, String> {
    let mut parts = request.uri.into_parts();
    let secure = parts.scheme == Some(Scheme::HTTPS);
    let scheme = Scheme::try_from(if secure { "wss" } else { "ws" });
    parts.scheme = Some(scheme.map_err(|error| error.to_string())?);
    let uri = Uri::from_parts(parts).map_err(|error| error.to_string())?;
    let mut upgrade = uri
        .into_client_request()
        .map_err(|error| error.to_string())?;
    upgrade
        .headers_mut()
        .insert(USER_AGENT, HeaderValue::from_static(super::USER_AGENT));
    upgrade.headers_mut().extend(request.headers);
    Ok(upgrade)
}

fn classify(error: Error) -> WireError {
    match error {
        Error::Http(answer) => {
            let (head, body) = answer.into_parts();
            WireError::Refused {
                status: head.status,
                headers: Box::new(head.headers),
                body: body.unwrap_or_default().into(),
            }
        }
        other => WireError::NotSent(other.to_string()),
    }
}

fn incoming(
    messages: impl Stream<Item = Result<Message, Error>> + Send + 'static,
) -> crate::client::wire::Frames {
    let end = Frame::Close {
        code: None,
        reason: "the connection ended without a close".into(),
    };
    until_close(
        messages
            .filter_map(|message| ready(frame(message)))
            .chain(stream::iter([end])),
    )
}

/// What a message means to us; pings are answered by tungstenite at the next read.
fn frame(message: Result<Message, Error>) -> Option<Frame> {
    match message {
        Ok(Message::Text(text)) => Some(Frame::Text(text.as_str().to_owned())),
        Ok(Message::Close(Some(close))) => Some(Frame::Close {
            code: Some(close.code.into()),
            reason: close.reason.to_string(),
        }),
        Ok(Message::Close(None)) => Some(Frame::Close {
            code: None,
            reason: "closed without a reason".into(),
        }),
        Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_)) => None,
        Err(error) => Some(Frame::Close {
            code: None,
            reason: error.to_string(),
        }),
    }
}

fn message(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => Message::Text(text.into()),
        Frame::Close { code: None, .. } => Message::Close(None),
        Frame::Close {
            code: Some(code),
            reason,
        } => Message::Close(Some(CloseFrame {
            code: code.into(),
            reason: reason.into(),
        })),
    }
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener")
            .field("proxies", &self.proxies)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
