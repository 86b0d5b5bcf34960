//! How an exchange ended, in plain words: why a button did nothing.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::sent::{envelope, trigger, word};
use crate::{Exchange, MAX_ANSWER};

/// What an exchange came to, and a sentence or two about it.
type Ending = (&'static str, String);

/// No answer: not yet, or none at all.
pub(super) fn unanswered(exchange: &Exchange) -> Ending {
    let Some(why) = exchange.failure.as_deref() else {
        return ("waiting", "The bot has not answered yet.".into());
    };
    let advice = if why.contains("refused") {
        "Nothing listens there: is the bot running, and is this its address?"
    } else if why.contains("lookup") || why.contains("dns") {
        "No machine has this name: is this the bot's address?"
    } else if why.contains("no answer within") {
        "Answer at once, and send what takes longer by a call of its own."
    } else if why.contains("before message completed") || why.contains("reset") {
        "The bot closed the connection: did it crash? See its log."
    } else {
        "Is the bot running, and is this its address?"
    };
    ("failed", format!("The bot did not answer: {why}. {advice}"))
}

/// What an answer with status 200 does.
pub(super) fn answered(kind: &str, exchange: &Exchange) -> Ending {
    let body = &exchange.response;
    let parsed = serde_json::from_slice(body);
    if body.is_empty() || matches!(parsed, Ok(Value::Null)) {
        return ("done", "The bot took it and answered nothing.".into());
    }
    if kind == "slash command" && !exchange.content_type.starts_with("application/json") {
        return ("done", plain(&exchange.content_type, parsed.is_ok()));
    }
    match parsed {
        Ok(Value::Object(map)) => effect(kind, &map),
        Ok(_) => ("failed", "The answer is no JSON object: ignored.".into()),
        Err(_) if body.len() > MAX_ANSWER => (
            "failed",
            "The answer is longer than 1 MiB, and cut off there.".into(),
        ),
        Err(error) => ("failed", format!("The answer is no JSON: {error}.")),
    }
}

/// Only the content type makes a slash command's answer JSON, which authors forget.
fn plain(content_type: &str, json: bool) -> String {
    let shown = "Plain text: shown to this person only.";
    if json {
        let kind = if content_type.is_empty() {
            "missing"
        } else {
            content_type
        };
        format!("{shown} For JSON the content type must be application/json; it is {kind}.")
    } else {
        shown.to_owned()
    }
}

fn effect(kind: &str, answer: &Map<String, Value>) -> Ending {
    if answer
        .get("update")
        .is_some_and(|update| !update.is_object() && !update.is_null())
    {
        let why = "“update” is no post, so the whole answer counts for nothing.";
        return ("failed", why.into());
    }
    let mut said = effects(answer);
    if kind == "dialog lookup" {
        let items = answer.get("items").and_then(Value::as_array);
        said.push(match items {
            Some(items) => format!("{} to choose from.", counted(items.len(), "option")),
            None => "No options: they would be in “items”.".to_owned(),
        });
    }
    if said.is_empty() {
        said.push(nothing(kind).to_owned());
    }
    said.extend(unknown(kind, answer));
    ("done", said.join(" "))
}

/// What people see of an answer.
fn effects(answer: &Map<String, Value>) -> Vec<String> {
    let mut said = Vec::new();
    if answer.get("update").is_some_and(Value::is_object) {
        said.push("The post was replaced.".to_owned());
    }
    let all = word(answer, "response_type") == "in_channel";
    let whom = if all { "Everybody" } else { "This person" };
    for key in ["ephemeral_text", "text"] {
        let text = word(answer, key);
        if !text.is_empty() {
            said.push(format!("{whom} reads: “{}”", shortened(text)));
        }
    }
    if let Some(cards) = answer.get("attachments").and_then(Value::as_array) {
        said.push(format!(
            "{whom} sees {}.",
            counted(cards.len(), "attachment")
        ));
    }
    let error = word(answer, "error");
    if !error.is_empty() {
        said.push(format!("The form shows: “{}”", shortened(error)));
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
    said
}

fn counted(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

fn nothing(kind: &str) -> &'static str {
    match kind {
        "click" | "choice" => {
            "The bot took it, and this answer changes nothing: what follows comes by a call of \
             its own."
        }
        "dialog sent" => "The bot took it, and the form closes.",
        _ => "The bot took it and answered nothing to show.",
    }
}

/// Fields that no server reads: mistyped ones look like an answer, and do nothing.
fn unknown(kind: &str, answer: &Map<String, Value>) -> Option<String> {
    let known: &[&str] = match kind {
        "click" | "choice" => &["update", "ephemeral_text", "skip_slack_parsing"],
        "dialog sent" | "dialog refresh" | "dialog cancelled" => {
            &["error", "errors", "type", "form"]
        }
        "dialog lookup" => &["items", "error"],
        "slash command" | "outgoing webhook" => &[
            "response_type",
            "text",
            "username",
            "channel_id",
            "icon_url",
            "type",
            "props",
            "goto_location",
            "trigger_id",
            "skip_slack_parsing",
            "attachments",
            "extra_responses",
            "priority",
        ],
        _ => return None,
    };
    let odd: Vec<_> = answer
        .keys()
        .filter(|key| !known.contains(&key.as_str()))
        .map(|key| format!("“{}”", shortened(key)))
        .collect();
    (!odd.is_empty()).then(|| format!("The server ignores {}.", odd.join(", ")))
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
pub(super) fn refused_by_bot(
    exchange: &Exchange,
    sent: &Map<String, Value>,
    status: u16,
) -> Ending {
    let why: Cow<'_, str> = match status {
        401 | 403 => format!(
            "The bot doesn't take this call as genuine. {}",
            suspicion(exchange, sent)
        )
        .into(),
        400 => "The bot can't read this body.".into(),
        404 => "The bot has no such door: is this its address?".into(),
        413 => "The bot finds this body too large.".into(),
        415 => "The bot doesn't take this content type.".into(),
        500.. => "The bot failed: see its log.".into(),
        _ => "Only status 200 counts for a Mattermost server.".into(),
    };
    let said = String::from_utf8_lossy(&exchange.response);
    let said = said.trim();
    let why = if said.is_empty() {
        why.into_owned()
    } else {
        format!("{why} It says: “{}”", shortened(said))
    };
    ("refused", why)
}

/// What is odd about a call that a bot refused.
fn suspicion(exchange: &Exchange, sent: &Map<String, Value>) -> &'static str {
    let trigger = trigger(word(sent, "trigger_id"));
    if let Some((user, at)) = &trigger {
        if !word(sent, "user_id").is_empty() && user != word(sent, "user_id") {
            return "Its trigger was signed for another person.";
        }
        if (exchange.at - at).abs() > 30_000 {
            return "Its trigger is older than 30 s.";
        }
    }
    let dialog = word(sent, "type").starts_with("dialog") || word(sent, "type") == "refresh";
    if (sent.contains_key("context") || dialog) && envelope(sent).is_none() {
        return "It carries no envelope: the bot did not make this button or form.";
    }
    if sent.contains_key("context") || dialog {
        return "Its envelope is likely of another installation or key, altered, or moved to \
                another channel or person; the bot's log names which.";
    }
    "Its token is likely not the one that the bot was given; the bot's log says."
}

pub(super) fn refused_by_server(exchange: &Exchange, status: u16) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A call to the bot that was answered with this.
    fn call(content_type: &str, answer: &str) -> Exchange {
        Exchange {
            number: 1,
            at: 0,
            took: 1,
            outbound: true,
            caller: None,
            by_bot: false,
            method: "POST".into(),
            url: "http://127.0.0.1:9/".into(),
            request: "{}".into(),
            status: Some(200),
            content_type: content_type.into(),
            response: answer.to_owned().into(),
            failure: None,
        }
    }

    fn told(kind: &str, answer: &str) -> String {
        answered(kind, &call("application/json", answer)).1
    }

    #[test]
    fn fields_that_no_server_reads_are_named() {
        let said = told("click", r#"{"updated": {}, "ephemeral_text": "hi"}"#);
        assert_eq!(
            said,
            "This person reads: “hi” The server ignores “updated”."
        );
        let said = told("dialog lookup", r#"{"options": []}"#);
        assert!(said.contains("would be in “items”"), "{said}");
        let said = told(
            "dialog lookup",
            r#"{"items": [{"text": "a", "value": "b"}]}"#,
        );
        assert_eq!(said, "1 option to choose from.");
    }

    #[test]
    fn an_answer_that_counts_for_nothing_has_failed() {
        for answer in ["[1]", "<html>", r#"{"update": "text"}"#] {
            let exchange = call("application/json", answer);
            assert_eq!(answered("click", &exchange).0, "failed", "{answer}");
        }
        let long = format!("{{\"text\": \"{}\"}}", "x".repeat(MAX_ANSWER));
        let cut = &long[..MAX_ANSWER + 1];
        assert!(told("click", cut).contains("longer than 1 MiB"));
    }

    #[test]
    fn json_that_is_sent_as_text_is_pointed_out() {
        let exchange = call("text/plain", r#"{"text": "hi"}"#);
        let (ending, said) = answered("slash command", &exchange);
        assert_eq!(ending, "done");
        assert!(said.contains("must be application/json"), "{said}");
    }

    #[test]
    fn each_way_of_not_answering_has_its_own_advice() {
        let mut exchange = call("", "");
        let mut say = |failure: Option<&str>| {
            exchange.failure = failure.map(str::to_owned);
            unanswered(&exchange)
        };
        assert_eq!(say(None).0, "waiting");
        for (failure, advice) in [
            ("Connection refused (os error 111)", "Nothing listens"),
            (
                "failed to lookup address information",
                "No machine has this name",
            ),
            ("no answer within 30 s", "Answer at once"),
            (
                "connection closed before message completed",
                "closed the connection",
            ),
            ("something else", "Is the bot running"),
        ] {
            let (ending, said) = say(Some(failure));
            assert!(ending == "failed" && said.contains(advice), "{said}");
        }
    }
}
