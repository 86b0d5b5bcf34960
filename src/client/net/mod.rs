//! The wire in earnest: reqwest for requests, tokio-tungstenite for the WebSocket, and one set of
//! certificates and proxies for both.

mod error;
mod http;
mod proxy;
mod tcp;
mod tls;
mod socks;
mod tunnel;
mod way;
mod ws;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt;

use super::wire::{ConnectRequest, Connection, Pieces, Wire, WireError};
pub use error::NetError;
pub use proxy::proxy_of;

/// What Mattermost's access log shows.
const USER_AGENT: &str = concat!("matteractor/", env!("CARGO_PKG_VERSION"));

/// How to reach the network.
#[derive(Debug, Clone)]
pub struct NetOptions {
    /// A file of PEM certificates that are trusted besides the platform's.
    pub ca_file: Option<PathBuf>,
    /// The way out.
    pub proxy: Proxy,
    /// The longest that a request may take with its answer's body, and a WebSocket to open. Where the body comes
    /// piece by piece, the longest that any piece may take; all of it may then take four times as long.
    pub timeout: Duration,
}

/// Which proxy to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// What `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say, or else the system.
    System,
    /// None, whatever the environment says.
    #[cfg(test)]
    Direct,
    /// This one, for everything: `http://[name:password@]host:port`.
    #[cfg(test)]
    Fixed(String),
}

impl Default for NetOptions {
    /// The platform's certificates, the system's proxy, 30 s.
    fn default() -> Self {
        Self {
            ca_file: None,
            proxy: Proxy::System,
            timeout: Duration::from_secs(30),
        }
    }
}

/// Real sockets. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Net {
    requests: ::reqwest::Client,
    proxies: Arc<proxy::Proxies>,
    websocket: Arc<ws::Opener>,
    timeout: Duration,
}

impl Net {
    /// Reads certificates and proxies; connects to nothing yet.
    pub fn new(options: &NetOptions) -> Result<Self, NetError> {
        let tls = tls::config(options.ca_file.as_deref())?;
        let requests = http::client(options, &tls)?;
        let proxies = Arc::new(proxy::Proxies::new(&options.proxy));
        let websocket = Arc::new(ws::Opener::new(tls, proxies.clone(), options.timeout));
        Ok(Self {
            requests,
            proxies,
            websocket,
            timeout: options.timeout,
        })
    }
}

#[async_trait]
impl Wire for Net {
    async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        let uri = request.uri().clone();
        let answer = http::request(&self.requests, request).await;
        answer.map_err(|error| self.proxies.blame(error, &uri))
    }

    async fn stream(&self, request: Request<Bytes>) -> Result<Response<Pieces>, WireError> {
        let uri = request.uri().clone();
        let answer = http::stream(&self.requests, request, self.timeout).await;
        let answer = answer.map_err(|error| self.proxies.blame(error, &uri))?;
        let proxies = self.proxies.clone();
        let blame = move |error| proxies.blame(error, &uri);
        Ok(answer.map(|pieces| Box::pin(pieces.map_err(blame)) as Pieces))
    }

    async fn connect(&self, request: ConnectRequest) -> Result<Connection, WireError> {
        let uri = request.uri.clone();
        let opened = self.websocket.open(request).await;
        opened.map_err(|error| self.proxies.blame(error, &uri))
    }
}

#[cfg(test)]
mod tests;
