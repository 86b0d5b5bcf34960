//! The pretend server on a port: a thin shell around the world.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::dev::{ServerHandle, Service, ServiceRequest};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use actix_web_actors::ws::WsResponseBuilder;
use bytes::Bytes;
use futures_util::future::{Either, ready};
use futures_util::stream;

use super::client::client;
use super::guest::Names;
use super::hub::{Hub, now};
use super::journal::{self, JournalError};
use super::page;
use super::people::User;
use super::seed::{Bot, Provisioned};
use super::socket::Socket;
use super::traffic::Exchange;
use super::world::{Like, World};

/// How long a connection may be idle: longer than clients keep theirs, for a request must not meet
/// the end of its connection unless a fault wants that.
const IDLE: Duration = Duration::from_secs(100);
/// Uploads are at most 100 MiB; the world checks everything else itself.
const MAX_REQUEST: usize = 101 * 1024 * 1024;
/// How often the world looks at its time limits.
const TICK: Duration = Duration::from_millis(50);
/// The file within `data`.
const JOURNAL: &str = "world.jsonl";

/// How to start a sandbox.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on 127.0.0.1; 0 for any.
    pub port: u16,
    /// Where the world outlives the process; none for a world that doesn't.
    pub data: Option<PathBuf>,
    /// Which server to pretend to be.
    pub like: Like,
    /// Names to answer to beside those of this machine, with a port or without.
    pub hosts: Vec<String>,
}

/// Why a sandbox didn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken.
    #[error("can't listen at 127.0.0.1:{0}; choose another port with --port, 0 for any free one")]
    Port(u16, #[source] io::Error),
    /// The folder can't be made.
    #[error("can't make the folder of the sandbox")]
    Folder(#[source] io::Error),
    /// The listener has no address.
    #[error("can't start the sandbox")]
    Io(#[from] io::Error),
    /// The journal can't be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No HTTP client for calls to integrations.
    #[error("can't make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// A pretend Mattermost on a port.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts one within the current actix system; it answers when this returns.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", options.port))
            .map_err(|error| StartError::Port(options.port, error))?;
        let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let hub = Arc::new(Hub::new(world(&options, &url)?, client()?));
        let data = web::Data::from(Arc::clone(&hub));
        let names = Names::new(listener.local_addr()?.port(), &options.hosts);
        let server = HttpServer::new(move || {
            let names = names.clone();
            App::new()
                .wrap_fn(
                    move |request, service| match turned_away(&names, &request) {
                        Some(answer) => Either::Left(ready(Ok(request.into_response(answer)))),
                        None => Either::Right(service.call(request)),
                    },
                )
                .app_data(data.clone())
                .app_data(web::PayloadConfig::new(MAX_REQUEST))
                .configure(page::routes)
                .route("/api/v4/websocket", web::get().to(websocket))
                .default_service(web::to(rest))
        });
        let server = server.workers(1).disable_signals().listen(listener)?;
        let server = server.keep_alive(IDLE).client_request_timeout(IDLE).run();
        let handle = server.handle();
        rt::spawn(server);
        let ticking = Arc::clone(&hub);
        let ticker = rt::spawn(async move {
            loop {
                rt::time::sleep(TICK).await;
                ticking.with(|world| world.tick(now()));
            }
        });
        Ok(Running {
            url,
            hub,
            handle,
            ticker,
        })
    }
}

/// A new world, or the one in the folder.
fn world(options: &Options, url: &str) -> Result<World, StartError> {
    let mut world = match &options.data {
        None => journal::in_memory(now(), url)?,
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(StartError::Folder)?;
            journal::open(&folder.join(JOURNAL), now(), url)?
        }
    };
    if world.like() != options.like {
        world.set_like(options.like);
    }
    Ok(world)
}

/// A sandbox that runs.
pub struct Running {
    url: String,
    hub: Arc<Hub>,
    handle: ServerHandle,
    ticker: rt::task::JoinHandle<()>,
}

