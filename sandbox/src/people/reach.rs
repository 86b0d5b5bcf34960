//! How people reach a server: over sockets, or straight into a world.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{Request, Response};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::client::client;

/// A way from people to their server, which never fails them.
#[async_trait]
pub trait Reach: fmt::Debug + Send + Sync {
    /// Takes a request, whose address is a path such as `/api/v4/posts`, to its end; none where no
    /// answer came.
    async fn request(&self, request: Request<Bytes>) -> Option<Response<Bytes>>;

    /// Opens a WebSocket for the owner of this token; none where it can't be opened.
    async fn listen(&self, token: &str) -> Option<Frames>;
}

/// The text frames of a person's WebSocket, until it ends.
pub type Frames = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Over sockets, to a server at this address.
#[derive(Debug)]
pub(super) struct Sockets {
    url: String,
    client: reqwest::Client,
}

impl Sockets {
    pub fn to(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            client: client().unwrap_or_else(|error| panic!("people have no HTTP client: {error}")),
        }
    }
}

#[async_trait]
impl Reach for Sockets {
    async fn request(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let (mut head, body) = request.into_parts();
        head.uri = format!("{}{}", self.url, head.uri).parse().ok()?;
        let request = reqwest::Request::try_from(Request::from_parts(head, body)).ok()?;
        let mut response = self.client.execute(request).await.ok()?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut answer = Response::new(response.bytes().await.unwrap_or_default());
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Some(answer)
    }

    async fn listen(&self, token: &str) -> Option<Frames> {
        let url = format!("{}/api/v4/websocket", self.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().ok()?;
        let header = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        request.headers_mut().insert("authorization", header);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.ok()?;
        let heard = socket.take_while(|message| std::future::ready(message.is_ok()));
        let texts =
            heard.filter_map(async |message| Some(message.ok()?.to_text().ok()?.to_owned()));
        Some(Box::pin(texts))
    }
}
