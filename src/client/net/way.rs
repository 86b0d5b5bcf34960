//! The way to a server: straight, or through a proxy.

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::socks::{Socks, SocksVersion};
use super::tcp::QuickAck;
use super::tunnel::Tunnel;

/// Where to connect to, and what to ask for there.
pub(super) struct Way {
    host: String,
    port: u16,
    through: Through,
}

enum Through {
    Nothing,
    Tunnel(Tunnel),
    Socks(Socks),
}

impl Way {
    /// The way to `uri` (`http` or `https`).
    pub fn to(uri: &Uri, matcher: &Matcher) -> Result<Self, String> {
        let (host, port) = host_and_port(uri, default_port(uri))?;
        let Some(proxy) = matcher.intercept(uri) else {
            return Ok(Self {
                host: bare(&host),
                port,
                through: Through::Nothing,
            });
        };
        let scheme = proxy.uri().scheme_str().unwrap_or_default();
        let target = format!("{host}:{port}");
        let (through, usual) = match (scheme, SocksVersion::of(scheme)) {
            ("http", _) => {
                let authorization = authorization(&proxy);
                let tunnel = Tunnel {
                    target,
                    authorization,
                };
                (Through::Tunnel(tunnel), 80)
            }
            (_, Some(version)) => {
                let login = proxy.raw_auth();
                let login = login.map(|(name, word)| (name.to_owned(), word.to_owned()));
                let socks = Socks {
                    version,
                    target,
                    login,
                };
                (Through::Socks(socks), 1080)
            }
            _ => return Err("a WebSocket can only go through a proxy that is itself reached by http:// or socks5://".into()),
        };
        let (host, port) = host_and_port(proxy.uri(), usual)?;
        Ok(Self {
            host: bare(&host),
            port,
            through,
        })
    }

    /// A connection to the server, behind which TLS may begin.
    pub async fn connect(self) -> Result<QuickAck, String> {
        let stream = QuickAck::connect(&self.host, self.port).await;
        let mut stream =
            stream.map_err(|error| format!("no connection to {}: {error}", self.host))?;
        match self.through {
            Through::Nothing => Ok(stream),
            Through::Tunnel(tunnel) => {
                tunnel.dig(&mut stream).await?;
                Ok(stream)
            }
            Through::Socks(socks) => socks.dig(stream).await,
        }
    }
}

fn default_port(uri: &Uri) -> u16 {
    match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    }
}

fn host_and_port(uri: &Uri, usual: u16) -> Result<(String, u16), String> {
    let host = uri.host().ok_or("the address has no host")?;
    Ok((host.to_owned(), uri.port_u16().unwrap_or(usual)))
}

/// An IPv6 address without its brackets, as the resolver wants it.
fn bare(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned()
}

/// An HTTP proxy's; a SOCKS proxy has a login of its own.
fn authorization(proxy: &Intercept) -> Option<String> {
    let value = proxy.basic_auth()?.to_str().ok()?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::net::Proxy;
    use crate::client::net::proxy::Proxies;

    fn way(proxy: Proxy, uri: &'static str) -> Result<Way, String> {
        Way::to(&Uri::from_static(uri), &Proxies::new(&proxy).matcher)
    }

    #[test]
    fn without_a_proxy_the_way_is_straight() {
        let table = [
            ("https://chat.example/x", "chat.example", 443),
            ("http://chat.example/x", "chat.example", 80),
            ("http://localhost:8065/", "localhost", 8065),
            ("https://[::1]:8443/", "::1", 8443),
        ];
        for (uri, host, port) in table {
            let way = way(Proxy::Direct, uri).unwrap();
            assert_eq!((way.host.as_str(), way.port), (host, port), "{uri}");
            assert!(matches!(way.through, Through::Nothing), "{uri}");
        }
    }

    #[test]
    fn a_tunnel_names_the_server_and_the_authorization() {
        let proxy = Proxy::Fixed("http://ann:pass@proxy.example:3128".into());
        let way = way(proxy, "https://[2001:db8::1]/x").unwrap();
        assert_eq!((way.host.as_str(), way.port), ("proxy.example", 3128));
        let Through::Tunnel(tunnel) = way.through else {
            panic!("no tunnel");
        };
        assert_eq!(tunnel.target, "[2001:db8::1]:443");
        assert_eq!(tunnel.authorization.as_deref(), Some("Basic YW5uOnBhc3M="));
    }

    #[test]
    fn a_socks_proxy_looks_names_up_where_its_scheme_says_so() {
        for (scheme, version) in [
            ("socks4", SocksVersion::V4),
            ("socks4a", SocksVersion::V4a),
            ("socks5", SocksVersion::V5),
            ("socks5h", SocksVersion::V5h),
        ] {
            let proxy = Proxy::Fixed(format!("{scheme}://ann:pa%3Ass@proxy.example"));
            let way = way(proxy, "https://chat.example/").unwrap();
            assert_eq!((way.host.as_str(), way.port), ("proxy.example", 1080));
            let Through::Socks(socks) = way.through else {
                panic!("no SOCKS");
            };
            assert_eq!(
                (socks.version, &*socks.target),
                (version, "chat.example:443")
            );
            assert_eq!(socks.login, Some(("ann".into(), "pa:ss".into())));
        }
    }

    #[test]
    fn a_proxy_behind_tls_is_refused_by_name() {
        let proxy = Proxy::Fixed("https://proxy.example:3129".into());
        let refused = way(proxy, "https://chat.example/").err().unwrap();
        assert!(refused.contains("http://"), "{refused}");
    }
}
