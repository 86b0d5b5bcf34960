//! A Mattermost for tests of the Socket and Intake: a function of what was set, and sockets whose
//! other end the test holds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix::prelude::*;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::client::base::Base;
use crate::client::rest::Rest;
use crate::client::wire::{ConnectRequest, Connection, Wire, WireError};
use crate::model::ids::{ChannelId, ConnectionId, PostId, UserId};

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
    let data = json!({ "channel_type": "O", "channel_name": "town", "post": post.to_string(),
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
    pub posting: u16,
    pub name: &'static str,
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

    fn answer(&self, path: &str) -> (u16, Value) {
        let world = self.world.lock().expect("no test panics with it");
        let parts: Vec<&str> = path.trim_start_matches("/api/v4/").split('/').collect();
        match parts[..] {
            ["users", "me"] => (world.me, json!({ "id": me(), "username": world.name })),
            ["posts"] => (world.posting, Value::Null),
            ["users", "me", "channels"] => (200, world.channels()),
            ["users", "ids"] => (200, json!([{ "id": user(2), "username": "ann" }])),
            ["channels", id, "posts"] => {
                let id = ChannelId::parse(id).expect("as the tests make it");
                (world.reading, world.list(&id))
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
            json!({ "id": id, "type": "O", "name": "town", "last_post_at": last.max().unwrap_or(0) })
        };
        self.posts.iter().map(channel).collect()
    }

    fn list(&self, channel: &ChannelId) -> Value {
        let mut posts = self.posts.get(channel).cloned().unwrap_or_default();
        posts.sort_by_key(|post| -post["create_at"].as_i64().expect("as the tests make it"));
        let order: Vec<Value> = posts.iter().map(|post| post["id"].clone()).collect();
        let by_id = posts.iter().map(|post| {
            (
                post["id"]
                    .as_str()
                    .expect("as the tests make it")
                    .to_owned(),
                post.clone(),
            )
        });
        json!({ "order": order, "posts": by_id.collect::<serde_json::Map<_, _>>(), "prev_post_id": "" })
    }
}

#[async_trait]
impl Wire for Server {
    async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        // A network: what the server says was true a moment ago.
        let (status, body) = self.answer(request.uri().path());
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
        *response.status_mut() = StatusCode::from_u16(status).expect("as the tests make it");
        Ok(response)
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
