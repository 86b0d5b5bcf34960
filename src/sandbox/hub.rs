//! Between the pure world and the sockets: the lock, the clock, the calls to integrations.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix::Recipient;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};

use super::socket::Wake;
use super::world::{Call, CallFailure, ConnectionKey, MAX_ANSWER, Step, World};

/// How many exchanges are remembered.
const EXCHANGES: usize = 500;

/// One request over the wire and how it ended, for people who look at the traffic.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// When it began: milliseconds since 1970.
    pub at: i64,
    /// Whether the server asked the integration; else it was asked.
    pub outbound: bool,
    /// The HTTP method.
    pub method: String,
    /// Path and query, or the whole URL of an integration.
    pub url: String,
    /// What was sent.
    pub request: Bytes,
    /// The status of the answer; none where none came.
    pub status: Option<u16>,
    /// What came back.
    pub response: Bytes,
}

/// What all workers share.
pub(super) struct Hub {
    world: Arc<Mutex<World>>,
    sockets: Mutex<HashMap<ConnectionKey, Recipient<Wake>>>,
    traffic: Mutex<VecDeque<Exchange>>,
    client: reqwest::Client,
}

/// A panic while the lock was held leaves a world that is as good as before for a sandbox.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

impl Hub {
    pub fn new(world: World, client: reqwest::Client) -> Self {
        Self {
            world: Arc::new(Mutex::new(world)),
            sockets: Mutex::default(),
            traffic: Mutex::default(),
            client,
        }
    }

    pub fn world(&self) -> Arc<Mutex<World>> {
        Arc::clone(&self.world)
    }

    /// Does something with the world, then passes on what it wants to say.
    pub fn with<T>(self: &Arc<Self>, act: impl FnOnce(&mut World) -> T) -> T {
        let (result, waking, calls) = {
            let mut world = locked(&self.world);
            let result = act(&mut world);
            (result, world.waking(), world.take_calls())
        };
        if !waking.is_empty() {
            let sockets = locked(&self.sockets);
            for key in waking {
                if let Some(socket) = sockets.get(&key) {
                    socket.do_send(Wake);
                }
            }
        }
        for call in calls {
            let hub = Arc::clone(self);
            actix_web::rt::spawn(async move { hub.settle(Step::Call(call)).await });
        }
        result
    }

    pub fn attach(&self, key: ConnectionKey, socket: Recipient<Wake>) {
        locked(&self.sockets).insert(key, socket);
    }

    pub fn detach(&self, key: ConnectionKey) {
        locked(&self.sockets).remove(&key);
    }

    /// Takes a request to its end; `None` means that the connection must be cut.
    pub async fn serve(self: &Arc<Self>, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let mut exchange = Exchange::new(false, &request);
        let step = self.with(|world| world.request(now(), request));
        let response = self.settle(step).await;
        exchange.end(response.as_ref());
        self.remember(exchange);
        response
    }

    pub async fn settle(self: &Arc<Self>, mut step: Step) -> Option<Response<Bytes>> {
        loop {
            step = match step {
                Step::Done(response) => return Some(response),
                Step::Cut => return None,
                Step::Slow(ms, then) => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    *then
                }
                Step::Call(call) => {
                    let id = call.id;
                    let answer = self.ask(call).await;
                    self.with(|world| world.answered(now(), id, answer))
                }
            };
        }
    }

    async fn ask(&self, call: Call) -> Result<Response<Bytes>, CallFailure> {
        let mut exchange = Exchange::new(true, &call.request);
        let limit = Duration::from_millis(call.timeout_ms);
        let answer = match tokio::time::timeout(limit, self.fetch(call.request)).await {
            Err(_) => Err(CallFailure::TimedOut),
            Ok(Err(error)) => Err(CallFailure::Unreachable(error.to_string())),
            Ok(Ok(response)) => Ok(response),
        };
        exchange.end(answer.as_ref().ok());
        self.remember(exchange);
        answer
    }

    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, reqwest::Error> {
        let request = reqwest::Request::try_from(request)?;
        let mut response = self.client.execute(request).await?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                break;
            }
        }
        let mut answer = Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    fn remember(&self, exchange: Exchange) {
        let mut traffic = locked(&self.traffic);
        if traffic.len() == EXCHANGES {
            traffic.pop_front();
        }
        traffic.push_back(exchange);
    }

    pub fn traffic(&self) -> Vec<Exchange> {
        locked(&self.traffic).iter().cloned().collect()
    }
}

impl Exchange {
    fn new(outbound: bool, request: &Request<Bytes>) -> Self {
        Self {
            at: now(),
            outbound,
            method: request.method().to_string(),
            url: request.uri().to_string(),
            request: request.body().clone(),
            status: None,
            response: Bytes::new(),
        }
    }

    fn end(&mut self, response: Option<&Response<Bytes>>) {
        if let Some(response) = response {
            self.status = Some(response.status().as_u16());
            self.response = response.body().clone();
        }
    }
}
