use std::convert::Infallible;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpMessage, HttpService, Request, Response};
use actix_service::{ServiceFactoryExt, fn_service};
use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::net::TcpStream;
use actix_web::rt::task::JoinHandle;
use bytes::Bytes;

use super::admin::Admin;
use super::bodies::{Bodies, Unread};
use super::convert::{convert, reply};
use super::crowd::{Crowd, Guest, SPEAKS, Stay};
use super::doors::Doors;
use super::refusals::Refusal;
use super::stream::Stream;
use crate::time::{instant, sleep, timeout};

/// How long a request may take to arrive.
const ARRIVES: Duration = Duration::from_secs(10);
/// The crowd looks after idle connections itself; this is longer than it lets any stay.
const KEEP_ALIVE: Duration = Duration::from_secs(600);
/// How long a connection may wait for a place, and how often it looks.
const ADMITS: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(2);
/// How often idle connections are looked for.
const SWEEP: Duration = Duration::from_millis(500);
/// How often it is said how many had to go.
const TELLS: Duration = Duration::from_secs(60);
/// How many may look at health and metrics at once.
const ADMINS: usize = 64;

/// A listener and its server, which doesn't run yet.
pub struct BoundDoors {
    /// Where it listens, with the port that it got.
    pub address: SocketAddr,
    server: Server,
    crowd: Crowd,
}

/// A server that runs.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
    sweeper: JoinHandle<()>,
}

/// How a listener works.
struct Ways {
    workers: usize,
    connections: usize,
    /// How long open calls get to end, in seconds.
    ends: u64,
}

impl BoundDoors {
    /// Lets it run.
    pub fn serve(self) -> Serving {
        Serving {
            address: self.address,
            handle: self.server.handle(),
            task: actix_web::rt::spawn(self.server),
            sweeper: actix_web::rt::spawn(sweep(self.crowd, self.address)),
        }
    }
}

impl Serving {
    /// Takes nothing new, lets open calls end, and ends.
    pub async fn stop(self) -> std::io::Result<()> {
        self.end(true).await
    }

    /// Drops open calls, and ends.
    pub async fn close(self) -> std::io::Result<()> {
        self.end(false).await
    }

    async fn end(self, gracefully: bool) -> std::io::Result<()> {
        self.handle.stop(gracefully).await;
        self.sweeper.abort();
        self.task.await?
    }
}

/// The hooks, for Mattermost: at most so many connections at once.
pub fn hooks_listening(
    at: TcpListener,
    doors: Doors,
    connections: usize,
) -> std::io::Result<BoundDoors> {
    let ways = Ways {
        workers: std::thread::available_parallelism().map_or(2, usize::from),
        connections,
        ends: 5,
    };
    let bodies = Bodies::default();
    listening(at, ways, move |request, guest| {
        through_the_doors(request, guest, doors.clone(), bodies.clone())
    })
}

/// The admin's pages, with a worker of their own.
pub fn admin_listening(at: TcpListener, pages: Admin) -> std::io::Result<BoundDoors> {
    let ways = Ways {
        workers: 1,
        connections: ADMINS,
        ends: 1,
    };
    listening(at, ways, move |request, guest| {
        to_admin(request, guest, pages.clone())
    })
}

