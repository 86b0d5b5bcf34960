//! Which proxy a WebSocket goes through, by the rules that reqwest has for requests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Proxy;
use crate::client::wire::WireError;

/// What a failure by way of a proxy begins with: the log cuts long ones.
const BY_WAY_OF: &str = "by way of ";
/// The longest answer of a proxy to CONNECT, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// Which proxies there are, and who says so.
#[derive(Debug)]
pub(super) struct Proxies {
    pub matcher: Matcher,
    from_system: bool,
}

impl Proxies {
    pub(super) fn new(proxy: &Proxy) -> Self {
        if *proxy == Proxy::System {
            for warning in ignored(variable) {
                tracing::warn!("{warning}");
            }
        }
        let matcher = match proxy {
            Proxy::System => Matcher::from_system(),
            #[cfg(test)]
            Proxy::Direct => Matcher::builder().build(),
            #[cfg(test)]
            Proxy::Fixed(address) => Matcher::builder().all(address.as_str()).build(),
        };
        Self {
            matcher,
            from_system: *proxy == Proxy::System,
        }
    }

    /// The same failure on the way to `uri`, with the proxy that may be its cause. Nobody who reads "connection
    /// refused" thinks of one.
    pub(super) fn blame(&self, error: WireError, uri: &Uri) -> WireError {
        let said = |text| match self.on_the_way(uri, variable) {
            Some(proxy) => format!("{BY_WAY_OF}{proxy}: {text}"),
            None => text,
        };
        match error {
            WireError::NotSent(text) => WireError::NotSent(said(text)),
            WireError::Ambiguous(text) => WireError::Ambiguous(said(text)),
            refused @ WireError::Refused { .. } => refused,
        }
    }

    /// The proxy's address, without name and password, and the variable that has it.
    fn on_the_way(&self, uri: &Uri, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
        let proxy = self.matcher.intercept(uri)?;
        let (scheme, host) = (proxy.uri().scheme_str()?, proxy.uri().host()?);
        let port = proxy.uri().port().map(|port| format!(":{port}"));
        let address = format!("{scheme}://{host}{}", port.unwrap_or_default());
        let own = match uri.scheme_str() {
            Some("https") => ["HTTPS_PROXY", "https_proxy"],
            _ => ["HTTP_PROXY", "http_proxy"],
        };
        // As the matcher looks for them: of two spellings the first that is there counts.
        let mut names = [own, ["ALL_PROXY", "all_proxy"]]
            .into_iter()
            .filter_map(|pair| {
                let name = pair.into_iter().find(|name| variable(name).is_some())?;
                variable(name)?.contains(host).then_some(name)
            });
        Some(match (self.from_system, names.next()) {
            (true, Some(name)) => format!("the proxy {address}, which {name} names"),
            (true, None) => format!("the system's proxy {address}"),
            (false, _) => format!("the proxy {address}"),
        })
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A sentence for each variable whose value the matcher takes for none, without a word. The value may hold a
/// password.
fn ignored(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let pairs = [
        ["HTTPS_PROXY", "https_proxy"],
        ["HTTP_PROXY", "http_proxy"],
        ["ALL_PROXY", "all_proxy"],
    ];
    let set = pairs.into_iter().filter_map(|pair| {
        let mut set = pair.into_iter().map(|name| (name, variable(name)));
        set.find_map(|(name, value)| Some((name, value?)))
    });
    let anywhere = Uri::from_static("http://any.example");
    let is_none = |value: &str| {
        let matcher = Matcher::builder().all(value).build();
        !value.is_empty() && matcher.intercept(&anywhere).is_none()
    };
    set.filter(|(_, value)| is_none(value))
        .map(|(name, _)| {
            format!("{name} is set, but it is no proxy's address and counts for nothing: write http://HOST:PORT, or leave it out")
        })
        .collect()
}

/// The proxy that a failure names, as "the proxy ADDRESS, which VARIABLE names".
pub fn proxy_of(failure: &str) -> Option<&str> {
    let (_, told) = failure.split_once(BY_WAY_OF)?;
    told.split_once(": ").map(|(proxy, _)| proxy)
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
        first_hop(&Proxies::new(&proxy).matcher, &Uri::from_static(uri))
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

    #[test]
    fn the_variable_that_names_a_proxy_is_told_and_no_password() {
        let named = |variables: &'static [(&str, &str)], uri| {
            let proxies = Proxies {
                matcher: Matcher::builder()
                    .all("http://ann:canary@127.0.0.1:3128/path")
                    .no("chat.inside")
                    .build(),
                from_system: true,
            };
            let variable = |name: &str| {
                let mut found = variables.iter().filter(|(known, _)| *known == name);
                found.next().map(|(_, value)| (*value).to_owned())
            };
            proxies.on_the_way(&Uri::from_static(uri), variable)
        };
        const ADDRESS: &str = "http://ann:canary@127.0.0.1:3128/path";
        let all = &[
            ("HTTP_PROXY", ADDRESS),
            ("https_proxy", "127.0.0.1:3128"),
            ("ALL_PROXY", ADDRESS),
        ];
        for (variables, uri, name) in [
            (&all[..], "http://chat/", "HTTP_PROXY"),
            (&all[..], "https://chat/", "https_proxy"),
            (&all[2..], "https://chat/", "ALL_PROXY"),
            (
                &[("HTTPS_PROXY", ""), ("all_proxy", ADDRESS)],
                "https://chat/",
                "all_proxy",
            ),
        ] {
            let told = format!("the proxy http://127.0.0.1:3128, which {name} names");
            assert_eq!(named(variables, uri), Some(told));
        }
        let system = named(&[], "http://chat/").unwrap();
        assert_eq!(system, "the system's proxy http://127.0.0.1:3128");
        assert_eq!(named(all, "http://chat.inside/"), None);
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_told_without_what_it_says() {
        let told = |name: &'static str, value: &'static str| {
            ignored(|asked| (asked == name).then(|| value.to_owned()))
        };
        for (name, value) in [
            ("HTTP_PROXY", "canary:::"),
            ("HTTPS_PROXY", "ht!tp://canary"),
            ("https_proxy", "ftp://canary:3128"),
            ("ALL_PROXY", "http://"),
        ] {
            let told = told(name, value).concat();
            assert!(
                told.starts_with(&format!("{name} is set, but")),
                "{value}: {told}"
            );
            assert!(!told.contains("canary"), "{told}");
        }
        for value in [
            "",
            "proxy:3128",
            "http://ann:pass@proxy",
            "socks5://127.0.0.1:1080",
        ] {
            assert_eq!(told("HTTPS_PROXY", value), [""; 0], "{value}");
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
