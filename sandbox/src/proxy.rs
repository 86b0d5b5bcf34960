//! What proxies say while their back end is away.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// A page as one of the usual proxies makes it: text as Go's and Traefik's, HTML as nginx's, JSON as
/// Kong's, a login for 200, nothing for 204, and with the headers that belong to the status.
pub(super) fn page_of_a_proxy(status: u16) -> Response<Bytes> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let (kind, body) = match status.as_u16() {
        200 => (HTML, "<!DOCTYPE html>\n<title>Sign in</title>\n".to_owned()),
        101 | 204 | 304 => ("", String::new()),
        404 => (TEXT, "404 page not found\n".to_owned()),
        410 => (JSON, "{\"error\":\"gone\"}".to_owned()),
        501 => (
            JSON,
            "{\"message\":\"no such upstream\",\"id\":\"5f1c07\"}".to_owned(),
        ),
        503 => (TEXT, "no available server\n".to_owned()),
        _ => (HTML, as_nginx(status)),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    add_headers(status, kind, response.headers_mut());
    response
}

fn as_nginx(status: StatusCode) -> String {
    let name = status.canonical_reason().unwrap_or("Error");
    let title = format!("{} {name}", status.as_u16());
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn add_headers(status: StatusCode, kind: &'static str, headers: &mut HeaderMap) {
    if !kind.is_empty() {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    if status.is_redirection() {
        let login = "https://login.example/?back=chat";
        headers.insert("location", HeaderValue::from_static(login));
    }
    if status == StatusCode::UNAUTHORIZED {
        let asked = HeaderValue::from_static("Basic realm=\"proxy\"");
        headers.insert("www-authenticate", asked);
    }
}
