use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;

use super::callers::Stranger;
use crate::sentences::outdated;
use crate::sentences::typed::with_command;
use crate::telemetry::{self, names};
use crate::time::{Instant, instant};

/// For how long lines are counted.
const WHILE: Duration = Duration::from_secs(60);
/// So many lines of one reason are logged meanwhile: a flood must not fill the disk.
const LINES: u64 = 20;
/// How much of a path is logged: callers choose it.
const PATH: usize = 100;

/// Why a call gets no answer of a skill.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A body that isn't what the door takes.
    Broken(String),
    /// The wrong content type.
    MediaType,
    /// A body over the limit.
    TooLarge,
    /// A large body where others take all the room.
    NoRoom,
    /// A body that doesn't come.
    TooSlow,
    /// No POST.
    Method(String),
    /// There is no such door.
    NoDoor,
    /// No right to be here.
    Stranger(Stranger),
    /// A button or form of ours that is too old; the person reads the sentence.
    Expired(&'static str),
    /// A command whose signature proves too little; the person reads the sentence.
    Unproven {
        sentence: String,
        /// Why Mattermost couldn't be asked.
        why: Option<String>,
    },
    /// A menu never offered what was chosen; the person reads a sentence.
    NotOffered,
    /// Nothing to do, and nothing wrong.
    Nothing,
}

impl From<Stranger> for Refusal {
    fn from(stranger: Stranger) -> Self {
        Self::Stranger(stranger)
    }
}

impl Refusal {
    /// The person reads below the sentence what they typed, which Mattermost doesn't show any more.
    pub fn with_command(self, trigger: &str, text: &str) -> Self {
        match self {
            Self::Unproven { sentence, why } => Self::Unproven {
                sentence: with_command(sentence, trigger, text),
                why,
            },
            other => other,
        }
    }

    /// What the caller gets. Mattermost shows people nothing but status 200.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Broken(_) => StatusCode::BAD_REQUEST,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoDoor => StatusCode::NOT_FOUND,
            Self::Stranger(_) => StatusCode::UNAUTHORIZED,
            Self::Expired(_) | Self::Unproven { .. } | Self::NotOffered | Self::Nothing => {
                StatusCode::OK
            }
        }
    }

    /// What the person reads, where it is one that may call.
    pub fn sentence(&self) -> Option<&str> {
        match self {
            Self::Expired(text) => Some(text),
            Self::Unproven { sentence, .. } => Some(sentence),
            Self::NotOffered => Some(outdated::NOT_OFFERED),
            _ => None,
        }
    }

    /// The label of the counter.
    fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::Broken(_) => "body",
            Self::MediaType => "media_type",
            Self::TooLarge => "size",
            Self::NoRoom => "room",
            Self::TooSlow => "slow",
            Self::Method(_) => "method",
            Self::NoDoor => "path",
            Self::Stranger(stranger) => stranger.reason(),
            Self::Expired(_) => "expired",
            Self::Unproven { .. } => "unproven",
            Self::NotOffered => "option",
            Self::Nothing => return None,
        })
    }

    fn log(&self, path: &str, reason: &str) {
        let path: String = path.chars().take(PATH).collect();
        match self {
            Self::Broken(error) => {
                let error = telemetry::short(error);
                tracing::warn!(path, %error, "a body that can't be read");
            }
            Self::MediaType => tracing::warn!(path, "a body of the wrong content type"),
            Self::TooLarge => tracing::warn!(path, "a body over the limit"),
            Self::NoRoom => tracing::warn!(path, "a large body, while too many others are read"),
            Self::TooSlow => tracing::warn!(path, "a body that doesn't come"),
            Self::Method(method) => {
                let method = telemetry::short(method);
                tracing::warn!(path, %method, "a call that is no POST");
            }
            Self::NoDoor => tracing::warn!(path, "a call where there is no door"),
            Self::Stranger(stranger) => {
                let reason: &dyn Display = stranger;
                tracing::warn!(path, %reason, "a call that proves no right to be here");
            }
            Self::Expired(_) | Self::NotOffered => {
                tracing::info!(path, reason, "a call that comes too late or chooses freely");
            }
            Self::Unproven { why, .. } => {
                tracing::info!(
                    path,
                    why,
                    "a command without a token, where it can't be checked"
                );
            }
            Self::Nothing => {}
        }
    }
}

