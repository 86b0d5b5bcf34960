//! What an address that doesn't work has probably wrong with it.

use crate::client::base::Base;
use crate::client::error::RestError;

/// Words of TLS libraries that meet something else, and of servers that meet something else than TLS.
pub(super) const NO_TLS: [&str; 4] = [
    "InvalidContentType",
    "corrupt message",
    "unexpected message",
    "wrong version number",
];
const TLS_ONLY: [&str; 4] = [
    "HTTP request to an HTTPS server",
    "plain HTTP request was sent to HTTPS port",
    "invalid HTTP version",
    "speaking plain HTTP to an SSL",
];

/// A sentence about `MATTERMOST_URL`, where the error shows what is wrong with it.
pub(super) fn hint(error: &RestError, base: &Base) -> Option<String> {
    let (text, at) = (error.to_string(), base.to_string());
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if at.starts_with("https:") && says(&NO_TLS) {
        return Some(format!(
            "MATTERMOST_URL is {at}, but what answers there speaks no TLS: write http:// if that is right"
        ));
    }
    if at.starts_with("http:") && says(&TLS_ONLY) {
        return Some(format!(
            "MATTERMOST_URL is {at}, but what answers there wants TLS: write https://"
        ));
    }
    match error {
        RestError::Foreign {
            status: status @ (301 | 302 | 307 | 308),
            ..
        } => Some(format!(
            "MATTERMOST_URL is {at}, and what answers there ({status}) sends callers elsewhere: write the address that people's browsers end at, {}",
            match at.starts_with("http:") {
                true => "perhaps the same one with https://",
                false => "without a path",
            }
        )),
        RestError::Foreign { status, .. } => Some(match base.has_path() {
            true => format!(
                "MATTERMOST_URL is {at}, and what answers there ({status}) isn't Mattermost's API: leave the path out, unless Mattermost itself runs below one; a team belongs to no address"
            ),
            false => format!(
                "MATTERMOST_URL is {at}, and what answers there ({status}) isn't Mattermost: a wrong address, or a proxy before it"
            ),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(address: &str) -> String {
        answered(address, 200)
    }

    fn answered(address: &str, status: u16) -> String {
        let page = RestError::Foreign {
            status,
            address: address.to_owned(),
            line: "<!doctype html>".to_owned(),
        };
        hint(&page, &Base::parse(address).unwrap()).unwrap()
    }

    #[test]
    fn what_sends_callers_elsewhere_probably_wants_https() {
        let said = answered("http://chat.example", 301);
        assert!(
            said.ends_with("perhaps the same one with https://"),
            "{said}"
        );
        assert!(answered("https://chat.example", 308).ends_with("without a path"));
    }

    // A running server 11.10 answers an unknown path, /team/api/v4/users/me among them, with 200 and its web page.
    #[test]
    fn a_web_page_at_an_address_with_a_path_is_probably_the_paths_fault() {
        assert!(said("https://chat.example/team").contains("leave the path out"));
        assert!(!said("https://chat.example").contains("path"));
    }
}
