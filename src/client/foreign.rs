//! Answers that aren't Mattermost's own: a proxy's page, a login, another server.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::header::LOCATION;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::value::RawValue;
use url::Url;

use crate::model::error::AppError;

/// How much of a foreign answer is told, in characters.
const MAX_LINE: usize = 200;
/// How much of it is looked at, in bytes.
const MAX_LOOK: usize = 4 * 1024;

/// Mattermost's own words, if this answer has any: its errors are JSON with an `id`
/// (`model.AppError`), in which the status stands again. What others answer may be JSON, too, and even
/// have an id; then it hasn't that status, and its id isn't dotted as Mattermost's are. (A plugin that
/// rejects a post makes a whole sentence of the id.)
pub(super) fn own_error(status: StatusCode, body: &[u8]) -> Option<AppError> {
    let error: AppError = serde_json::from_slice(body).ok()?;
    let own = match error.status_code {
        0 => is_dotted(&error.id),
        repeated => repeated == status.as_u16(),
    };
    let fails = status.is_client_error() || status.is_server_error();
    (own && fails && !error.id.trim().is_empty()).then_some(error)
}

/// Whether a 429 is of Mattermost's own limiter, which says how much there is; others' may have limits of hours.
pub(super) fn is_own_limit(headers: &HeaderMap, body: &[u8]) -> bool {
    headers.contains_key("x-ratelimit-limit") || body.trim_ascii() == b"limit exceeded"
}

/// The keys of an object, unread: a post in it may be nested deeper than values can be.
type ObjectKeys<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Larger bodies aren't looked into: others say less.
const MAX_SMALL: usize = 4 * 1024;
/// One of these has whatever we ask Mattermost for.
const OWN_KEYS: [&str; 5] = ["id", "order", "user_id", "channel_id", "Version"];

/// Whether a body that came with a status of success can be Mattermost's: a login page has 200, too.
/// Its own are lists, objects that we know, and `ok` of webhooks. One that is cut is nobody else's.
pub(super) fn is_own_success(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    match body.first() {
        Some(b'{') if body.len() <= MAX_SMALL => serde_json::from_slice::<ObjectKeys<'_>>(body)
            .map_or_else(
                |cut| cut.is_eof(),
                |parts| {
                    let is_known = OWN_KEYS.iter().any(|key| parts.contains_key(*key));
                    is_known || parts.get("status").is_some_and(|it| it.get() == r#""OK""#)
                },
            ),
        Some(b'{' | b'[') => true,
        _ => body == b"ok",
    }
}

/// `api.context.permissions.app_error`
fn is_dotted(id: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    id.contains('.') && id.split('.').all(word)
}

/// What an answer to a call of `uri` says that isn't Mattermost's own: a line, without what nobody may read.
pub(super) fn line(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    let mut line = first_line(body);
    if let Some(to) = headers.get(LOCATION).and_then(|to| to.to_str().ok()) {
        line = format!("{line} → {}", without_query(to));
    }
    // A page may quote the address, which can be a secret: "Cannot POST /hooks/…".
    if let Some(secret) = secret_part(uri) {
        line = line.replace(secret, "…");
    }
    cut(line.trim())
}

/// The address as it may be told: no query, and of a hook's path, which is a secret, nothing.
pub(super) fn address(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let host = host.rsplit('@').next().unwrap_or(host);
    let path = match secret_part(uri) {
        Some(_) => "/…",
        None => uri.path(),
    };
    format!("{scheme}://{host}{path}")
}

/// What nobody may read of an address: everything that isn't the API's can be a hook.
fn secret_part(uri: &Uri) -> Option<&str> {
    let path = uri.path();
    let last = path.rsplit('/').find(|part| !part.is_empty());
    last.filter(|_| !path.contains("/api/v4/"))
}

fn without_query(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => format!("{}{}", url.origin().ascii_serialization(), url.path()),
        Err(_) => address
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// The first line that says something, and a page's title, which says more than `<html>`.
fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_LOOK)]);
    let mut lines = text.lines().map(plain).filter(|line| !line.is_empty());
    let line = cut(&lines.next().unwrap_or_default());
    match title(&text).filter(|title| !line.contains(title.as_str())) {
        Some(title) => format!("{line} … {}", cut(&title)),
        None => line,
    }
}

fn title(text: &str) -> Option<String> {
    // Other letters than these keep their places.
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(plain(&text[start..end])).filter(|title| !title.is_empty())
}

