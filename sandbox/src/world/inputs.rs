//! The world's entries: requests and integrations' answers, through faults and the journal.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;

use super::routes;
use super::{Step, World};
use crate::entry::Entry;
use crate::faults::{After, Before};
use crate::world::wire::calls::{Call, CallFailure, Heard};
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::Then;
use crate::world::wire::rest::{self, MAX_BODY, Question, Replied, Reply};

/// A call without an answer yet.
#[derive(Debug)]
pub(super) struct Pending {
    then: Then,
    /// A fault that strikes when the answer is there.
    fault: Option<After>,
}

impl World {
    /// A REST request (or one to a hook) arrives.
    pub fn request(&mut self, now: i64, request: Request<Bytes>) -> Step {
        let path = request.uri().path();
        let verdict = if self.by_person(request.headers()) || path.ends_with("/users/login") {
            Before::Pass
        } else {
            self.faults
                .judge(request.method().as_str(), path, request.body())
        };
        if path == "/api/v4/posts" && self.faults.in_flight(request.body()) {
            return Step::Done(self.respond(Err(Refusal::in_flight())));
        }
        match verdict {
            Before::Pass => self.take(now, request, None),
            Before::Answer(response) => Step::Done(response),
            Before::Cut => Step::Cut,
            Before::Slow(ms) => Step::Slow(ms, Box::new(self.take(now, request, None))),
            Before::Spoil(after) => self.take(now, request, Some(after)),
        }
    }

    /// An integration answered the call `id`, or didn't. Unknown ids are ignored with a 404:
    /// after a restart nobody waits for an old call any more.
    pub fn answered(
        &mut self,
        now: i64,
        id: u64,
        answer: Result<Response<Bytes>, CallFailure>,
    ) -> Step {
        let heard = answer.map(|response| Heard::new(&response));
        if !self.pending.contains_key(&id) {
            return Step::Done(self.respond(Err(Refusal::page("/"))));
        }
        if !self.keep(|| Entry::answered(now, id, &heard)) {
            return Step::Done(self.respond(Err(unwritable())));
        }
        self.resume(now, id, heard)
    }

    /// The same without the journal: for replay.
    pub(crate) fn resume(&mut self, now: i64, id: u64, heard: Result<Heard, CallFailure>) -> Step {
        let Some(Pending { then, fault }) = self.pending.remove(&id) else {
            return Step::Done(self.respond(Err(Refusal::page("/"))));
        };
        let answer = then.go_on(self, now, heard);
        self.finish(answer, fault)
    }

    fn take(&mut self, now: i64, request: Request<Bytes>, fault: Option<After>) -> Step {
        if lasting(&request) && !self.keep(|| Entry::request(now, &request)) {
            return Step::Done(self.respond(Err(unwritable())));
        }
        self.apply(now, request, fault)
    }

    /// The same without faults and journal: for replay.
    pub(crate) fn apply(
        &mut self,
        now: i64,
        request: Request<Bytes>,
        fault: Option<After>,
    ) -> Step {
        let mut question = Question::new(now, request);
        question.who = self.recognise(now, question.token.as_deref());
        let upload = matches!(question.parts.first(), Some(p) if p == "files");
        let answer = if question.body.len() > MAX_BODY && !upload {
            Err(Refusal::too_large())
        } else {
            routes::route(self, &question)
        };
        self.finish(answer, fault)
    }

    fn finish(&mut self, answer: Replied, fault: Option<After>) -> Step {
        if let Ok(Reply::Call(request, then)) = answer {
            return Step::Call(self.ask(*request, then, fault));
        }
        let response = self.respond(answer);
        match fault {
            None => Step::Done(response),
            Some(After::Answer(spoiled)) => Step::Done(spoiled),
            Some(After::Cut) => Step::Cut,
        }
    }

    /// Registers a call, to be made by the shell.
    pub(super) fn ask(
        &mut self,
        request: Request<Bytes>,
        then: Then,
        fault: Option<After>,
    ) -> Call {
        self.last_call += 1;
        let id = self.last_call;
        self.pending.insert(id, Pending { then, fault });
        Call {
            id,
            request,
            timeout_ms: self.call_timeout_ms,
        }
    }

    /// Queues a call that nobody waits for.
    pub(super) fn fire(&mut self, request: Request<Bytes>, then: Then) {
        let call = self.ask(request, then, None);
        self.queue.push_back(call);
    }

    /// Writes an input to the journal, if there is one; false if that failed.
    pub(crate) fn keep(&mut self, entry: impl FnOnce() -> Entry) -> bool {
        match &mut self.journal {
            None => true,
            Some(journal) => journal.append(&entry()).is_ok(),
        }
    }

    fn respond(&mut self, answer: Replied) -> Response<Bytes> {
        let request_id = self.fleeting.mint();
        let (like, version) = (self.like, self.like.version_id());
        let marks = (version.as_str(), request_id.as_str());
        let json = |status, mut body: Value| {
            like.body(&mut body);
            rest::response(status, "application/json", marks, body.to_string().into())
        };
        match answer {
            Ok(Reply::Json(status, body)) => json(status, body),
            Ok(Reply::Headed(name, value, body)) => {
                let mut response = json(200, body);
                if let Ok(value) = value.parse() {
                    response.headers_mut().insert(name, value);
                }
                response
            }
            Ok(Reply::Text(text)) => rest::response(200, "text/plain", marks, text.into()),
            Ok(Reply::File(kind, body)) => rest::response(200, &kind, marks, body),
            Ok(Reply::Call(..)) => json(200, Value::Null),
            Err(mut refusal) => {
                refusal.id = like.error(refusal.id);
                let body = refusal.body_bytes(&request_id);
                if !refusal.request_id {
                    return rest::stray(refusal.status, body);
                }
                rest::response(refusal.status, "application/json", marks, body)
            }
        }
    }
}

/// Whether a request may change what outlives the process.
fn lasting(request: &Request<Bytes>) -> bool {
    const READING: [&str; 5] = [
        "/api/v4/users/ids",
        "/api/v4/users/usernames",
        "/api/v4/users/status/ids",
        "/api/v4/posts/ids",
        "/api/v4/actions/dialogs/open",
    ];
    let path = request.uri().path();
    request.method() != Method::GET && !READING.contains(&path) && !path.ends_with("/typing")
}

fn unwritable() -> Refusal {
    let text = "The sandbox can't write its journal.";
    Refusal::new(500, "sandbox.journal.app_error", text)
}
