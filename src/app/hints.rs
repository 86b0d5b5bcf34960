//! What an address that doesn't work has probably wrong with it.

use crate::client::base::Base;
use crate::client::error::RestError;
use crate::client::net::proxy_of;

/// Words of TLS libraries that meet something else, and of servers that meet something else than TLS.
const NO_TLS: [&str; 4] = [
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

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Whether an error says that something else than TLS answers.
pub(super) fn is_plain(error: &str) -> bool {
    says(error, &NO_TLS)
}

/// What it means that something else than TLS answers by way of a proxy: nothing about the address behind it.
pub(super) fn plain_by_proxy(proxy: &str) -> String {
    let proxy = match proxy.contains(", which ") {
        true => format!("{proxy},"),
        false => proxy.to_owned(),
    };
    match proxy.contains(" https://") {
        true => format!("{proxy} speaks no TLS: write its address with http://"),
        false => format!(
            "{proxy} hands on something else than TLS: is it the right one? NO_PROXY has what is called without it"
        ),
    }
}

/// A sentence about `MATTERMOST_URL`, or the proxy on the way, where the error shows what is wrong with it.
pub(super) fn hint(error: &RestError, base: &Base) -> Option<String> {
    let (text, at) = (error.to_string(), base.to_string());
    if at.starts_with("https:") && is_plain(&text) {
        return Some(match proxy_of(&text) {
            Some(proxy) => plain_by_proxy(proxy),
            None => format!(
                "MATTERMOST_URL is {at}, but what answers there speaks no TLS: write http:// if that is right"
            ),
        });
    }
    if at.starts_with("http:") && says(&text, &TLS_ONLY) {
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

    #[test]
    fn a_proxy_that_speaks_no_tls_is_no_reason_to_leave_it_out_behind_it() {
        let failed = |way: &str| {
            let why = format!(
                "https://chat.example/api/v4/users/me: {way}received corrupt message of type InvalidContentType"
            );
            hint(
                &RestError::NotSent(why),
                &Base::parse("https://chat.example").unwrap(),
            )
            .unwrap()
        };
        assert!(failed("").contains("MATTERMOST_URL is https://chat.example"));
        assert_eq!(
            failed("by way of the proxy https://127.0.0.1:8165, which HTTPS_PROXY names: "),
            "the proxy https://127.0.0.1:8165, which HTTPS_PROXY names, speaks no TLS: write its address with http://"
        );
        let behind = failed("by way of the proxy http://127.0.0.1:8165, which HTTPS_PROXY names: ");
        assert!(
            behind
                .starts_with("the proxy http://127.0.0.1:8165, which HTTPS_PROXY names, hands on"),
            "{behind}"
        );
        assert!(!behind.contains("write http"), "{behind}");
    }

    // A running server 11.10 answers an unknown path, /team/api/v4/users/me among them, with 200 and its web page.
    #[test]
    fn a_web_page_at_an_address_with_a_path_is_probably_the_paths_fault() {
        assert!(said("https://chat.example/team").contains("leave the path out"));
        assert!(!said("https://chat.example").contains("path"));
    }
}
