//! What crossed the wire: the last exchanges, and the calls that wait for an answer.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use http::{Request, Response};

/// How many exchanges are remembered: so many that concern a bot, and so many of people.
const EXCHANGES: usize = 500;
/// And so many bytes of them each.
const BYTES: usize = 16 << 20;

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

    /// People's own requests are no business of a bot's author, nor is a browser's login.
    pub(super) fn concerns_bot(&self) -> bool {
        let path = self.url.split('?').next().unwrap_or("");
        let stranger = self.caller.is_none() && !path.ends_with("/users/login");
        self.outbound || self.by_bot || stranger
    }

    fn bytes(&self) -> usize {
        self.request.len() + self.response.len()
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
    bots: Kept,
    peoples: Kept,
    begun: u64,
    open: BTreeMap<u64, Exchange>,
}

/// Exchanges of one kind, oldest first.
#[derive(Default)]
struct Kept {
    all: VecDeque<Exchange>,
    bytes: usize,
}

impl Kept {
    fn push(&mut self, exchange: Exchange) {
        self.bytes += exchange.bytes();
        self.all.push_back(exchange);
        while self.all.len() > EXCHANGES || self.bytes > BYTES {
            let Some(oldest) = self.all.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes();
        }
    }
}

impl Traffic {
    pub fn remember(&mut self, mut exchange: Exchange) {
        self.last += 1;
        exchange.number = self.last;
        let kept = match exchange.concerns_bot() {
            true => &mut self.bots,
            false => &mut self.peoples,
        };
        kept.push(exchange);
    }

    /// The exchanges after this number that are still remembered.
    pub fn since(&self, number: u64) -> Vec<Exchange> {
        let kept = self.bots.all.iter().chain(&self.peoples.all);
        let mut later: Vec<_> = kept.filter(|one| one.number > number).cloned().collect();
        later.sort_by_key(|one| one.number);
        later
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

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(outbound: bool) -> Exchange {
        let mut exchange = Exchange::new(0, outbound, &Request::new(Bytes::new()));
        exchange.caller = Some("ann".into());
        exchange
    }

    #[test]
    fn long_answers_push_old_exchanges_out_and_the_newest_stays() {
        let mut traffic = Traffic::default();
        for _ in 0..40 {
            let mut long = exchange(true);
            long.response = vec![b'x'; 1 << 20].into();
            traffic.remember(long);
        }
        let numbers: Vec<_> = traffic.since(0).iter().map(|one| one.number).collect();
        assert_eq!((numbers.len(), numbers.last()), (16, Some(&40)));
    }

    #[test]
    fn what_people_do_pushes_no_call_of_the_bot_out() {
        let mut traffic = Traffic::default();
        traffic.remember(exchange(true));
        for _ in 0..2 * EXCHANGES {
            traffic.remember(exchange(false));
        }
        traffic.remember(exchange(true));
        let numbers: Vec<_> = traffic.since(0).iter().map(|one| one.number).collect();
        assert_eq!(numbers.len(), EXCHANGES + 2);
        assert_eq!(numbers[0], 1);
        assert!(numbers.is_sorted());
    }
}