impl Running {
    /// Its address, without a slash at the end: what a bot takes as `MATTERMOST_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The world behind it. What changes here is heard by sockets at the next tick (50 ms).
    pub fn world(&self) -> Arc<Mutex<World>> {
        self.hub.world()
    }

    /// Does something with the world; sockets hear of it at once.
    pub fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.hub.with(act)
    }

    /// One of the usual people, logged in with a WebSocket of its own.
    pub async fn person(&self, name: &str) -> User {
        User::arrives(&self.url, name).await
    }

    /// Makes the bot known, as [`World::provision`].
    pub fn provision(&self, bot: &Bot) -> Provisioned {
        self.hub.with(|world| world.provision(now(), bot))
    }

    /// The last exchanges over the wire, at most 500.
    pub fn traffic(&self) -> Vec<Exchange> {
        self.hub.traffic()
    }

    /// Ends it; open connections are cut.
    pub async fn stop(self) {
        self.end().await;
    }

    /// The same for who only borrows it; nothing works afterwards.
    pub async fn end(&self) {
        self.ticker.abort();
        self.hub.with(World::restart);
        self.handle.stop(false).await;
    }
}

/// What a page of another site gets, or a name that isn't ours.
fn turned_away(names: &Names, request: &ServiceRequest) -> Option<HttpResponse> {
    let uri = request.uri().to_string().parse().unwrap_or_default();
    let why = names.refusal(&uri, &headers(request.request()))?;
    Some(HttpResponse::Forbidden().force_close().body(why + "\n"))
}

async fn websocket(
    request: HttpRequest,
    stream: web::Payload,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, actix_web::Error> {
    let hub = hub.into_inner();
    let headers = headers(&request);
    if let Some(step) = hub.with(|world| world.admit(&headers)) {
        return Ok(answer(hub.settle(step).await));
    }
    let query = request.query_string();
    let key = hub.with(|world| world.connect(now(), query, &headers));
    let socket = Socket {
        key,
        hub: Arc::clone(&hub),
        heard: Instant::now(),
    };
    let started = WsResponseBuilder::new(socket, &request, stream)
        .frame_size(1 << 20)
        .start();
    if started.is_err() {
        hub.with(|world| world.disconnected(now(), key));
    }
    started
}

async fn rest(request: HttpRequest, body: Bytes, hub: web::Data<Hub>) -> HttpResponse {
    let hub = hub.into_inner();
    let mut builder = http::Request::builder()
        .method(request.method().as_str())
        .uri(request.uri().to_string());
    if let Some(all) = builder.headers_mut() {
        *all = headers(&request);
    }
    let Ok(request) = builder.body(body) else {
        return HttpResponse::BadRequest().finish();
    };
    // In a task of its own: what was begun is done even if nobody waits for the answer any more.
    let served = rt::spawn(async move { hub.serve(request).await }).await;
    answer(served.ok().flatten())
}

/// None means that the connection must be cut.
fn answer(answer: Option<http::Response<Bytes>>) -> HttpResponse {
    let Some(answer) = answer else {
        // A body that fails at once ends the connection before anything is written.
        let broken = stream::iter([Err::<Bytes, _>(io::Error::other("cut"))]);
        return HttpResponse::Ok().streaming(broken);
    };
    let (head, body) = answer.into_parts();
    let status = actix_web::http::StatusCode::from_u16(head.status.as_u16());
    let mut response = HttpResponse::build(status.unwrap_or_default());
    for (name, value) in &head.headers {
        response.insert_header((name.as_str(), value.as_bytes()));
    }
    response.body(body)
}

/// The headers of actix's request with the types of the `http` crate.
fn headers(request: &HttpRequest) -> http::HeaderMap {
    let pairs = request.headers().iter().filter_map(|(name, value)| {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        Some((name, http::HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    pairs.collect()
}
