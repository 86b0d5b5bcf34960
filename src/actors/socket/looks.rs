use serde::Serialize;

use crate::time::{Instant, instant};

/// How far the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Phase {
    Waiting,
    Connecting,
    Open,
    Ready,
    Stopped,
}

/// What is known of the connections so far.
pub(super) struct State {
    pub phase: Phase,
    pub since: Instant,
    pub frame: Option<Instant>,
    pub event: Option<Instant>,
    pub fresh: u64,
    pub resumed: u64,
    pub failed: u64,
    pub malformed: u64,
    pub error: Option<String>,
}

/// As a probe sees it.
#[derive(Serialize)]
pub(super) struct Looks<'a> {
    phase: Phase,
    connected: bool,
    ready: bool,
    since_ms: u128,
    last_frame_ms: Option<u128>,
    last_event_ms: Option<u128>,
    fresh: u64,
    resumed: u64,
    reconnects: u64,
    failed: u64,
    malformed: u64,
    by_challenge: bool,
    last_error: Option<&'a str>,
    problems: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            phase: Phase::Waiting,
            since: instant(),
            frame: None,
            event: None,
            fresh: 0,
            resumed: 0,
            failed: 0,
            malformed: 0,
            error: None,
        }
    }
}

impl State {
    /// Why nothing is heard, if it isn't.
    fn problems(&self) -> Vec<String> {
        let deaf = matches!(self.phase, Phase::Waiting | Phase::Connecting);
        let why = self.error.as_deref().unwrap_or("no connection yet");
        let sentence = deaf.then(|| format!("the WebSocket is not connected: {why}"));
        sentence.into_iter().collect()
    }

    /// For a probe: ages in milliseconds.
    pub fn looks(&self, by_challenge: bool) -> Looks<'_> {
        let age = |at: Instant| at.elapsed().as_millis();
        Looks {
            phase: self.phase,
            connected: matches!(self.phase, Phase::Open | Phase::Ready),
            ready: self.phase == Phase::Ready,
            since_ms: age(self.since),
            last_frame_ms: self.frame.map(age),
            last_event_ms: self.event.map(age),
            fresh: self.fresh,
            resumed: self.resumed,
            reconnects: (self.fresh + self.resumed).saturating_sub(1),
            failed: self.failed,
            malformed: self.malformed,
            by_challenge,
            last_error: self.error.as_deref(),
            problems: self.problems(),
        }
    }
}
