//! An exchange in plain words: what it was, how it ended, and why a button did nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::sandbox::Exchange;

/// What is told of an exchange.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What it was: `click`, `slash command`, `REST` …
    pub kind: &'static str,
    /// `done`, `refused` or `failed`.
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
        (true, None) => ("failed", unanswered(exchange)),
        (true, Some(200)) => answered(kind, exchange),
        (true, Some(status)) => refused_by_bot(exchange, &sent, status),
        (false, None) => ("failed", exchange.failure.clone().unwrap_or_default()),
        (false, Some(status)) if status >= 400 => ("refused", refused_by_server(exchange, status)),
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

fn word<'a>(map: &'a Map<String, Value>, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or("")
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

fn unanswered(exchange: &Exchange) -> String {
    let why = exchange.failure.as_deref().unwrap_or("no answer");
    format!("The bot did not answer: {why}. Is it running, and is this its address?")
}

/// What an answer with status 200 does.
fn answered(kind: &str, exchange: &Exchange) -> (&'static str, String) {
    let body = &exchange.response;
    if body.is_empty() {
        return ("done", "The bot took it and answered nothing.".into());
    }
    let plain = kind == "slash command" && !exchange.content_type.starts_with("application/json");
    if plain {
        return ("done", "Plain text: shown to this person only.".into());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => ("done", effect(kind, &map)),
        Ok(Value::Null) => ("done", "The bot took it and answered nothing.".into()),
        Ok(_) => ("failed", "The answer is no JSON object: ignored.".into()),
        Err(error) => ("failed", format!("The answer is no JSON: {error}.")),
    }
}

fn effect(kind: &str, answer: &Map<String, Value>) -> String {
    let mut said = Vec::new();
    if answer.get("update").is_some_and(Value::is_object) {
        said.push("The post was replaced.".to_owned());
    }
    for key in ["ephemeral_text", "text"] {
        let text = word(answer, key);
        if !text.is_empty() {
            let all = word(answer, "response_type") == "in_channel";
            let whom = if all { "Everybody" } else { "This person" };
            said.push(format!("{whom} reads: “{}”", shortened(text)));
        }
    }
    if !word(answer, "error").is_empty() {
        said.push(format!(
            "The form shows: “{}”",
            shortened(word(answer, "error"))
        ));
    }
    if let Some(errors) = answer.get("errors").and_then(Value::as_object) {
        let names: Vec<_> = errors.keys().map(String::as_str).collect();
        if !names.is_empty() {
            said.push(format!("The form shows errors at: {}.", names.join(", ")));
        }
    }
    if answer.get("form").is_some_and(Value::is_object) {
        said.push("The form goes on with another one.".to_owned());
    }
    if said.is_empty() {
        said.push(match kind {
            "click" | "choice" => "The bot took it, and this answer changes nothing: what follows \
                                   comes by a call of its own."
                .to_owned(),
            "dialog sent" => "The bot took it, and the form closes.".to_owned(),
            _ => "The bot took it and answered nothing to show.".to_owned(),
        });
    }
    said.join(" ")
}

fn shortened(text: &str) -> String {
    let mut letters = text.chars();
    let head: String = letters.by_ref().take(120).collect();
    if letters.next().is_some() {
        head + "…"
    } else {
        head
    }
}

/// A bot doesn't say why it refuses; what the call carried tells most of it.
fn refused_by_bot(
    exchange: &Exchange,
    sent: &Map<String, Value>,
    status: u16,
) -> (&'static str, String) {
    let why = match status {
        401 | 403 => format!(
            "The bot doesn't take this call as genuine. {}",
            suspicion(exchange, sent)
        ),
        400 => "The bot can't read this body.".to_owned(),
        404 => "The bot has no such door: is this its address?".to_owned(),
        413 => "The bot finds this body too large.".to_owned(),
        415 => "The bot doesn't take this content type.".to_owned(),
        500.. => "The bot failed: see its log.".to_owned(),
        _ => "Only status 200 counts for a Mattermost server.".to_owned(),
    };
    let said = String::from_utf8_lossy(&exchange.response);
    let said = said.trim();
    let why = if said.is_empty() {
        why
    } else {
        format!("{why} It says: “{}”", shortened(said))
    };
    ("refused", why)
}

/// What is odd about a call that a bot refused.
fn suspicion(exchange: &Exchange, sent: &Map<String, Value>) -> String {
    let trigger = trigger(word(sent, "trigger_id"));
    if let Some((user, at)) = &trigger {
        if !word(sent, "user_id").is_empty() && user != word(sent, "user_id") {
            return "Its trigger was signed for another person.".into();
        }
        if (exchange.at - at).abs() > 30_000 {
            return "Its trigger is older than 30 s.".into();
        }
    }
    let dialog = word(sent, "type").starts_with("dialog") || word(sent, "type") == "refresh";
    if (sent.contains_key("context") || dialog) && envelope(sent).is_none() {
        return "It carries no envelope: the bot did not make this button or form.".into();
    }
    if sent.contains_key("context") || dialog {
        return "Its envelope is likely of another installation or key, altered, or moved to \
                another channel or person; the bot's log names which."
            .into();
    }
    "Its token is likely not the one that the bot was given; the bot's log says.".into()
}

fn refused_by_server(exchange: &Exchange, status: u16) -> String {
    let Ok(Value::Object(error)) = serde_json::from_slice(&exchange.response) else {
        let said = String::from_utf8_lossy(&exchange.response);
        return format!("Status {status}: {}", shortened(said.trim()));
    };
    let detail = word(&error, "detailed_error");
    let detail = if detail.is_empty() {
        String::new()
    } else {
        format!(" ({})", shortened(detail))
    };
    format!(
        "{}{detail} [{}]",
        word(&error, "message"),
        word(&error, "id")
    )
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

/// Version and key of the bot's own seal: `m1.KEY`, never what is in it.
fn envelope(sent: &Map<String, Value>) -> Option<String> {
    let context = sent
        .get("context")
        .and_then(|context| context["envelope"].as_str());
    let sealed = context.or_else(|| sent.get("state").and_then(Value::as_str))?;
    let mut parts = sealed.split('.');
    let (version, key) = (parts.next()?, parts.next()?);
    (version == "m1" && parts.count() == 2).then(|| format!("{version}.{key}"))
}

/// The user and time (milliseconds since 1970) in a trigger id.
fn trigger(id: &str) -> Option<(String, i64)> {
    let text = String::from_utf8(STANDARD.decode(id).ok()?).ok()?;
    let mut parts = text.split(':').skip(1);
    let user = parts.next()?.to_owned();
    Some((user, parts.next()?.parse().ok()?))
}
