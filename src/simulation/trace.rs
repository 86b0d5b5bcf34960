use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use serde_json::Value;

use crate::time::Time;

/// What happened in a chat, line by line, with the virtual time in seconds. Cheap to clone; clones
/// write the same trace.
#[derive(Clone, Debug)]
pub struct Trace {
    time: Time,
    start: i64,
    lines: Rc<RefCell<Vec<String>>>,
    quiet: Rc<Cell<bool>>,
}

impl Trace {
    /// An empty one that begins now.
    pub fn new(time: Time) -> Self {
        let start = time.now().0;
        Self {
            time,
            start,
            lines: Rc::default(),
            quiet: Rc::default(),
        }
    }

    /// Notes nothing from now on, which makes a play much faster. Its seed plays it again, so that a
    /// play that fails can be read all the same.
    pub fn silence(&self) {
        self.quiet.set(true);
    }

    /// Whether lines are kept.
    pub(super) fn listens(&self) -> bool {
        !self.quiet.get()
    }

    /// Adds a line.
    pub fn note(&self, line: impl fmt::Display) {
        if self.quiet.get() {
            return;
        }
        let since = self.time.now().0 - self.start;
        let (seconds, millis) = (since / 1_000, since % 1_000);
        let line = format!("{seconds:5}.{millis:03} {line}");
        tracing::info!("{line}");
        self.lines.borrow_mut().push(line);
    }

    /// All lines.
    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines.borrow().iter() {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

/// What a body says, cut to a line; envelopes are random and long, so messages only.
pub(super) fn shown(body: &[u8]) -> String {
    const TELLING: [&str; 6] = [
        "message",
        "command",
        "text",
        "ephemeral_text",
        "error",
        "update",
    ];
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = TELLING.iter().filter_map(|key| match body.get(key)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.get("message")?.as_str()?.to_owned()),
    });
    let said: Vec<String> = said.filter(|text| !text.is_empty()).collect();
    format!(
        "{:?}",
        said.join(" | ").chars().take(120).collect::<String>()
    )
}
