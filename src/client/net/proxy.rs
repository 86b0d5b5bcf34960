//! Which proxy a WebSocket goes through, by the rules that reqwest has for requests.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use super::Proxy;
use crate::client::wire::WireError;

/// What a failure by way of a proxy begins with: the log cuts long ones.
const BY_WAY_OF: &str = "by way of ";

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
