//! What is left of a frame that can't be read.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::socket::EventName;

/// What can be made of a text that is no frame: enough to go on after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remains {
    /// What happened, if it was an event.
    pub event: Option<EventName>,
    /// Its number.
    pub seq: Option<i64>,
    /// It answers a request, and has no number.
    pub is_reply: bool,
}

#[derive(Deserialize)]
struct Loose {
    event: Option<Value>,
    seq: Option<Value>,
    seq_reply: Option<IgnoredAny>,
    status: Option<IgnoredAny>,
}

impl Remains {
    /// Reads what is there of a head, also where the text is cut off or no JSON.
    pub fn of(text: &str) -> Self {
        match serde_json::from_str::<Loose>(text) {
            Ok(loose) => Self {
                event: loose
                    .event
                    .as_ref()
                    .and_then(Value::as_str)
                    .map(EventName::from),
                seq: loose.seq.as_ref().and_then(Value::as_i64),
                is_reply: loose.event.is_none()
                    && (loose.seq_reply.is_some() || loose.status.is_some()),
            },
            Err(_) => Self {
                event: text.find("\"event\":").and_then(|at| word_at(text, at)),
                seq: text.rfind("\"seq\":").and_then(|at| number_at(text, at)),
                is_reply: false,
            },
        }
    }
}

/// What stands behind a key. Within a text that somebody wrote its quotation marks would be escaped.
fn behind(text: &str, at: usize) -> Option<&str> {
    let (before, key) = text.split_at(at);
    let (_, value) = key.split_once(':')?;
    (!before.ends_with('\\')).then(|| value.trim_start())
}

fn word_at(text: &str, at: usize) -> Option<EventName> {
    let word = behind(text, at)?.strip_prefix('"')?.split_once('"')?.0;
    Some(EventName::from(word))
}

fn number_at(text: &str, at: usize) -> Option<i64> {
    let value = behind(text, at)?;
    let (number, rest) = value.split_at(value.find(|c: char| !c.is_ascii_digit())?);
    rest.trim_start()
        .starts_with(['}', ','])
        .then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::socket::Frame;

    #[test]
    fn of_what_is_no_frame_name_and_number_are_read_where_they_are_there() {
        let read = |text: &str| {
            let Remains {
                event,
                seq,
                is_reply,
            } = Remains::of(text);
            (event.map(|event| event.as_str().to_owned()), seq, is_reply)
        };
        let posted = Some("posted".to_owned());
        for (text, expected) in [
            (
                r#"{"event":"posted","data":{},"broadcast":7,"seq":12}"#,
                (posted.clone(), Some(12), false),
            ),
            (
                r#"{"event":"posted","data":{"post":"a \u00"},"seq": 12}"#,
                (posted.clone(), Some(12), false),
            ),
            (
                r#"{"event":"posted","data":{"post":"{\"seq\":3}"#,
                (posted.clone(), None, false),
            ),
            (
                r#"{"event":"posted","data":{},"seq":1"#,
                (posted, None, false),
            ),
            (r#"{"event":7,"seq":"12"}"#, (None, None, false)),
            (
                r#"{"status":"OK","seq_reply":1,"data":[]}"#,
                (None, None, true),
            ),
            ("nonsense", (None, None, false)),
            ("", (None, None, false)),
        ] {
            assert!(Frame::decode(text).is_err(), "{text}");
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