/// All refusals: each one counted, and as many logged as anybody would read. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<BTreeMap<&'static str, Tally>>>);

#[derive(Debug)]
struct Tally {
    since: Instant,
    calls: u64,
}

impl Refusals {
    /// A call is turned away.
    pub(super) fn note(&self, path: &str, refusal: &Refusal) {
        let Some(reason) = refusal.reason() else {
            return;
        };
        metrics::counter!(names::REFUSED, "reason" => reason).increment(1);
        if self.may_log(reason) {
            refusal.log(path, reason);
        }
    }

    /// Says how many weren't logged one by one, once a while is over.
    pub fn sum_up(&self) {
        self.lock().retain(|reason, tally| !tally.ends(reason));
    }

    fn may_log(&self, reason: &'static str) -> bool {
        let mut tallies = self.lock();
        if tallies.get(reason).is_some_and(|tally| tally.ends(reason)) {
            tallies.remove(reason);
        }
        let fresh = || Tally {
            since: instant(),
            calls: 0,
        };
        let tally = tallies.entry(reason).or_insert_with(fresh);
        tally.calls += 1;
        tally.calls <= LINES
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Tally>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    /// Whether its time is over; then what it left out is logged.
    fn ends(&self, reason: &str) -> bool {
        if self.since.elapsed() < WHILE {
            return false;
        }
        let more = self.calls.saturating_sub(LINES);
        if more > 0 {
            tracing::warn!(reason, more, "more calls were turned away for this reason");
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::time::sleep;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Log {
        fn lines(&self) -> Vec<String> {
            let text = std::mem::take(&mut *self.0.lock().unwrap());
            let text = String::from_utf8(text).unwrap();
            text.lines().map(str::to_owned).collect()
        }

        fn install(&self) -> tracing::subscriber::DefaultGuard {
            let log = self.clone();
            let lines = tracing_subscriber::fmt().with_writer(move || log.clone());
            tracing::subscriber::set_default(lines.with_ansi(false).finish())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_has_a_few_lines_and_a_sum_and_hides_nothing_else() {
        let (refusals, log) = (Refusals::default(), Log::default());
        let _installed = log.install();
        for _ in 0..300_000 {
            refusals.note("/slash", &Stranger::Token.into());
        }
        refusals.note("/actions", &Refusal::NotOffered);
        let lines = log.lines();
        assert_eq!(lines.len() as u64, LINES + 1);
        assert!(lines[LINES as usize].contains("option"), "{lines:?}");
        refusals.sum_up();
        assert!(log.lines().is_empty(), "the minute isn't over");
        sleep(WHILE).await;
        refusals.sum_up();
        let lines = log.lines();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains("token") && lines[0].contains("more=299980"));
        refusals.note("/slash", &Stranger::Token.into());
        assert_eq!(log.lines().len(), 1, "the next ones are logged again");
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_is_not_repeated_at_length() {
        let (refusals, log) = (Refusals::default(), Log::default());
        let _installed = log.install();
        let long = format!("invalid type: string \"{}\"", "é\n".repeat(500_000));
        refusals.note("/dialogs", &Refusal::Broken(long.clone()));
        refusals.note("/dialogs", &Refusal::Method(long));
        let lines = log.lines();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines.iter().all(|line| line.chars().count() < 500),
            "{lines:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_path_is_cut_for_callers_choose_it() {
        let (refusals, log) = (Refusals::default(), Log::default());
        let _installed = log.install();
        refusals.note(&format!("/{}", "x".repeat(50_000)), &Refusal::NoDoor);
        assert!(log.lines()[0].len() < 300);
    }
}