/// Without what a terminal or a log could take for something else than letters.
fn plain(text: &str) -> String {
    let shown = |c: &char| !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let letters = text.chars().filter(shown);
    let letters: String = letters
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(MAX_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn own(status: u16, body: &str) -> bool {
        own_error(StatusCode::from_u16(status).unwrap(), body.as_bytes()).is_some()
    }

    #[test]
    fn only_json_with_an_error_id_is_mattermosts_own_word() {
        let own_words = [
            (
                404,
                r#"{"id":"app.post.get.app_error","message":"No.","status_code":404}"#,
            ),
            (403, r#"{"id":"api.context.permissions.app_error"}"#),
            (
                400,
                r#"{"id":"Post rejected by plugin. No.","message":"","status_code":400}"#,
            ),
            (
                501,
                r#"{"id":"api.command.disabled.app_error","message":"Off.","status_code":501}"#,
            ),
        ];
        for (status, body) in own_words {
            assert!(own(status, body), "{status} {body}");
        }
        let foreign = [
            (404, "404 page not found\n"),
            (404, ""),
            (404, "<html><title>404</title></html>"),
            (404, r#"{"error":"not found"}"#),
            (404, r#"{"message":"no Route matched with those values"}"#),
            (404, r#"{"id":"","message":"Not found","status_code":404}"#),
            (404, r#"{"id":" ","message":"Not found","status_code":404}"#),
            (404, r#"{"id":null,"message":"Not found"}"#),
            (404, r#"{"id":404,"message":"Not found"}"#),
            (404, r#"{"id":"3c2a9f81","message":"Not found"}"#),
            (
                404,
                r#"{"id":"3c2a9f81-02aa-4f5e-8d9e-0b6c1b1a7a11","error":"Not found"}"#,
            ),
            (
                404,
                r#"{"id":"app.post.get.app_error","message":"No.","status_code":500}"#,
            ),
            (404, r#"["app.post.get.app_error"]"#),
            (404, r#""app.post.get.app_error""#),
            (404, "null"),
            (404, "{}"),
            (404, r#"{"id":"app.post.get.app_error","message":"#),
            (
                500,
                r#"{"id":"","message":"Internal Server Error","status_code":500}"#,
            ),
            (
                302,
                r#"{"id":"app.post.get.app_error","message":"No.","status_code":302}"#,
            ),
            (
                200,
                r#"{"id":"app.post.get.app_error","message":"No.","status_code":200}"#,
            ),
        ];
        for (status, body) in foreign {
            assert!(!own(status, body), "{status} {body}");
        }
    }

    #[test]
    fn a_success_of_somebody_else_is_none() {
        let own = [
            "ok",
            "ok\n",
            r#"{"status":"OK"}"#,
            "[]",
            r#"[{"id":"#,
            r#"{"id":"8opm9qx9btdnujnr5xdc9hguya"}"#,
            r#"{"order":[],"posts":{}}"#,
            r#"{"Version":"11.6.0"}"#,
            r#"{"username":"ann","id":"8opm"#,
        ];
        let deep = "[".repeat(200) + &"]".repeat(200);
        let nested = format!(r#"{{"order":["a"],"posts":{{"a":{{"props":{{"x":{deep}}}}}}}}}"#);
        for body in own.into_iter().chain([&*nested]) {
            assert!(is_own_success(body.as_bytes()), "{body}");
        }
        let foreign = [
            "",
            " \n",
            "OK",
            "okay",
            "<!DOCTYPE html><title>Sign in</title>",
            r#"{"status":"maintenance"}"#,
            r#"{"error":"please log in"}"#,
            "{}",
            "null",
            "true",
            "{nonsense}",
        ];
        for body in foreign {
            assert!(!is_own_success(body.as_bytes()), "{body}");
        }
    }

    fn told(uri: &str, headers: &HeaderMap, body: &[u8]) -> (String, String) {
        let uri = uri.parse().unwrap();
        (address(&uri), super::line(&uri, headers, body))
    }

    fn line(body: &[u8]) -> String {
        let uri = "http://chat.example/api/v4/posts";
        told(uri, &HeaderMap::new(), body).1
    }

    #[test]
    fn the_first_line_that_says_something_is_told_cut_and_plain() {
        let table: [(&[u8], &str); 9] = [
            (b"404 page not found\n", "404 page not found"),
            (b"\r\n\r\n  no  \tbackend \r\nmore", "no backend"),
            (b"", ""),
            (
                b"\xff\xfe\x00bin\x1b[31mred\x07",
                "\u{fffd}\u{fffd} bin [31mred",
            ),
            ("\u{feff}\u{202e}evil".as_bytes(), "evil"),
            (
                b"<html>\r\n<head><TITLE>502 Bad\nGateway</TITLE></head>",
                "<html> … 502 Bad Gateway",
            ),
            (b"<title>404</title> gone", "<title>404</title> gone"),
            (b"<html><title>", "<html><title>"),
            (br#"{"error":"x"}"#, r#"{"error":"x"}"#),
        ];
        for (body, expected) in table {
            assert_eq!(line(body), expected);
        }
        let long = line("ä".repeat(5_000).as_bytes());
        assert_eq!(
            (long.chars().count(), long.ends_with('…')),
            (MAX_LINE + 1, true)
        );
    }

    #[test]
    fn a_redirect_says_where_it_leads_and_no_query() {
        let to = "https://sso.example/login?state=secret";
        let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(to))]);
        let (_, line) = told("http://chat.example/api/v4/posts", &headers, b"Found\n");
        assert_eq!(line, "Found → https://sso.example/login");
    }

    #[test]
    fn what_is_secret_in_an_address_is_not_told_even_where_the_page_quotes_it() {
        let table = [
            (
                "https://chat.example/team/api/v4/users/me?x=1",
                "https://chat.example/team/api/v4/users/me",
            ),
            (
                "https://chat.example/hooks/commands/s3cret",
                "https://chat.example/…",
            ),
            (
                "https://relay.example:8443/s3cret/",
                "https://relay.example:8443/…",
            ),
            (
                "https://ann:s3cret@relay.example/s3cret",
                "https://relay.example/…",
            ),
        ];
        for (uri, expected) in table {
            let page = b"Cannot POST /hooks/s3cret";
            let (address, line) = told(uri, &HeaderMap::new(), page);
            assert_eq!(address, expected);
            assert_eq!(line.contains("s3cret"), uri.contains("/api/"), "{line}");
        }
    }
}