fn listening<A, F>(at: TcpListener, ways: Ways, answer: A) -> std::io::Result<BoundDoors>
where
    A: Fn(Request, Arc<Guest>) -> F + Clone + Send + 'static,
    F: Future<Output = http::Response<Bytes>> + 'static,
{
    let crowd = Crowd::new(ways.connections);
    let address = at.local_addr()?;
    let server = Server::build()
        .workers(ways.workers)
        // A quarter more may wait for a place; the others stay with the system.
        .max_concurrent_connections((ways.connections * 5 / 4).div_ceil(ways.workers))
        .disable_signals()
        .shutdown_timeout(ways.ends);
    let stops = server.graceful_shutdown_signal();
    let at_door = crowd.clone();
    let server = server.listen("hooks", at, move || {
        let (crowd, answer, stops) = (at_door.clone(), answer.clone(), stops.clone());
        let enter = move |io: TcpStream| admitted(io, crowd.clone());
        let http = HttpService::<Stream, _, _>::build()
            .graceful_shutdown_signal(move || {
                let stops = stops.clone();
                async move { stops.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(ARRIVES)
            .local_addr(address)
            .on_connect_ext(|stream: &Stream, data| {
                data.insert(stream.guest().clone());
            })
            .h1(fn_service(move |request: Request| {
                answered(request, answer.clone())
            }));
        fn_service(enter).and_then(http)
    })?;
    Ok(BoundDoors {
        address,
        server: server.run(),
        crowd,
    })
}

/// A connection with a place, as soon as there is one.
async fn admitted(
    io: TcpStream,
    crowd: Crowd,
) -> Result<(Stream, Option<SocketAddr>), DispatchError> {
    let place = async {
        loop {
            match crowd.enters() {
                Some(stay) => return stay,
                None => sleep(GLANCE).await,
            }
        }
    };
    let full = |_| DispatchError::Io(std::io::Error::other("all connections are taken"));
    let stay: Stay = timeout(ADMITS, place).await.map_err(full)?;
    hear_out(&stay.guest);
    let peer = io.peer_addr().ok();
    Ok((Stream::new(io, stay), peer))
}

/// Lets it speak for a while. On the thread that reads what it says: where that is late, so is this.
fn hear_out(guest: &Arc<Guest>) {
    let Some(step) = guest.step() else { return };
    let guest = guest.clone();
    actix_web::rt::spawn(async move {
        sleep(SPEAKS).await;
        guest.heard_out(step);
    });
}

async fn sweep(crowd: Crowd, address: SocketAddr) {
    let mut told = instant();
    loop {
        sleep(SWEEP).await;
        crowd.sweep();
        if told.elapsed() < TELLS {
            continue;
        }
        told = instant();
        let closed = crowd.sent_away();
        if closed > 0 {
            tracing::warn!(%address, closed, "more connections came than there may be: idle ones were closed");
        }
    }
}

/// One request. What isn't answered with 200 ends the connection, whatever of it is unread.
async fn answered<A, F>(request: Request, answer: A) -> Result<Response<Bytes>, Infallible>
where
    A: Fn(Request, Arc<Guest>) -> F,
    F: Future<Output = http::Response<Bytes>>,
{
    let Some(guest) = request.conn_data::<Arc<Guest>>().cloned() else {
        // Each stream has one.
        return Ok(Response::internal_server_error().set_body(Bytes::new()));
    };
    guest.asks();
    hear_out(&guest);
    let response = answer(request, guest.clone()).await;
    let good = response.status() == http::StatusCode::OK;
    guest.answered(good);
    hear_out(&guest);
    Ok(reply(response, !good))
}

async fn through_the_doors(
    mut request: Request,
    guest: Arc<Guest>,
    doors: Doors,
    bodies: Bodies,
) -> http::Response<Bytes> {
    let path = request.path().to_owned();
    // Where there is no door, or no POST, nothing is read; `handle` says so.
    let limit = match request.method().as_str() {
        "POST" => Doors::body_limit(&path),
        _ => 0,
    };
    let payload = request.take_payload();
    let read = async {
        match limit {
            0 => Ok(None),
            limit => {
                let said = said_length(&request);
                bodies.read(payload, said, limit).await.map(Some)
            }
        }
    };
    let body = match timeout(ARRIVES, read).await {
        Ok(Ok(body)) => body,
        Ok(Err(Unread::TooLarge)) => return doors.turn_away(&path, &Refusal::TooLarge),
        Ok(Err(Unread::NoRoom)) => return doors.turn_away(&path, &Refusal::NoRoom),
        Err(_) => return doors.turn_away(&path, &Refusal::TooSlow),
    };
    guest.waits();
    let bytes = body.as_ref().map(|body| body.bytes.clone());
    match convert(&request, bytes.unwrap_or_default()) {
        Some(request) => doors.handle(request).await,
        None => {
            let broken = Refusal::Broken("its head can't be read".into());
            doors.turn_away(&path, &broken)
        }
    }
}

/// What the head says of the body's length.
fn said_length(request: &Request) -> usize {
    let value = request.headers().get("content-length");
    let text = value.and_then(|value| value.to_str().ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

async fn to_admin(request: Request, guest: Arc<Guest>, pages: Admin) -> http::Response<Bytes> {
    guest.waits();
    match convert(&request, Bytes::new()) {
        Some(request) => pages.handle(request).await,
        None => {
            let mut response = http::Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::BAD_REQUEST;
            response
        }
    }
}
