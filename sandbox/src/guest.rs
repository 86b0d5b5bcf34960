//! Who may call a sandbox. Its passwords are known to everybody, and browsers send requests for any
//! page that they show: so only its own names are answered, and no other site's page.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Uri};

/// The names under which a sandbox is called.
#[derive(Debug, Clone)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// Those of this machine with its port, and `more`, with a port or without.
    pub fn new(port: u16, more: &[String]) -> Self {
        let own = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"));
        let more = more.iter().map(|name| name.trim().to_lowercase());
        Self(own.into_iter().chain(more).collect())
    }

    /// Why a request with these headers isn't answered; `None` where it is.
    pub fn refusal(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        if headers.get_all(HOST).iter().count() > 1 || headers.get_all(ORIGIN).iter().count() > 1 {
            return Some("It has two names or origins.".to_owned());
        }
        // Where the request line has a whole address, that is the name.
        let host = uri.authority().map(|name| name.as_str()).or(text(HOST));
        if !host.is_some_and(|host| self.has(host)) {
            return Some(format!(
                "This sandbox answers as {} only; start it with --host NAME for another name.",
                self.0.join(", ")
            ));
        }
        let origin = text(ORIGIN)?;
        let site = origin.split_once("://").map(|(_, site)| site);
        let own = site.is_some_and(|site| self.has(site));
        (!own).then(|| "This sandbox answers no page of another site.".to_owned())
    }

    fn has(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let bare = name.rsplit_once(':').map_or(&*name, |(bare, port)| {
            match port.bytes().all(|b| b.is_ascii_digit()) {
                true => bare,
                false => &name,
            }
        });
        self.0.iter().any(|known| *known == name || known == bare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn answers(names: &Names, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        names
            .refusal(&Uri::from_static("/api/v4/users/login"), &headers)
            .is_none()
    }

    #[test]
    fn only_its_own_names_are_answered() {
        let names = Names::new(8065, &["chat.test".to_owned(), "other.test:81".to_owned()]);
        for (host, right) in [
            ("127.0.0.1:8065", true),
            ("localhost:8065", true),
            ("LOCALHOST:8065", true),
            ("[::1]:8065", true),
            ("chat.test", true),
            ("chat.test:8065", true),
            ("other.test:81", true),
            ("other.test:82", false),
            ("127.0.0.1:80650", false),
            ("127.0.0.1:1", false),
            ("evil.test", false),
            ("evil.test:8065", false),
            ("localhost.evil.test:8065", false),
            ("127.0.0.1.evil.test:8065", false),
            ("127.0.0.1:8065.evil.test", false),
            ("user@127.0.0.1:8065", false),
            ("", false),
        ] {
            assert_eq!(answers(&names, host, None), right, "{host}");
        }
        assert!(
            names
                .refusal(&Uri::from_static("/"), &HeaderMap::new())
                .is_some()
        );
        let whole = Uri::from_static("http://evil.test/");
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8065"));
        assert!(names.refusal(&whole, &headers).is_some());
    }

    #[test]
    fn no_page_of_another_site_is_answered() {
        let names = Names::new(8065, &[]);
        for (origin, right) in [
            (None, true),
            (Some("http://127.0.0.1:8065"), true),
            (Some("http://localhost:8065"), true),
            (Some("http://localhost:3000"), false),
            (Some("https://evil.test"), false),
            (Some("null"), false),
            (Some(""), false),
            (Some("http://127.0.0.1:8065.evil.test"), false),
            (Some("file://"), false),
        ] {
            assert_eq!(
                answers(&names, "127.0.0.1:8065", origin),
                right,
                "{origin:?}"
            );
        }
    }
}
