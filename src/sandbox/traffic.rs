//! What crossed the wire: the last exchanges, and the calls that wait for an answer.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use http::{Request, Response};

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

impl Exchange {
    pub(super) fn new(at: i64, outbound: bool, request: &Request<Bytes>) -> Self {
        Self {
            number: 0,
            at,
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

    pub(super) fn end(&mut self, at: i64, answer: Result<&Response<Bytes>, String>) {
        self.took = (at - self.at).max(0) as u64;
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

/// The last exchanges, and those under way.
#[derive(Default)]
pub(super) struct Traffic {
    last: u64,
    kept: VecDeque<Exchange>,
    begun: u64,
    open: BTreeMap<u64, Exchange>,
}

impl Traffic {
    pub fn remember(&mut self, mut exchange: Exchange) {
        if self.kept.len() == EXCHANGES {
            self.kept.pop_front();
        }
        self.last += 1;
        exchange.number = self.last;
        self.kept.push_back(exchange);
    }

    /// The exchanges after this number that are still remembered.
    pub fn since(&self, number: u64) -> Vec<Exchange> {
        let later = self.kept.iter().filter(|one| one.number > number);
        later.cloned().collect()
    }

    /// A call is under way; gives back what [`Self::over`] is told. Its number counts these.
    pub fn begin(&mut self, mut exchange: Exchange) -> u64 {
        self.begun += 1;
        exchange.number = self.begun;
        self.open.insert(self.begun, exchange);
        self.begun
    }

    pub fn over(&mut self, key: u64) {
        self.open.remove(&key);
    }

    pub fn open(&self) -> Vec<Exchange> {
        self.open.values().cloned().collect()
    }
}
