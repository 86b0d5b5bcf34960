mod socket; // WebSockets of the bot and of people

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::spawn_local;

use self::socket::Lag;
use super::trace::{Trace, shown};
use super::wire::{NearEnd, Parcel};
use super::{spoil, storm};
use crate::client::wire::WireError;
use crate::http::Doors;
use crate::http::admin::Admin;
use crate::sandbox::{Call, CallFailure, ConnectionKey, Step, World};
use crate::time::{Time, sleep, timeout};

/// How often the world looks at its time limits.
const TICK: Duration = Duration::from_secs(1);

/// The world, and everything that is on its way to it and from it.
pub(super) struct Network {
    world: RefCell<World>,
    time: Time,
    /// Woken when a socket has frames to take.
    pub(super) sockets: RefCell<BTreeMap<ConnectionKey, Rc<Notify>>>,
    bot: RefCell<Option<Door>>,
    /// Nothing gets through between bot and world.
    pub(super) cut: Cell<bool>,
    /// How many of 100 exchanges fail in some way: of the bot's, and of Mattermost's calls to it.
    pub(super) storm: Cell<u8>,
    pub(super) trace: Trace,
    /// Dialogs that the bot has opened, as it sent them.
    pub(super) dialogs: RefCell<Vec<Value>>,
}

/// The way into the running bot.
#[derive(Clone)]
pub(super) struct Door {
    pub doors: Doors,
    /// What it says of its health.
    pub admin: Admin,
    /// Closed when the bot dies, which ends its calls in the order in which they came.
    pub alive: Arc<Semaphore>,
}

/// How a request ended: the server's answer, and the last answer of an integration on the way.
pub(super) struct Disconnected {
    pub response: Option<Response<Bytes>>,
    pub integration: Option<Response<Bytes>>,
}

impl Network {
    /// A network around this world, with the bot's end of it.
    pub fn start(world: World, time: Time, trace: Trace) -> (Rc<Self>, NearEnd) {
        let (to, mut parcels) = mpsc::unbounded_channel();
        let network = Rc::new(Self {
            world: RefCell::new(world),
            time,
            sockets: RefCell::default(),
            bot: RefCell::new(None),
            cut: Cell::new(false),
            storm: Cell::new(0),
            trace,
            dialogs: RefCell::default(),
        });
        let carrier = network.clone();
        spawn_local(async move {
            while let Some(parcel) = parcels.recv().await {
                spawn_local(carrier.clone().carry(parcel));
            }
        });
        let ticking = network.clone();
        spawn_local(async move {
            loop {
                sleep(TICK).await;
                ticking.with(|world, now| world.tick(now));
            }
        });
        (network, NearEnd(to))
    }

    /// Does something with the world; what it wants to say goes on its way.
    pub fn with<T>(self: &Rc<Self>, act: impl FnOnce(&mut World, i64) -> T) -> T {
        let (result, waking, calls) = {
            let mut world = self.world.borrow_mut();
            let result = act(&mut world, self.time.now().0);
            (result, world.waking(), world.take_calls())
        };
        for key in waking {
            if let Some(socket) = self.sockets.borrow().get(&key) {
                socket.notify_one();
            }
        }
        for call in calls {
            let network = self.clone();
            spawn_local(async move { network.settle(Step::Call(call)).await });
        }
        result
    }

    /// The bot is up, or isn't.
    pub fn opened(&self, door: Option<Door>) {
        *self.bot.borrow_mut() = door;
    }

    /// Whether the bot can be called.
    pub fn is_open(&self) -> bool {
        self.bot.borrow().is_some()
    }

    /// What the running bot answers to its admin.
    pub async fn page(&self, path: &str) -> Option<Response<Bytes>> {
        let admin = self.bot.borrow().as_ref()?.admin.clone();
        let request = Request::get(path).body(Bytes::new()).ok()?;
        Some(admin.handle(request).await)
    }

    /// Cuts the cable between bot and world, or mends it. Open sockets end on both sides.
    pub fn cut(self: &Rc<Self>, cut: bool) {
        self.cut.set(cut);
        if cut {
            self.with(|world, _| world.drop_sockets());
        }
    }

    /// Takes a request to its end.
    pub async fn request(self: &Rc<Self>, request: Request<Bytes>) -> Disconnected {
        let step = self.with(|world, now| world.request(now, request));
        self.settle(step).await
    }

    pub(super) async fn settle(self: &Rc<Self>, mut step: Step) -> Disconnected {
        let mut integration = None;
        loop {
            step = match step {
                Step::Done(response) => {
                    return Disconnected {
                        response: Some(response),
                        integration,
                    };
                }
                Step::Cut => {
                    return Disconnected {
                        response: None,
                        integration,
                    };
                }
                Step::Slow(ms, then) => {
                    sleep(Duration::from_millis(ms)).await;
                    *then
                }
                Step::Call(call) => {
                    let id = call.id;
                    let answer = self.ask(call).await;
                    integration = answer.as_ref().ok().cloned();
                    self.with(|world, now| world.answered(now, id, answer))
                }
            };
        }
    }

