//! actix-http has its own `http` types of an older version.

use actix_http::header::{HeaderName, HeaderValue};
use actix_http::{ConnectionType, HttpMessage, Request, Response, StatusCode};
use bytes::Bytes;

/// The request with this body; `None` where its head can't be one.
pub(super) fn convert(request: &Request, body: Bytes) -> Option<http::Request<Bytes>> {
    let mut converted = http::Request::builder()
        .method(request.method().as_str())
        .uri(request.uri().to_string());
    for (name, value) in request.headers() {
        converted = converted.header(name.as_str(), value.as_bytes());
    }
    converted.body(body).ok()
}

/// The response; the connection `ends` with it, if it doesn't say so itself.
pub(super) fn reply(response: http::Response<Bytes>, ends: bool) -> Response<Bytes> {
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = Response::with_body(status, body);
    if ends || head.headers.contains_key(http::header::CONNECTION) {
        reply.head_mut().set_connection_type(ConnectionType::Close);
    }
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_ref());
        let value = HeaderValue::from_bytes(value.as_bytes());
        // What is a header to one version is one to the other.
        if let (Ok(name), Ok(value)) = (name, value)
            && name != actix_http::header::CONNECTION
        {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}
