//! The settings: `config/default.toml` < file < `.env` < environment, checked once, all at once.
//!
//! [`Settings::load`] depends on its arguments and the files that they name alone, so a test
//! passes an environment instead of changing that of the process.

mod address;
mod callers;
mod check;
mod dotenv;
pub mod duration;
mod error;
mod layers;
mod log;
mod mixups;
mod names;
mod reader;
mod secrets;
mod shown;
mod skills;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use error::SettingsError;
pub use skills::Skills;

use reader::Reader;

/// Where settings come from.
#[derive(Clone, Default)]
pub struct Options {
    /// The file given by `--config`; it must exist.
    pub config: Option<PathBuf>,
    /// A file of `NAME=value` lines; it may be missing.
    pub dotenv: Option<PathBuf>,
    /// The environment, as a plain map.
    pub env: HashMap<String, String>,
}

/// All settings. `Debug` prints no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server, and how we prove to it who we are.
    pub mattermost: Mattermost,
    /// The doors for Mattermost's calls.
    pub hooks: Hooks,
    /// health and metrics.
    pub admin: Admin,
    /// What outlives a restart.
    pub store: StoreAt,
    /// Bounds on time and number.
    pub limits: Limits,
    /// The WebSocket to Mattermost.
    pub socket: Socket,
    /// How fast we call Mattermost.
    pub posting: Posting,
    /// The logs.
    pub log: Log,
    /// Which skills are on, and their own tables.
    pub skills: Skills,
    /// Sentences about what works but may surprise; for the log, once logs are on.
    pub warnings: Vec<String>,
}

/// The section `[mattermost]`.
#[derive(Debug, Clone)]
pub struct Mattermost {
    /// The server as we reach it. Its path ends in `/`, so `url.join("api/v4/…")` keeps a sub-path.
    pub url: Url,
    /// The bot account's access token; without it only slash commands, outgoing webhooks and
    /// clicks are heard, and only answers to them can be given.
    pub bot_token: Option<SecretString>,
    /// An incoming webhook, the way out where there is no bot account; a URL, checked. Secret,
    /// because who knows it can post.
    pub incoming_webhook_url: Option<SecretString>,
    /// More certificate authorities (PEM) beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// After an outage posts older than this are counted, not answered.
    pub max_age: Duration,
    /// Whether the server's signature on trigger ids is checked.
    pub trigger_signatures: TriggerSignatures,
}

/// Whether the server's signature on trigger ids is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerSignatures {
    /// Where the server publishes its key.
    Auto,
    /// What has no valid signature is refused.
    Require,
    /// Never.
    Off,
}

/// The section `[hooks]`.
#[derive(Debug, Clone)]
pub struct Hooks {
    /// Where the doors listen; port 0 means any free one.
    pub listen: SocketAddr,
    /// Where Mattermost reaches the doors, if it was set; see [`Hooks::url_at`].
    pub url: Option<Url>,
    /// Tokens of slash commands.
    pub slash_tokens: Vec<SlashToken>,
    /// Tokens of outgoing webhooks.
    pub outgoing_tokens: Vec<SecretString>,
    /// Start even where callers can't be checked; see [`Settings::check_callers`].
    pub allow_unverified: bool,
    /// The key of buttons and dialogs, at least 32 bytes; `None`: a random one kept in the store.
    pub secret: Option<SecretString>,
    /// Former keys, still accepted.
    pub old_secrets: Vec<SecretString>,
}

/// A token of a slash command, maybe good for one command only.
#[derive(Debug, Clone)]
pub struct SlashToken {
    /// The command without its slash, lower case; `None`: any command.
    pub trigger: Option<String>,
    /// The token as Mattermost made it.
    pub token: SecretString,
    /// Where it was written, for a sentence about it.
    pub place: String,
}

/// The section `[admin]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admin {
    /// Where health and metrics listen; port 0 means any free one.
    pub listen: SocketAddr,
}

/// The section `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAt {
    /// `sqlite://FILE`.
    Sqlite(PathBuf),
    /// `memory:`: nothing outlives a restart.
    Memory,
}

/// The section `[limits]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long an HTTP answer is held open for a turn; at most 25 s.
    pub answer_budget: Duration,
    /// How long one handler may take.
    pub turn: Duration,
    /// Events that may wait in one place.
    pub place_queue: usize,
    /// Events that may wait in all places together; not less than `place_queue`.
    pub total_queue: usize,
    /// Turns in one commit.
    pub batch: usize,
    /// How long a button works after it was posted.
    pub button_life: Duration,
    /// How long a dialog works after it was opened.
    pub dialog_life: Duration,
    /// How long a stop may take to finish what was begun.
    pub drain: Duration,
}

/// The section `[socket]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Socket {
    /// Time between two probes of the connection.
    pub ping: Duration,
    /// How long the answer to a probe may take before the connection counts as dead.
    pub pong_timeout: Duration,
}

/// The section `[posting]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// Calls a second in the long run.
    pub rate_per_second: u32,
    /// Calls at once after a pause.
    pub burst: u32,
}

/// The section `[log]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// A filter such as `info,matteractor::client=debug`; known to be valid.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The longest that [`Limits::dialog_life`] may be: what a dialog has used up is remembered longer.
pub const LONGEST_DIALOG: Duration = Duration::from_secs(30 * 24 * 3600);

impl Settings {
    /// Puts the layers together and checks them.
    ///
    /// # Errors
    /// A sentence for each problem: unknown keys, wrong values, missing tokens, addresses that
    /// can't work. A file that can't be read is reported alone.
    pub fn load(options: &Options) -> Result<Self, SettingsError> {
        let (leaves, surprising) = layers::merge(options)?;
        let mut reader = Reader::new(leaves);
        let mut settings = check::read(&mut reader);
        reader.refuse_unknown();
        settings.warnings.extend(surprising.iter().cloned());
        // The environment is everybody's, so that a name which is nearly a setting may be another's.
        let nearly = names::misspelt(
            &options.env,
            "in the environment",
            layers::known().into_keys(),
        );
        settings.warnings.extend(nearly.iter().cloned());
        settings.warnings.extend(names::open_to_all(options));
        reader.finish(settings).map_err(|error| {
            let mut problems = error.problems().to_vec();
            problems.extend(nearly);
            // What surprises may be why.
            problems.extend(surprising);
            problems.extend(names::no_dotenv(options));
            SettingsError::new(problems)
        })
    }

    /// Reads `admin.listen` alone, for a probe that needs no token.
    ///
    /// # Errors
    /// A sentence when a layer can't be read or the value is no address.
    pub fn admin_address(options: &Options) -> Result<SocketAddr, SettingsError> {
        let mut reader = Reader::new(layers::merge(options)?.0);
        let address = reader.address("admin.listen");
        reader.finish(address)
    }
}

impl Hooks {
    /// Where Mattermost reaches the doors once they listen on `bound`: the set address, else
    /// `http://bound/`. It ends in `/`.
    pub fn url_at(&self, bound: SocketAddr) -> String {
        let set = self.url.as_ref().map(Url::to_string);
        set.unwrap_or_else(|| format!("http://{bound}/"))
    }
}

#[cfg(test)]
mod tests;
