//! A SOCKS proxy, by hyper-util's handshake, as reqwest has it for requests.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5};
use hyper_util::rt::TokioIo;
use tower_service::Service;

use super::tcp::QuickAck;

/// Which SOCKS, and what to ask for.
pub(super) struct Socks {
    pub version: SocksVersion,
    /// Host and port; an IPv6 address in brackets.
    pub target: String,
    pub login: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SocksVersion {
    /// `socks4`: we look names up.
    V4,
    /// `socks4a`: the proxy does.
    V4a,
    /// `socks5`: we look names up.
    V5,
    /// `socks5h`: the proxy does.
    V5h,
}

impl SocksVersion {
    /// By the scheme of a proxy's address.
    pub fn of(scheme: &str) -> Option<Self> {
        Some(match scheme {
            "socks4" => Self::V4,
            "socks4a" => Self::V4a,
            "socks5" => Self::V5,
            "socks5h" => Self::V5h,
            _ => return None,
        })
    }
}

impl Socks {
    /// Asks the proxy at the other end of `stream` to pass everything on from here.
    pub async fn dig(&self, stream: QuickAck) -> Result<QuickAck, String> {
        let target = match self.version {
            SocksVersion::V4 | SocksVersion::V5 => self.looked_up().await?,
            SocksVersion::V4a | SocksVersion::V5h => self.target.clone(),
        };
        let uri = Uri::builder().scheme("http").authority(target);
        let uri = uri.path_and_query("/").build();
        let uri = uri.map_err(|error| error.to_string())?;
        let stream = Connected(Some(TokioIo::new(stream)));
        let dug = match self.version {
            SocksVersion::V4 | SocksVersion::V4a => {
                SocksV4::new(Uri::default(), stream).call(uri).await
            }
            SocksVersion::V5 | SocksVersion::V5h => {
                let socks = SocksV5::new(Uri::default(), stream);
                let mut socks = match &self.login {
                    Some((name, word)) => socks.with_auth(name.clone(), word.clone()),
                    None => socks,
                };
                socks.call(uri).await
            }
        };
        let dug = dug.map_err(|error| format!("the proxy says no: {error}"))?;
        Ok(dug.into_inner())
    }

    /// The target's address. SOCKS 4 has no IPv6.
    async fn looked_up(&self) -> Result<String, String> {
        let found = tokio::net::lookup_host(&self.target).await;
        let mut found = found.map_err(|error| format!("no address of {}: {error}", self.target))?;
        let fits = found.find(|address| self.version != SocksVersion::V4 || address.is_ipv4());
        let fits = fits.ok_or_else(|| format!("no address of {}", self.target))?;
        Ok(fits.to_string())
    }
}

/// A connector whose connection is there already: the handshakes want one that they may call.
struct Connected(Option<TokioIo<QuickAck>>);

impl Service<Uri> for Connected {
    type Response = TokioIo<QuickAck>;
    type Error = std::io::Error;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let taken = self.0.take();
        ready(taken.ok_or_else(|| std::io::ErrorKind::NotConnected.into()))
    }
}
