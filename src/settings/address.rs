//! Addresses, checked: where Mattermost is and where it finds us.

use std::net::IpAddr;

use url::{Host, Url};

use super::reader::{Reader, Setting};

/// The ends of our doors' addresses, which are no part of `INTEGRATION_URL`.
const DOORS: [&str; 4] = ["slash", "actions", "dialogs", "outgoing"];

/// Reads an address of a server; its path ends in `/`, so that `join` keeps a sub-path.
pub(super) fn base(reader: &mut Reader, key: &str, example: &str) -> Option<(Url, String)> {
    let Setting { text, place } = reader.text(key)?;
    match parse_base(&text) {
        Ok(url) => Some((url, place)),
        Err(wrong) => {
            reader.problem(format!("{place}: {wrong}; write one such as {example}."));
            None
        }
    }
}

/// The texts in the errors never quote the address: it might hold a password.
fn parse_base(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text).map_err(|_| "this is no address (a URL)")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the address must begin with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address must not hold a user name or a password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("the address must not have a ? or # part");
    }
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    // URLs may have characters in them that HTTP's own addresses may not: http://a{b
    if url.as_str().parse::<http::Uri>().is_err() {
        return Err("the address has characters that no host's name has");
    }
    Ok(url)
}

/// What is wrong with this Mattermost address, in words that follow "PLACE: ".
pub(super) fn wrong_with_mattermost(url: &Url) -> Option<String> {
    let api = url.path().split('/').any(|part| part == "api");
    api.then(|| {
        "leave off everything from /api on: the address is the one that people open in a browser."
            .to_owned()
    })
}

/// Why Mattermost could never call this address, in words that follow "PLACE: ".
pub(super) fn wrong_with_integration(url: &Url, mattermost: Option<&Url>) -> Option<String> {
    let last = url
        .path()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if DOORS.contains(&last) {
        return Some(format!(
            "leave off /{last} at the end: the program adds the doors' names itself."
        ));
    }
    if is_unspecified(url) {
        return Some("0.0.0.0 and [::] are for listening only; write the name or address at which Mattermost reaches this machine.".to_owned());
    }
    let mattermost = mattermost?;
    if url == mattermost {
        return Some("this is the address of Mattermost itself; write the one at which Mattermost reaches this program (its hooks.listen).".to_owned());
    }
    (is_loopback(url) && !is_loopback(mattermost)).then(|| {
        format!(
            "this address means \"the same machine\", but Mattermost runs elsewhere ({}); write the name or address at which it reaches this machine.",
            mattermost.host_str().unwrap_or_default()
        )
    })
}

/// Whether the host is the machine itself.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
        None => false,
    }
}

fn is_unspecified(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_unspecified(),
        _ => false,
    }
}

/// Whether what goes to this address in clear text may cross the public internet.
pub(super) fn leaks(url: &Url) -> bool {
    let private = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    let at_home = match url.host() {
        Some(Host::Domain(name)) => !name.contains('.') || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => private(ip.into()),
        Some(Host::Ipv6(ip)) => private(ip.to_canonical()),
        None => false,
    };
    url.scheme() == "http" && !at_home
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        parse_base(text).unwrap()
    }

    #[test]
    fn a_sub_path_survives_a_join() {
        for text in ["https://example.org/chat", "https://example.org/chat/"] {
            assert_eq!(
                url(text).join("api/v4").unwrap().as_str(),
                "https://example.org/chat/api/v4"
            );
        }
    }

    #[test]
    fn an_address_that_cannot_work_is_refused() {
        for text in [
            "chat.example.org",
            "ftp://example.org",
            "ws://example.org",
            "http://",
            "https://ann:secret@example.org",
            "https://example.org?a=b",
            "https://example.org#top",
            "localhost:8000",
            "http://a`b.example",
            "http://a{b",
        ] {
            assert!(parse_base(text).is_err(), "{text} was taken");
        }
    }

    #[test]
    fn an_integration_address_is_checked_from_mattermosts_side() {
        let far = url("https://chat.example.org");
        let near = url("http://localhost:8065");
        for (text, mattermost, right) in [
            ("http://127.0.0.1:8000", &far, false),
            ("http://[::1]:8000", &far, false),
            ("http://localhost:8000", &far, false),
            ("http://127.0.0.1:8000", &near, true),
            ("http://0.0.0.0:8000", &near, false),
            ("https://bots.example.org/slash", &far, false),
            ("https://bots.example.org/a/dialogs/", &far, false),
            ("https://bots.example.org/a", &far, true),
            ("https://chat.example.org/", &far, false),
        ] {
            let wrong = wrong_with_integration(&url(text), Some(mattermost));
            assert_eq!(wrong.is_none(), right, "{text}: {wrong:?}");
        }
    }

    #[test]
    fn clear_text_is_fine_at_home_only() {
        for (text, leaking) in [
            ("http://chat.example.org", true),
            ("http://8.8.8.8", true),
            ("https://chat.example.org", false),
            ("http://mattermost:8065", false),
            ("http://192.168.1.5:8065", false),
            ("http://[::1]:8065", false),
        ] {
            assert_eq!(leaks(&url(text)), leaking, "{text}");
        }
    }
}
