//! Between the pure world and the sockets: the lock, the clock, the calls to integrations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix::{Message, Recipient};
use bytes::{Bytes, BytesMut};
use http::{Request, Response};

use super::traffic::{Exchange, Traffic};
use super::world::{Call, CallFailure, ConnectionKey, MAX_ANSWER, Step, World};

/// There may be frames to write.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Wake;

/// What all workers share.
pub(super) struct Hub {
    world: Arc<Mutex<World>>,
    sockets: Mutex<HashMap<ConnectionKey, Recipient<Wake>>>,
    traffic: Mutex<Traffic>,
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
        let mut exchange = Exchange::new(now(), false, &request);
        let step = self.with(|world| {
            (exchange.caller, exchange.by_bot) = caller(world, &request);
            world.request(now(), request)
        });
        let response = self.settle(step).await;
        let cut = || "a fault cut the connection".to_owned();
        exchange.end(now(), response.as_ref().ok_or_else(cut));
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
        let mut exchange = Exchange::new(now(), true, &call.request);
        let _open = Open::new(self, exchange.clone());
        let limit = Duration::from_millis(call.timeout_ms);
        let answer = match tokio::time::timeout(limit, self.fetch(call.request)).await {
            Err(_) => Err(CallFailure::TimedOut),
            Ok(Err(error)) => Err(CallFailure::Unreachable(why(&error))),
            Ok(Ok(response)) => Ok(response),
        };
        let ended = answer.as_ref().map_err(|failure| match failure {
            CallFailure::TimedOut => format!("no answer within {} s", limit.as_secs_f64()),
            CallFailure::Unreachable(why) => why.clone(),
        });
        exchange.end(now(), ended);
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
        locked(&self.traffic).remember(exchange);
    }

    pub fn traffic(&self) -> Vec<Exchange> {
        self.traffic_since(0)
    }

    /// The exchanges after number `since` that are still remembered.
    pub fn traffic_since(&self, since: u64) -> Vec<Exchange> {
        locked(&self.traffic).since(since)
    }

    /// The calls to integrations that have no answer yet, oldest first.
    pub fn open_calls(&self) -> Vec<Exchange> {
        locked(&self.traffic).open()
    }
}

/// A call that waits for its answer; over when this goes, also where nobody waits any more.
struct Open<'a> {
    hub: &'a Hub,
    key: u64,
}

impl<'a> Open<'a> {
    fn new(hub: &'a Hub, exchange: Exchange) -> Self {
        let key = locked(&hub.traffic).begin(exchange);
        Self { hub, key }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        locked(&self.hub.traffic).over(self.key);
    }
}

/// What is at the bottom of an error: the client's own words say only that sending failed.
fn why(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    match error.url() {
        Some(url) => format!("{url}: {cause}"),
        None => cause.to_string(),
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
