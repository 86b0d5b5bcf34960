//! Frames of WebSockets: the same events and replies in the same order with the same keys.
//!
//! `status_change` alone is left out: the server tells it when its own timers say so, late,
//! twice or, where a socket follows another one, not at all. (Two recordings of the same steps
//! differ in nothing else.)

use std::collections::BTreeSet;

use mattermost_sandbox::Frame;
use serde_json::Value;

use super::shapes::shape;
use super::stage::Stage;

/// What is compared of a frame; none for what is left out.
fn line(text: &str) -> Option<String> {
    let frame: Value = serde_json::from_str(text).unwrap();
    let Some(event) = frame["event"].as_str() else {
        let error = frame["error"]["id"].as_str().unwrap_or("");
        let data = keys(&frame["data"], "data");
        let (status, reply) = (&frame["status"], &frame["seq_reply"]);
        return Some(format!("reply {reply} {status} {error} {data:?}"));
    };
    let data = keys(&frame["data"], "");
    let broadcast: Vec<String> = frame["broadcast"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            let set = !(value.is_null() || value == "");
            format!("{key}{}", if set { "!" } else { "" })
        })
        .collect();
    (event != "status_change").then(|| format!("{event} {data:?} to {broadcast:?}"))
}

/// The keys of data, also within its strings of JSON.
fn keys(data: &Value, at: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    shape(data, at, &mut keys);
    for (key, value) in data.as_object().into_iter().flatten() {
        if let Some(text) = value.as_str()
            && let Ok(inner @ Value::Object(_)) = serde_json::from_str(text)
        {
            shape(&inner, key, &mut keys);
        }
    }
    keys
}

/// Checks that events are numbered one by one from `first` on.
fn numbered(ours: &[Frame], first: i64) -> Option<String> {
    let mut next = first;
    for frame in ours {
        let Frame::Text(text) = frame else { continue };
        let frame: Value = serde_json::from_str(text).unwrap();
        let Some(seq) = frame["seq"].as_i64() else {
            continue;
        };
        if seq != next {
            return Some(format!("{} has number {seq}, not {next}", frame["event"]));
        }
        next += 1;
    }
    None
}

/// The number of the first event.
pub fn first(ours: &[Frame]) -> i64 {
    let mut texts = ours.iter().filter_map(|frame| match frame {
        Frame::Text(text) => serde_json::from_str::<Value>(text).ok(),
        _ => None,
    });
    texts.find_map(|frame| frame["seq"].as_i64()).unwrap_or(0)
}

/// What stands in only one of two lines.
fn words(ours: &str, theirs: &str) -> String {
    let set = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let (ours, theirs) = (set(ours), set(theirs));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
        a.difference(b).cloned().collect::<Vec<_>>().join(" ")
    };
    format!(
        "{} instead of {}",
        only(&ours, &theirs),
        only(&theirs, &ours)
    )
}

/// How many recorded frames there are to compare.
pub struct Share {
    pub agreed: usize,
    pub all: usize,
}

impl Share {
    pub fn none() -> Self {
        Self { agreed: 0, all: 0 }
    }
}

/// Compares what a socket got with what was recorded; `first` is the number of our first event.
pub fn compare(
    stage: &mut Stage,
    (name, first): (&str, i64),
    recorded: &[Value],
    ours: &[Frame],
    share: &mut Share,
) {
    let theirs = recorded
        .iter()
        .filter_map(|frame| frame["received"].as_str());
    let theirs: Vec<String> = theirs.filter_map(line).collect();
    let texts = ours.iter().filter_map(|frame| match frame {
        Frame::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let got: Vec<String> = texts.filter_map(line).collect();
    share.all += theirs.len();
    if let Some(wrong) = numbered(ours, first) {
        stage.disagree("frames", name, wrong);
    }
    for (at, line) in theirs.iter().enumerate() {
        if got.get(at) == Some(line) {
            share.agreed += 1;
        } else {
            let ours = got.get(at).map_or("nothing", String::as_str);
            let why = format!("{at}: {}", words(ours, line));
            stage.disagree("frames", name, why);
        }
    }
    for extra in got.iter().skip(theirs.len()) {
        stage.disagree("frames", name, format!("unexpected {extra}"));
    }
}
