use std::time::Duration;

use serde::Serialize;

use crate::actors::Health;
use crate::telemetry::names;
use crate::time::{Instant, instant};

/// A connection that is there again within this time is no problem for anybody.
const BRIEF: Duration = Duration::from_secs(10);

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
pub(super) struct Connections {
    phase: Phase,
    since: Instant,
    /// Since when nothing is heard.
    deaf: Option<Instant>,
    /// The token is refused: nothing is heard before somebody does something.
    pub refused: bool,
    /// Somebody else answers at Mattermost's address: somebody may have to do something.
    pub foreign: bool,
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
pub(super) struct Status<'a> {
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

/// What comes by it counts where it is taken in.
impl Health for Status<'_> {
    fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            phase: Phase::Waiting,
            since: instant(),
            deaf: Some(instant()),
            refused: false,
            foreign: false,
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

impl Connections {
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The connection is in another phase now.
    pub fn enter(&mut self, phase: Phase) {
        (self.phase, self.since) = (phase, instant());
        self.deaf = match phase {
            Phase::Ready => None,
            _ => self.deaf.or(Some(self.since)),
        };
        self.refused &= phase != Phase::Ready;
        self.foreign &= phase != Phase::Ready;
        let listens = if self.deaf.is_none() { 1.0 } else { 0.0 };
        metrics::gauge!(names::LISTENING).set(listens);
    }

    /// Why nothing is heard, if it isn't for a moment only.
    fn problems(&self) -> Vec<String> {
        let age = self.deaf.map(|since| since.elapsed());
        let stopped = self.phase == Phase::Stopped;
        let at_once = self.refused || self.foreign;
        let age = age.filter(|age| !stopped && (at_once || *age > BRIEF));
        let sentence = age.map(|age| {
            let (age, error) = (age.as_secs(), self.error.as_deref());
            let error = error.unwrap_or("it has not answered yet");
            format!(
                "Mattermost isn't heard for {age} s: {error}. What is posted meanwhile is handled when it is heard again"
            )
        });
        sentence.into_iter().collect()
    }

    /// For a probe: ages in milliseconds.
    pub fn status(&self, by_challenge: bool) -> Status<'_> {
        let age = |at: Instant| at.elapsed().as_millis();
        Status {
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
