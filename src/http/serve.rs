use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::StreamExt;

use super::admin::Admin;
use super::doors::{Doors, too_large};
use crate::time::timeout;

/// How long an idle connection stays: Go's client, which Mattermost uses, keeps its own for 90 s.
const KEEP_ALIVE: Duration = Duration::from_secs(100);
/// How long a request may take to arrive.
const ARRIVES: Duration = Duration::from_secs(10);

/// A listener and its server, not yet awaited.
pub struct Listening {
    /// Where it listens, with the port that it got.
    pub address: SocketAddr,
    /// The server; spawn it.
    pub server: Server,
}

impl Listening {
    /// For stopping it.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }
}

/// Serves on both listeners: hooks for Mattermost, admin with a worker of its own.
pub fn bind(
    hooks: TcpListener,
    doors: Doors,
    admin: TcpListener,
    pages: Admin,
) -> std::io::Result<(Listening, Listening)> {
    let doors = Data::new(doors);
    let hooks = HttpServer::new(move || {
        App::new()
            .app_data(doors.clone())
            .default_service(web::to(through_the_doors))
    })
    .workers(std::thread::available_parallelism().map_or(2, usize::from))
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(ARRIVES)
    .disable_signals()
    .shutdown_timeout(5)
    .listen(hooks)?;
    let pages = Data::new(pages);
    let admin = HttpServer::new(move || {
        App::new()
            .app_data(pages.clone())
            .default_service(web::to(to_admin))
    })
    .workers(1)
    .client_request_timeout(ARRIVES)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(admin)?;
    let (at, admin_at) = (first(&hooks.addrs())?, first(&admin.addrs())?);
    Ok((
        Listening {
            address: at,
            server: hooks.run(),
        },
        Listening {
            address: admin_at,
            server: admin.run(),
        },
    ))
}

fn first(addresses: &[SocketAddr]) -> std::io::Result<SocketAddr> {
    addresses
        .first()
        .copied()
        .ok_or_else(|| std::io::Error::other("bound to no address"))
}

async fn through_the_doors(
    request: HttpRequest,
    payload: Payload,
    doors: Data<Doors>,
) -> HttpResponse {
    let limit = Doors::body_limit(request.path());
    if limit == 0 {
        return HttpResponse::NotFound().finish();
    }
    let body = match timeout(ARRIVES, read(payload, limit)).await {
        Ok(Some(body)) => body,
        Ok(None) => return reply(too_large(request.path())),
        Err(_) => return HttpResponse::RequestTimeout().finish(),
    };
    match convert(&request, body) {
        Some(request) => reply(doors.handle(request).await),
        None => HttpResponse::BadRequest().finish(),
    }
}

/// The body, or `None` where it is longer than `limit`.
async fn read(mut payload: Payload, limit: usize) -> Option<Bytes> {
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        // A body that breaks off is decoded as far as it came, and is then broken.
        let Ok(chunk) = chunk else { break };
        if body.len() + chunk.len() > limit {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body.freeze())
}

async fn to_admin(request: HttpRequest, pages: Data<Admin>) -> HttpResponse {
    match convert(&request, Bytes::new()) {
        Some(request) => reply(pages.handle(request).await),
        None => HttpResponse::BadRequest().finish(),
    }
}

/// actix-web has its own `http` types of an older version.
fn convert(request: &HttpRequest, body: Bytes) -> Option<http::Request<Bytes>> {
    let mut converted = http::Request::builder()
        .method(request.method().as_str())
        .uri(request.uri().to_string());
    for (name, value) in request.headers() {
        converted = converted.header(name.as_str(), value.as_bytes());
    }
    converted.body(body).ok()
}

fn reply(response: http::Response<Bytes>) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(response.status().as_u16());
    let mut reply =
        HttpResponse::build(status.unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in response.headers() {
        if name == http::header::CONNECTION {
            reply.force_close();
        } else {
            reply.insert_header((name.as_str(), value.as_bytes()));
        }
    }
    reply.body(response.into_body())
}
