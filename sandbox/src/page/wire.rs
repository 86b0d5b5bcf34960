//! What crossed the wire between server and bot, as JSON for the page's drawer.

use serde_json::{Value, json};

use super::words;
use crate::Exchange;

/// The most that is shown of a body, in bytes.
const SHOWN: usize = 16 * 1024;

/// The exchanges between server and bot among these, oldest first, and the calls under way.
pub(super) fn shown(exchanges: &[Exchange], open: &[Exchange]) -> Value {
    let last = exchanges.last().map(|exchange| exchange.number);
    let between = exchanges.iter().filter(|exchange| exchange.concerns_bot());
    json!({
        "last": last, "exchanges": between.map(one).collect::<Vec<_>>(),
        "open": open.iter().map(one).collect::<Vec<_>>(),
    })
}

fn one(exchange: &Exchange) -> Value {
    let told = words::tell(exchange);
    json!({
        "number": exchange.number, "at": exchange.at, "took": exchange.took,
        "outbound": exchange.outbound, "caller": exchange.caller,
        "method": exchange.method, "url": hidden(&exchange.url),
        "status": exchange.status, "failure": exchange.failure,
        "kind": told.kind, "ending": told.ending, "why": told.why, "proofs": told.proofs,
        "request": body(&exchange.request), "response": body(&exchange.response),
        "response_type": exchange.content_type,
    })
}

/// A body as text, without secrets; what is no text is only counted.
fn body(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= SHOWN => hidden(text),
        Ok(text) => {
            let end = text.floor_char_boundary(SHOWN);
            format!("{} … ({} bytes in all)", hidden(&text[..end]), text.len())
        }
        Err(_) => format!("({} bytes)", bytes.len()),
    }
}

/// Tokens without all but their ends: people share what they see.
fn hidden(text: &str) -> String {
    const MARKS: [&str; 3] = ["\"token\":\"", "token=", "\"token\": \""];
    let mut out = text.to_owned();
    for mark in MARKS {
        let mut from = 0;
        while let Some(at) = out[from..].find(mark).map(|at| from + at) {
            let start = at + mark.len();
            let rest = &out[start..];
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            if end > 4 {
                out.replace_range(start..start + end - 4, "…");
            }
            from = start;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_shown_by_their_ends_only() {
        let form = "text=hi&token=abcdefghijklmnopqrstuvwxyz&user_id=u";
        assert_eq!(hidden(form), "text=hi&token=…wxyz&user_id=u");
        let json = r#"{"token":"abcdefghij","x":1}"#;
        assert_eq!(hidden(json), r#"{"token":"…ghij","x":1}"#);
        assert_eq!(hidden("token=…wxyz token="), "token=…wxyz token=");
    }

    #[test]
    fn long_bodies_are_cut_between_letters() {
        let long = "ü".repeat(SHOWN);
        assert!(body(long.as_bytes()).ends_with("bytes in all)"));
        assert_eq!(body(&[0xff, 0xfe]), "(2 bytes)");
    }
}