    /// Calls the bot for the world.
    async fn ask(&self, call: Call) -> Result<Response<Bytes>, CallFailure> {
        lag().await;
        let path = call.request.uri().path().to_owned();
        let limit = Duration::from_millis(call.timeout_ms);
        let door = self.bot.borrow().clone();
        let Some(Door { doors, alive, .. }) = door.filter(|_| !self.cut.get()) else {
            self.trace.note(format_args!("{path}: the bot is down"));
            return Err(CallFailure::Unreachable("connection refused".into()));
        };
        let lost = storm::rolls(self.storm.get()).then(storm::call);
        if let Some(storm::StormyCall::Refused(answer)) = lost {
            self.trace
                .note(format_args!("{path}: lost on its way to the bot"));
            return answer;
        }
        let answer = tokio::select! {
            biased;
            _ = alive.acquire() => Err(CallFailure::Unreachable("reset by peer".into())),
            answer = timeout(limit, doors.handle(call.request)) => {
                answer.map_err(|_| CallFailure::TimedOut)
            }
        };
        match &answer {
            _ if !self.trace.listens() => {}
            Ok(answer) => self
                .trace
                .note(format_args!("{path}: {}", shown(answer.body()))),
            Err(failure) => self.trace.note(format_args!("{path}: {failure:?}")),
        }
        lag().await;
        match lost {
            Some(storm::StormyCall::Lost(instead)) => {
                self.trace.note(format_args!("{path}: the answer is lost"));
                instead
            }
            _ => answer,
        }
    }

    async fn carry(self: Rc<Self>, parcel: Parcel) {
        match parcel {
            Parcel::Request(request, reply) => {
                lag().await;
                let answer = self.served(request).await;
                lag().await;
                // Who asked may be dead by now.
                let _ = reply.send(answer);
            }
            Parcel::Connect(request, reply) => {
                lag().await;
                let answer = self.connect(request).await;
                lag().await;
                let _ = reply.send(answer);
            }
            Parcel::Ask(request, reply) => {
                let _ = reply.send(self.asked(request).await);
            }
            Parcel::Listen(headers, reply) => {
                let _ = reply.send(self.open("", &headers, Lag::None));
            }
        }
    }

    /// Takes a person's request to its end.
    async fn asked(self: &Rc<Self>, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let acts = self.trace.listens() && request.method() != Method::GET;
        if !acts {
            return self.request(request).await.response;
        }
        let what = format!("{} {}", request.method(), request.uri().path());
        let body = shown(request.body());
        let response = self.request(request).await.response;
        {
            let status = response.as_ref().map_or(0, |r| r.status().as_u16());
            self.trace
                .note(format_args!("a person {what} {body} -> {status}"));
        }
        response
    }

    async fn served(
        self: &Rc<Self>,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, WireError> {
        let listens = self.trace.listens();
        let what = listens.then(|| format!("bot {} {}", request.method(), request.uri()));
        let (body, sent) = (
            listens.then(|| shown(request.body())),
            request.body().clone(),
        );
        let opens = request.uri().path().ends_with("/actions/dialogs/open");
        if self.cut.get() {
            return Err(WireError::NotSent("the cable is cut".into()));
        }
        let stormy = storm::rolls(self.storm.get());
        let torn = stormy && storm::tears();
        if stormy && !torn {
            if let Some(held) = storm::held() {
                sleep(held).await;
            }
            let (method, path) = (request.method().as_str(), request.uri().path());
            self.with(|world, _| world.faults.strike_next(method, path, storm::fault()));
        }
        let ended = self.request(request).await.response;
        let ended = ended.map(|response| response.map(spoil::body));
        let ended = ended.map(|response| response.map(|body| storm::cut(body, torn)));
        let status = ended.as_ref().map_or(0, |r| r.status().as_u16());
        if let (Some(what), Some(body)) = (what, body) {
            self.trace.note(format_args!("{what} {body} -> {status}"));
        }
        if opens && status == 200 {
            let dialog = serde_json::from_slice(&sent);
            self.dialogs.borrow_mut().extend(dialog.ok());
        }
        match ended {
            Some(_) if self.cut.get() => Err(WireError::Ambiguous("the cable was cut".into())),
            Some(response) => Ok(response),
            None => Err(WireError::Ambiguous("the connection ended".into())),
        }
    }
}

/// A while on the way: mostly a few milliseconds, at times much longer.
pub(super) async fn lag() {
    let ms = match fastrand::u8(..) {
        0..4 => fastrand::u64(50..800),
        _ => fastrand::u64(0..8),
    };
    sleep(Duration::from_millis(ms)).await;
}
