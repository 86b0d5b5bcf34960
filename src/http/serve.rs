use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::task::JoinHandle;
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::StreamExt;

use super::admin::Admin;
use super::doors::Doors;
use super::refusals::Refusal;
use crate::time::timeout;

/// How long an idle connection stays: Go's client, which Mattermost uses, keeps its own for 90 s.
const KEEP_ALIVE: Duration = Duration::from_secs(100);
/// How long a request may take to arrive.
const ARRIVES: Duration = Duration::from_secs(10);

/// A listener and its server, which doesn't run yet.
pub struct Listening {
    /// Where it listens, with the port that it got.
    pub address: SocketAddr,
    server: Server,
}

/// A server that runs.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Listening {
    /// Lets it run.
    pub fn serve(self) -> Serving {
        Serving {
            address: self.address,
            handle: self.server.handle(),
            task: actix_web::rt::spawn(self.server),
        }
    }
}

impl Serving {
    /// Takes nothing new, lets open calls end, and ends.
    pub async fn stop(self) -> std::io::Result<()> {
        self.handle.stop(true).await;
        self.task.await?
    }

    /// Drops open calls, and ends.
    pub async fn close(self) -> std::io::Result<()> {
        self.handle.stop(false).await;
        self.task.await?
    }
}

/// The hooks, for Mattermost.
pub fn hooks_listening(at: TcpListener, doors: Doors) -> std::io::Result<Listening> {
    let doors = Data::new(doors);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(doors.clone())
            .default_service(web::to(through_the_doors))
    })
    .workers(std::thread::available_parallelism().map_or(2, usize::from))
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(ARRIVES)
    .disable_signals()
    .shutdown_timeout(5)
    .listen(at)?;
    Ok(Listening {
        address: first(&server.addrs())?,
        server: server.run(),
    })
}

/// The admin's pages, with a worker of their own.
pub fn admin_listening(at: TcpListener, pages: Admin) -> std::io::Result<Listening> {
    let pages = Data::new(pages);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(pages.clone())
            .default_service(web::to(to_admin))
    })
    .workers(1)
    .client_request_timeout(ARRIVES)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(at)?;
    Ok(Listening {
        address: first(&server.addrs())?,
        server: server.run(),
    })
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
    let path = request.path();
    // Without a door nothing is read; `handle` says so.
    let limit = Doors::body_limit(path);
    let read = async {
        match limit {
            0 => Some(Bytes::new()),
            limit => read(payload, limit).await,
        }
    };
    let body = match timeout(ARRIVES, read).await {
        Ok(Some(body)) => body,
        Ok(None) => return reply(doors.turn_away(path, &Refusal::TooLarge)),
        Err(_) => return reply(doors.turn_away(path, &Refusal::TooSlow)),
    };
    match convert(&request, body) {
        Some(request) => reply(doors.handle(request).await),
        None => {
            let broken = Refusal::Broken("its head can't be read".into());
            reply(doors.turn_away(path, &broken))
        }
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
