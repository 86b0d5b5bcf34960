//! A Mattermost for tests of the Socket and Intake: a function of what was set, and sockets whose
//! other end the test holds.

mod turns;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix::prelude::*;
use async_trait::async_trait;
use bytes::Bytes;
use http::header::DATE;
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::client::base::Base;
use crate::client::rest::Rest;
use crate::client::wire::{ConnectRequest, Connection, Pieces, Wire, WireError, pieces};
use crate::model::ids::{ChannelId, ConnectionId, PostId, UserId};
use crate::time::Time;

pub(super) use turns::{BEGIN, Others, engine, hubs};

pub(super) fn user(n: u8) -> UserId {
    UserId::from_bytes([n; 16])
}

pub(super) fn me() -> UserId {
    user(1)
}

pub(super) fn channel(n: u8) -> ChannelId {
    ChannelId::from_bytes([n; 16])
}

pub(super) fn post_id(n: u8) -> PostId {
    PostId::from_bytes([n; 16])
}

pub(super) fn connection(n: u8) -> ConnectionId {
    ConnectionId::from_bytes([n; 16])
}

/// A post of ann's in the channel.
pub(super) fn post(n: u8, channel: ChannelId, at: i64) -> Value {
    json!({ "id": post_id(n), "create_at": at, "update_at": at, "user_id": user(2),
        "channel_id": channel, "message": format!("post {n}"), "props": {}, "type": "" })
}

pub(super) fn posted(seq: i64, post: &Value) -> String {
    let data = json!({ "channel_type": "O", "channel_name": "chat", "post": post.to_string(),
        "sender_name": "@ann", "team_id": "" });
    json!({ "event": "posted", "data": data, "broadcast": {}, "seq": seq }).to_string()
}

pub(super) fn hello(n: u8) -> String {
    let data = json!({ "connection_id": connection(n) });
    json!({ "event": "hello", "data": data, "broadcast": {}, "seq": 0 }).to_string()
}

#[derive(Default)]
pub(super) struct World {
    pub me: u16,
    pub posts: BTreeMap<ChannelId, Vec<Value>>,
    pub reading: u16,
    pub listing: u16,
    /// After so many channels their list breaks off.
    pub torn: Option<usize>,
    /// Channels that are listed in a way that can't be read.
    pub odd: Vec<ChannelId>,
    /// How many posts are in a page, where not all are.
    pub page: usize,
    pub posting: u16,
    pub name: &'static str,
    /// How many seconds its clock is ahead of the machine's.
    pub ahead: i64,
    pub asked: Vec<String>,
}

pub(super) struct Server {
    pub world: Mutex<World>,
    sockets: UnboundedSender<(ConnectRequest, Connection)>,
}

pub(super) type Sockets = UnboundedReceiver<(ConnectRequest, Connection)>;

impl Server {
    pub fn start() -> (Arc<Self>, Sockets) {
        let (sockets, opened) = unbounded_channel();
        let world = Mutex::new(World {
            me: 200,
            reading: 200,
            listing: 200,
            page: usize::MAX,
            posting: 404,
            name: "polly",
            ..World::default()
        });
        (Arc::new(Self { world, sockets }), opened)
    }

    pub fn rest(self: &Arc<Self>) -> Rest {
        let base = Base::parse("https://chat.example").expect("as the tests make it");
        Rest::new(self.clone(), base, Some("secret".into()))
    }

    pub fn posted(&self, post: Value) {
        let channel = ChannelId::parse(post["channel_id"].as_str().expect("as the tests make it"))
            .expect("as the tests make it");
        self.world
            .lock()
            .expect("as the tests make it")
            .posts
            .entry(channel)
            .or_default()
            .push(post);
    }

    pub fn asked(&self, what: &str) -> usize {
        let world = self.world.lock().expect("no test panics with it");
        world
            .asked
            .iter()
            .filter(|line| line.contains(what))
            .count()
    }

    fn date(&self) -> HeaderValue {
        let ahead = self.world.lock().expect("no test panics with it").ahead;
        let now = Time::wall().now().0 + 1_000 * ahead;
        let now = Timestamp::from_millisecond(now).expect("it is near");
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
        HeaderValue::from_str(&date.expect("it is of our time")).expect("it is in ASCII")
    }

    fn answer(&self, path: &str, query: &str) -> (u16, Value) {
        let world = self.world.lock().expect("no test panics with it");
        let parts: Vec<&str> = path.trim_start_matches("/api/v4/").split('/').collect();
        match parts[..] {
            ["users", "me"] => (world.me, json!({ "id": me(), "username": world.name })),
            ["posts"] => (world.posting, Value::Null),
            ["posts", id] => {
                let mut all = world.posts.values().flatten();
                let found = all.find(|post| post["id"] == id);
                found.map_or((404, Value::Null), |post| (200, post.clone()))
            }
            ["users", "me", "channels"] => (world.listing, world.channels()),
            ["users", "ids"] => (200, json!([{ "id": user(2), "username": "ann" }])),
            ["channels", id, "posts"] => {
                let id = ChannelId::parse(id).expect("as the tests make it");
                (world.reading, world.list(&id, query))
            }
            _ => (404, Value::Null),
        }
    }
}

