//! An exchange in plain words: what it was, what proved it, and how it ended.

use serde_json::{Map, Value};

use super::endings;
use super::sent::{envelope, trigger, word};
use crate::Exchange;

/// What is told of an exchange.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What it was: `click`, `slash command`, `REST` …
    pub kind: &'static str,
    /// `done`, `refused`, `failed` or `waiting`.
    pub ending: &'static str,
    /// A sentence or two.
    pub why: String,
    /// What the call carried to prove where it came from.
    pub proofs: Vec<String>,
}

/// Tells of an exchange.
pub(super) fn tell(exchange: &Exchange) -> Told {
    let sent = fields(&exchange.request);
    let kind = if exchange.outbound {
        outbound_kind(&sent)
    } else if exchange.url.starts_with("/hooks/") {
        "answer by hook"
    } else if exchange.url.ends_with("/actions/dialogs/open") {
        "dialog opened"
    } else {
        "REST"
    };
    let (ending, why) = match (exchange.outbound, exchange.status) {
        (true, None) => endings::unanswered(exchange),
        (true, Some(200)) => endings::answered(kind, exchange),
        (true, Some(status)) => endings::refused_by_bot(exchange, &sent, status),
        (false, None) => ("failed", exchange.failure.clone().unwrap_or_default()),
        (false, Some(status)) if status >= 400 => {
            ("refused", endings::refused_by_server(exchange, status))
        }
        (false, Some(_)) => ("done", String::new()),
    };
    let proofs = proofs(exchange, &sent);
    Told {
        kind,
        ending,
        why,
        proofs,
    }
}

/// The fields of a JSON object or of a form.
fn fields(body: &[u8]) -> Map<String, Value> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => map,
        _ => {
            let pairs = url::form_urlencoded::parse(body).into_owned();
            pairs.map(|(key, value)| (key, value.into())).collect()
        }
    }
}

fn outbound_kind(sent: &Map<String, Value>) -> &'static str {
    match word(sent, "type") {
        "dialog_submission" if sent.get("cancelled") == Some(&Value::Bool(true)) => {
            "dialog cancelled"
        }
        "dialog_submission" => "dialog sent",
        "refresh" => "dialog refresh",
        "dialog_lookup" => "dialog lookup",
        "select" => "choice",
        _ if sent.contains_key("trigger_word") => "outgoing webhook",
        _ if sent.contains_key("command") => "slash command",
        _ if sent.contains_key("context") => "click",
        _ => "call",
    }
}

/// What proves to the receiver where a call comes from.
fn proofs(exchange: &Exchange, sent: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    if exchange.outbound && !word(sent, "token").is_empty() {
        found.push("token".to_owned());
    }
    if let Some((user, at)) = trigger(word(sent, "trigger_id")) {
        let own = user == word(sent, "user_id") || !exchange.outbound;
        let whose = if own { "" } else { " of somebody else" };
        let age = (exchange.at - at).max(0);
        found.push(format!("trigger signed{whose} {age} ms before"));
    }
    if let Some(head) = envelope(sent) {
        found.push(format!("envelope {head}"));
    }
    if exchange.by_bot {
        found.push("bot's access token".to_owned());
    }
    found
}
