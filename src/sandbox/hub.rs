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
    /// Counts from 1 in the order in which they ended.
    pub number: u64,
    /// When it began: milliseconds since 1970.
    pub at: i64,
    /// Until it ended, in milliseconds.
    pub took: u64,
    /// Whether the server asked the integration; else it was asked.
    pub outbound: bool,
    /// Who asked the server, by name; none without a valid token.
    pub caller: Option<String>,
    /// Whether that was a bot.
    pub by_bot: bool,
    /// The HTTP method.
    pub method: String,
    /// Path and query, or the whole URL of an integration.
    pub url: String,
    /// What was sent.
    pub request: Bytes,
    /// The status of the answer; none where none came.
    pub status: Option<u16>,
    /// The content type of the answer.
    pub content_type: String,
    /// What came back.
    pub response: Bytes,
    /// Why no answer came.
    pub failure: Option<String>,
}

/// What all workers share.
pub(super) struct Hub {
    world: Arc<Mutex<World>>,
    sockets: Mutex<HashMap<ConnectionKey, Recipient<Wake>>>,
    traffic: Mutex<Traffic>,
    client: reqwest::Client,
}

/// The last exchanges.
#[derive(Default)]
struct Traffic {
    last: u64,
    kept: VecDeque<Exchange>,
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
        let step = self.with(|world| {
            (exchange.caller, exchange.by_bot) = caller(world, &request);
            world.request(now(), request)
        });
        let response = self.settle(step).await;
        let cut = || "a fault cut the connection".to_owned();
        exchange.end(response.as_ref().ok_or_else(cut));
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
        exchange.end(answer.as_ref().map_err(|failure| match failure {
            CallFailure::TimedOut => format!("no answer within {} s", limit.as_secs_f64()),
            CallFailure::Unreachable(why) => why.clone(),
        }));
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

    fn remember(&self, mut exchange: Exchange) {
        let mut traffic = locked(&self.traffic);
        if traffic.kept.len() == EXCHANGES {
            traffic.kept.pop_front();
        }
        traffic.last += 1;
        exchange.number = traffic.last;
        traffic.kept.push_back(exchange);
    }

    pub fn traffic(&self) -> Vec<Exchange> {
        self.traffic_since(0)
    }

    /// The exchanges after number `since` that are still remembered.
    pub fn traffic_since(&self, since: u64) -> Vec<Exchange> {
        let traffic = locked(&self.traffic);
        let later = traffic.kept.iter().filter(|one| one.number > since);
        later.cloned().collect()
    }
}

/// Whose token a request carries, and whether that is a bot's.
fn caller(world: &World, request: &Request<Bytes>) -> (Option<String>, bool) {
    let header = request.headers().get("authorization");
    let header = header.and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.split_once(' '));
    let user = token
        .and_then(|(_, token)| world.owner(token.trim()))
        .and_then(|id| world.user(id));
    let bot = user.is_some_and(|user| user.bot.is_some());
    (user.map(|user| user.username.clone()), bot)
}

impl Exchange {
    fn new(outbound: bool, request: &Request<Bytes>) -> Self {
        Self {
            number: 0,
            at: now(),
            took: 0,
            outbound,
            caller: None,
            by_bot: false,
            method: request.method().to_string(),
            url: request.uri().to_string(),
            request: request.body().clone(),
            status: None,
            content_type: String::new(),
            response: Bytes::new(),
            failure: None,
        }
    }

    fn end(&mut self, answer: Result<&Response<Bytes>, String>) {
        self.took = (now() - self.at).max(0) as u64;
        match answer {
            Ok(response) => {
                let content_type = response.headers().get("content-type");
                let content_type = content_type.and_then(|value| value.to_str().ok());
                content_type
                    .unwrap_or("")
                    .clone_into(&mut self.content_type);
                self.status = Some(response.status().as_u16());
                self.response = response.body().clone();
            }
            Err(why) => self.failure = Some(why),
        }
    }
}
