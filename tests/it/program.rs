//! The program itself, as people start it, against a pretend Mattermost.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use matteractor::sandbox::seed::{Bot, Provisioned, SlashCommand};
use matteractor::sandbox::{Options, Running, Sandbox};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process of `matteractor run`.
pub struct Program {
    child: Child,
    log: UnboundedReceiver<String>,
    _folder: tempfile::TempDir,
}

/// A program with the given settings in its environment, and no others.
pub fn command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_matteractor"));
    command
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied());
    command
}

impl Program {
    /// Starts it in a folder of its own, with ports of its own unless the settings say otherwise.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::begins(settings, |settings| command(&["run"], settings))
    }

    /// The same, after a shell has done something, such as `ulimit -n 96`.
    pub fn after(preparation: &str, settings: &[(&str, &str)]) -> Self {
        Self::begins(settings, |settings| {
            let program = env!("CARGO_BIN_EXE_matteractor");
            let mut shell = Command::new("sh");
            shell
                .args(["-c", &format!("{preparation}; exec \"{program}\" run")])
                .env_clear()
                .envs(settings.iter().copied());
            shell
        })
    }

    /// The number of its process.
    pub fn id(&self) -> String {
        self.child.id().expect("it still runs").to_string()
    }

    fn begins(settings: &[(&str, &str)], command: impl FnOnce(&[(&str, &str)]) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let usual = [
            ("MATTERACTOR__HOOKS__LISTEN", "127.0.0.1:0"),
            ("MATTERACTOR__ADMIN__LISTEN", "127.0.0.1:0"),
            ("MATTERACTOR__POSTING__RATE_PER_SECOND", "1000"),
            ("MATTERACTOR__LOG__FORMAT", "json"),
        ];
        let mut child = command(&[&usual, settings].concat())
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (says, log) = unbounded_channel();
        // A program to which nobody listens stops at some point.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = says.send(line);
            }
        });
        Self {
            child,
            log,
            _folder: folder,
        }
    }

    /// The next line of the log.
    pub async fn next(&mut self) -> Value {
        let next = tokio::time::timeout(PATIENCE, self.log.recv()).await;
        let line = next.unwrap().expect("it has ended");
        serde_json::from_str(&line).unwrap_or(Value::String(line))
    }

    /// Waits for a line of the log with this message.
    pub async fn says(&mut self, message: &str) -> Value {
        let said = async {
            while let Some(line) = self.log.recv().await {
                let line: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if line["message"] == message {
                    return line;
                }
            }
            panic!("it ended without saying {message:?}");
        };
        let said = tokio::time::timeout(PATIENCE, said).await;
        said.unwrap_or_else(|_| panic!("it didn't say {message:?}"))
    }

    /// Waits for a line of the log whose message has these words.
    pub async fn says_with(&mut self, words: &str) -> Value {
        let said = async {
            while let Some(line) = self.log.recv().await {
                let line: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if line["message"]
                    .as_str()
                    .is_some_and(|said| said.contains(words))
                {
                    return line;
                }
            }
            panic!("it ended without saying {words:?}");
        };
        let said = tokio::time::timeout(PATIENCE, said).await;
        said.unwrap_or_else(|_| panic!("it didn't say {words:?}"))
    }

    /// Sends SIGTERM, as service managers do.
    pub async fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.id()])
            .status()
            .await;
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub async fn ends(self) -> ExitStatus {
        self.last_words().await.0
    }

    /// Waits for its end, and for all that it says until then.
    pub async fn last_words(mut self) -> (ExitStatus, String) {
        let mut words = String::new();
        let reads = async {
            while let Some(line) = self.log.recv().await {
                words.push_str(&line);
                words.push('\n');
            }
        };
        let ended = async { tokio::join!(reads, self.child.wait()).1 };
        let ended = tokio::time::timeout(PATIENCE, ended).await;
        let status = ended.expect("it doesn't end").unwrap();
        (status, words)
    }
}

/// A pretend Mattermost that knows a bot with `/poll`, whose hooks nobody has yet.
pub async fn mattermost() -> (Running, Provisioned) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let known = provision(&sandbox, "http://127.0.0.1:0");
    (sandbox, known)
}

/// Tells it where the bot's hooks are.
pub fn provision(sandbox: &Running, hooks: &str) -> Provisioned {
    sandbox.provision(&Bot {
        username: "bot".into(),
        integration_url: hooks.into(),
        commands: vec![SlashCommand {
            trigger: "poll".into(),
            hint: String::new(),
            description: String::new(),
        }],
        outgoing: Vec::new(),
    })
}