impl World {
    fn channels(&self) -> Value {
        let channel = |(id, posts): (&ChannelId, &Vec<Value>)| {
            let last = posts
                .iter()
                .map(|post| post["create_at"].as_i64().expect("as the tests make it"));
            let last = last.max().unwrap_or(0);
            match self.odd.contains(id) {
                true => json!({ "id": id, "type": 7, "last_post_at": last }),
                false => json!({ "id": id, "type": "O", "name": "chat", "last_post_at": last }),
            }
        };
        self.posts.iter().map(channel).collect()
    }

    fn list(&self, channel: &ChannelId, query: &str) -> Value {
        let at = |post: &Value| post["create_at"].as_i64().unwrap_or_default();
        let mut posts = self.posts.get(channel).cloned().unwrap_or_default();
        posts.sort_by_key(|post| -at(post));
        let asked = |key: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
        };
        let made = |id: &str| posts.iter().find(|post| post["id"] == id).map(at);
        let skipped = asked("page").and_then(|page| page.parse().ok());
        let skipped = skipped.unwrap_or(0usize).saturating_mul(self.page);
        let mut more = Value::from("");
        let page: Vec<&Value> = if let Some(limit) = asked("after").and_then(made) {
            let younger = posts.iter().rev().filter(|post| at(post) > limit);
            let page = younger.skip(skipped).take(self.page);
            page.collect::<Vec<_>>().into_iter().rev().collect()
        } else {
            let limit = asked("before").and_then(made).unwrap_or(i64::MAX);
            let mut older = posts.iter().filter(|post| at(post) < limit).skip(skipped);
            let page = older.by_ref().take(self.page).collect();
            more = older.next().map_or(more, |post| post["id"].clone());
            page
        };
        let order: Vec<Value> = page.iter().map(|post| post["id"].clone()).collect();
        let id = |post: &Value| post["id"].as_str().unwrap_or_default().to_owned();
        let by_id = page.iter().map(|post| (id(post), (*post).clone()));
        json!({ "order": order, "posts": by_id.collect::<serde_json::Map<_, _>>(), "prev_post_id": more })
    }
}

#[async_trait]
impl Wire for Server {
    async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        // A network: what the server says was true a moment ago.
        let (status, body) = self.answer(
            request.uri().path(),
            request.uri().query().unwrap_or_default(),
        );
        let line = format!("{} {}", request.method(), request.uri().path());
        self.world
            .lock()
            .expect("no test panics with it")
            .asked
            .push(line);
        crate::time::sleep(std::time::Duration::from_millis(10)).await;
        let body = match status {
            200..=299 => body,
            _ => json!({ "id": "test.app_error", "message": "No.", "status_code": status }),
        };
        let mut response = Response::new(Bytes::from(body.to_string()));
        response.headers_mut().insert(DATE, self.date());
        *response.status_mut() = StatusCode::from_u16(status).expect("as the tests make it");
        Ok(response)
    }

    async fn stream(&self, request: Request<Bytes>) -> Result<Response<Pieces>, WireError> {
        let answer = self.request(request).await?;
        let torn = self.world.lock().expect("no test panics with it").torn;
        let end = torn.and_then(|many| {
            let text = std::str::from_utf8(answer.body()).expect("it is JSON");
            Some(text.match_indices("},{").nth(many - 1)?.0 + 2)
        });
        let gone = || Err(WireError::Ambiguous("reset by peer".into()));
        Ok(answer.map(|body| match end {
            Some(end) => pieces([Ok(body.slice(..end)), gone()]),
            None => pieces([Ok(body)]),
        }))
    }

    async fn connect(&self, request: ConnectRequest) -> Result<Connection, WireError> {
        let (ours, theirs) = Connection::pair(64);
        let gone = |_| WireError::NotSent("nobody there".into());
        self.sockets.send((request, theirs)).map_err(gone)?;
        Ok(ours)
    }
}

/// An actor that writes down what it is told.
pub(super) struct Ear<M>(UnboundedSender<M>);

impl<M: 'static + Unpin> Actor for Ear<M> {
    type Context = Context<Self>;
}

impl<M: Message<Result = ()> + 'static + Unpin> Handler<M> for Ear<M> {
    type Result = ();

    fn handle(&mut self, message: M, _: &mut Context<Self>) {
        let _ = self.0.send(message);
    }
}

/// Somebody to tell, and what they were told.
pub(super) fn ear<M>() -> (Recipient<M>, UnboundedReceiver<M>)
where
    M: Message<Result = ()> + Send + 'static + Unpin,
{
    let (told, heard) = unbounded_channel();
    (Ear(told).start().recipient(), heard)
}
