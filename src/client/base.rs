//! Where Mattermost is, and which addresses are its own.

use std::fmt;

use http::Uri;
use http::uri::InvalidUri;
use url::Url;

/// The address of a Mattermost server: scheme, host, port and perhaps a sub-path.
#[derive(Clone, PartialEq, Eq)]
pub struct Base(Url);

/// An address that can't be a Mattermost server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// Not an absolute address, or one that HTTP has no words for.
    #[error("not an absolute address")]
    Malformed,
    /// Neither http nor https.
    #[error("the address must begin with http:// or https://")]
    Scheme,
    /// A name, password, query or fragment has no place in it.
    #[error("the address must have no user name, password, query or fragment")]
    Extra,
}

impl Base {
    /// Reads `https://chat.example.com` or `https://example.com/chat`; a slash at the end does not
    /// matter.
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        Self::of(Url::parse(text.trim()).map_err(|_| BaseError::Malformed)?)
    }

    /// The same for an address that is already read.
    pub fn of(mut url: Url) -> Result<Self, BaseError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseError::Scheme);
        }
        let named = !url.username().is_empty() || url.password().is_some();
        if named || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseError::Extra);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        // URLs may have characters in them that HTTP's own addresses may not: http://a{b
        match url.as_str().parse::<Uri>() {
            Ok(_) => Ok(Self(url)),
            Err(_) => Err(BaseError::Malformed),
        }
    }

    /// The address of `path`, which begins with a slash and is already percent-encoded, with its
    /// query if it has one.
    ///
    /// # Errors
    /// Where it is not encoded after all.
    pub fn join(&self, path: &str) -> Result<Uri, InvalidUri> {
        let base = self.0.as_str().trim_end_matches('/');
        format!("{base}{path}").parse()
    }

    /// The id of the hook if `text` is one of this server's `response_url`s:
    /// `{base}/hooks/commands/{26 of a-z0-9}`.
    pub fn command_hook(&self, text: &str) -> Option<String> {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let bare = url.query().is_none() && url.fragment().is_none();
        if !plain || !bare || url.origin() != self.0.origin() {
            return None;
        }
        let path = url
            .path()
            .strip_prefix(self.0.path().trim_end_matches('/'))?;
        let id = path.strip_prefix("/hooks/commands/")?;
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        (id.len() == 26 && id.bytes().all(good)).then(|| id.to_owned())
    }

    /// Whether Mattermost is said to run below a path.
    pub fn has_path(&self) -> bool {
        !matches!(self.0.path(), "" | "/")
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Base {
        Base::parse(text).unwrap()
    }

    #[test]
    fn paths_are_joined_below_the_sub_path() {
        let table = [
            (
                "https://chat.example",
                "https://chat.example/api/v4/users/me",
            ),
            (
                "https://chat.example/",
                "https://chat.example/api/v4/users/me",
            ),
            (
                "http://example.com:8065/chat",
                "http://example.com:8065/chat/api/v4/users/me",
            ),
            (
                "http://example.com/chat/room//",
                "http://example.com/chat/room/api/v4/users/me",
            ),
            ("http://[::1]:8065", "http://[::1]:8065/api/v4/users/me"),
        ];
        for (text, expected) in table {
            let joined = base(text).join("/api/v4/users/me").unwrap();
            assert_eq!(joined.to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_servers_address_is_refused() {
        let table = [
            ("chat.example", BaseError::Malformed),
            ("", BaseError::Malformed),
            ("ws://chat.example", BaseError::Scheme),
            ("file:///etc/passwd", BaseError::Scheme),
            ("https://ann:pass@chat.example", BaseError::Extra),
            ("https://chat.example?x=1", BaseError::Extra),
            ("https://chat.example#top", BaseError::Extra),
            ("http://a`b.example", BaseError::Malformed),
            ("http://a{b", BaseError::Malformed),
        ];
        for (text, expected) in table {
            assert_eq!(Base::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn only_a_response_url_of_this_server_is_its_own() {
        const ID: &str = "w351cecz9fynmrfnkd88k4ob4o";
        let plain = base("https://chat.example");
        let below = base("https://chat.example:8443/chat/");
        assert_eq!(
            plain.command_hook(&format!("https://chat.example:443/hooks/commands/{ID}")),
            Some(ID.into())
        );
        assert_eq!(
            below.command_hook(&format!(
                "https://chat.example:8443/chat/hooks/commands/{ID}"
            )),
            Some(ID.into())
        );
        let foreign = [
            format!("http://chat.example/hooks/commands/{ID}"),
            format!("https://chat.example:8443/hooks/commands/{ID}"),
            format!("https://chat.example.evil/hooks/commands/{ID}"),
            format!("https://chat.example@evil/hooks/commands/{ID}"),
            format!("https://evil@chat.example/hooks/commands/{ID}"),
            format!("https://evil#chat.example/hooks/commands/{ID}"),
            format!("http://169.254.169.254/hooks/commands/{ID}"),
            format!("https://chat.example/hooks/commands/../{ID}"),
            format!("https://chat.example/x/../hooks/{ID}"),
            format!("https://chat.example/hooks/commands/{ID}/x"),
            format!("https://chat.example/hooks/commands/{ID}?x=1"),
            format!("https://chat.example/chat/hooks/commands/{ID}"),
            format!("https://chat.example/hooks/commands/{}", ID.to_uppercase()),
            "https://chat.example/hooks/commands/short".into(),
            "https://chat.example/api/v4/posts".into(),
            "/hooks/commands/w351cecz9fynmrfnkd88k4ob4o".into(),
            String::new(),
        ];
        for url in foreign {
            assert_eq!(plain.command_hook(&url), None, "{url}");
        }
        assert_eq!(
            below.command_hook(&format!(
                "https://chat.example:8443/chatter/hooks/commands/{ID}"
            )),
            None
        );
    }
}
