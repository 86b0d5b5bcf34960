//! A wire for tests: a function in place of a server, and a memory of what was asked.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use super::base::Base;
use super::rest::Rest;
use super::wire::{ConnectRequest, Connection, Wire, WireError};

pub(crate) type Answer = Result<Response<Bytes>, WireError>;
type Server = dyn Fn(&Request<Bytes>) -> Answer + Send + Sync;

/// See the module.
pub(crate) struct Fake {
    server: Box<Server>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl Fake {
    pub(crate) fn new(
        server: impl Fn(&Request<Bytes>) -> Answer + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            server: Box::new(server),
            seen: Mutex::default(),
        })
    }

    /// A server that always says the same.
    pub(super) fn saying(status: u16, body: &'static str) -> Arc<Self> {
        Self::new(move |_| answer(status, body))
    }

    /// An account on a server below a sub-path.
    pub(crate) fn rest(self: &Arc<Self>) -> Rest {
        Rest::new(
            self.clone(),
            Base::parse("https://chat.example/team").expect("a test asks for what can be"),
            Some("secret".into()),
        )
    }

    /// What was asked so far, as `METHOD /path?query body`, without the base.
    pub(super) fn asked(&self) -> Vec<String> {
        let line = |request: &Request<Bytes>| {
            let uri = request.uri().to_string();
            let path = uri
                .strip_prefix("https://chat.example/team")
                .unwrap_or(&uri);
            let body = String::from_utf8_lossy(request.body());
            format!("{} {path} {body}", request.method())
                .trim_end()
                .to_owned()
        };
        self.seen
            .lock()
            .expect("no test panics in here")
            .iter()
            .map(line)
            .collect()
    }

    /// The value of a header of the last request.
    pub(super) fn last_header(&self, name: &str) -> Option<String> {
        let seen = self.seen.lock().expect("no test panics in here");
        Some(
            seen.last()?
                .headers()
                .get(name)?
                .to_str()
                .expect("a test asks for what can be")
                .to_owned(),
        )
    }
}

pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Ok(Response::builder()
        .status(status)
        .body(body.into())
        .expect("a test asks for what can be"))
}

#[async_trait]
impl Wire for Fake {
    async fn request(&self, request: Request<Bytes>) -> Answer {
        let answer = (self.server)(&request);
        self.seen
            .lock()
            .expect("no test panics in here")
            .push(request);
        // Lets others run, as a network would.
        tokio::task::yield_now().await;
        answer
    }

    async fn connect(&self, _: ConnectRequest) -> Result<Connection, WireError> {
        Err(WireError::NotSent("there are no WebSockets here".into()))
    }
}
