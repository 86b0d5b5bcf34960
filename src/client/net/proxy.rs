//! Which proxy a WebSocket goes through, by the rules that reqwest has for requests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Proxy;

/// The longest answer of a proxy to CONNECT, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

pub(super) fn matcher(proxy: &Proxy) -> Matcher {
    match proxy {
        Proxy::System => Matcher::from_system(),
        Proxy::Direct => Matcher::builder().build(),
        Proxy::Fixed(address) => Matcher::builder().all(address.as_str()).build(),
    }
}

/// Host and port to connect to, and the proxy's authorization if it is one.
pub(super) struct Hop {
    pub host: String,
    pub port: u16,
    pub tunnel: Option<Tunnel>,
}

/// What to ask a proxy for.
pub(super) struct Tunnel {
    target: String,
    authorization: Option<String>,
}

/// The first hop on the way to `uri` (`http` or `https`).
pub(super) fn first_hop(matcher: &Matcher, uri: &Uri) -> Result<Hop, String> {
    let (host, port) = host_and_port(uri)?;
    let Some(proxy) = matcher.intercept(uri) else {
        return Ok(Hop {
            host: bare(&host),
            port,
            tunnel: None,
        });
    };
    if proxy.uri().scheme_str() != Some("http") {
        return Err(
            "a WebSocket can only go through a proxy that is itself reached by http://".into(),
        );
    }
    let tunnel = Tunnel {
        target: format!("{host}:{port}"),
        authorization: authorization(&proxy),
    };
    let (host, port) = host_and_port(proxy.uri())?;
    Ok(Hop {
        host: bare(&host),
        port,
        tunnel: Some(tunnel),
    })
}

fn host_and_port(uri: &Uri) -> Result<(String, u16), String> {
    let host = uri.host().ok_or("the address has no host")?;
    let port = uri
        .port_u16()
        .unwrap_or(if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        });
    Ok((host.to_owned(), port))
}

/// An IPv6 address without its brackets, as the resolver wants it.
fn bare(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned()
}

fn authorization(proxy: &Intercept) -> Option<String> {
    let raw = || {
        proxy
            .raw_auth()
            .map(|(name, word)| format!("Basic {}", STANDARD.encode(format!("{name}:{word}"))))
    };
    let basic = proxy
        .basic_auth()
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    basic.or_else(raw)
}

impl Tunnel {
    /// Asks the proxy at the other end of `stream` to pass everything on from here.
    pub(super) async fn dig<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
    ) -> Result<(), String> {
        let target = &self.target;
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(value) = &self.authorization {
            request.push_str(&format!("Proxy-Authorization: {value}\r\n"));
        }
        request.push_str("\r\n");
        let fail = |error: std::io::Error| format!("the proxy broke the connection: {error}");
        stream.write_all(request.as_bytes()).await.map_err(fail)?;
        // Nothing follows the proxy's answer until we speak, so reading it can't take too much.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() > MAX_ANSWER || stream.read_buf(&mut answer).await.map_err(fail)? == 0 {
                return Err("the proxy's answer has no end".into());
            }
        }
        let status =
            String::from_utf8_lossy(answer.split(|b| *b == b'\r').next().unwrap_or_default())
                .into_owned();
        match status.split(' ').nth(1) {
            Some(code) if code.len() == 3 && code.starts_with('2') => Ok(()),
            _ => Err(format!("the proxy answered {status:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(proxy: Proxy, uri: &'static str) -> Result<Hop, String> {
        first_hop(&matcher(&proxy), &Uri::from_static(uri))
    }

    #[test]
    fn without_a_proxy_the_first_hop_is_the_server() {
        let table = [
            ("https://chat.example/x", "chat.example", 443),
            ("http://chat.example/x", "chat.example", 80),
            ("http://localhost:8065/", "localhost", 8065),
            ("https://[::1]:8443/", "::1", 8443),
        ];
        for (uri, host, port) in table {
            let hop = hop(Proxy::Direct, uri).unwrap();
            assert_eq!(
                (hop.host.as_str(), hop.port, hop.tunnel.is_none()),
                (host, port, true),
                "{uri}"
            );
        }
    }

    #[test]
    fn with_a_proxy_the_tunnel_names_the_server_and_the_authorization() {
        let proxy = Proxy::Fixed("http://ann:pass@proxy.example:3128".into());
        let hop = hop(proxy, "https://[2001:db8::1]/x").unwrap();
        assert_eq!((hop.host.as_str(), hop.port), ("proxy.example", 3128));
        let tunnel = hop.tunnel.unwrap();
        assert_eq!(tunnel.target, "[2001:db8::1]:443");
        assert_eq!(tunnel.authorization.as_deref(), Some("Basic YW5uOnBhc3M="));
    }

    #[test]
    fn a_proxy_behind_tls_or_socks_is_refused_by_name() {
        for proxy in ["https://proxy.example:3129", "socks5://proxy.example:1080"] {
            assert!(
                hop(Proxy::Fixed(proxy.into()), "https://chat.example/")
                    .is_err_and(|e| e.contains("http://"))
            );
        }
    }

    async fn dig(answer: &'static [u8]) -> Result<(), String> {
        let (mut near, mut far) = tokio::io::duplex(1 << 16);
        far.write_all(answer).await.unwrap();
        far.shutdown().await.unwrap();
        Tunnel {
            target: "chat.example:443".into(),
            authorization: None,
        }
        .dig(&mut near)
        .await
    }

    #[tokio::test]
    async fn only_a_status_of_success_opens_the_tunnel() {
        assert_eq!(
            dig(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").await,
            Ok(())
        );
        let refused = dig(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
        assert!(refused.is_err_and(|e| e.contains("407")));
        for answer in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\n",
            b"nonsense\r\n\r\n",
            b"HTTP/1.1 2xx\r\n\r\n2",
        ] {
            assert!(dig(answer).await.is_err(), "{answer:?}");
        }
    }
}
