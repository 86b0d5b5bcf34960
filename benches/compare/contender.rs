use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::floor;
use crate::polls::TOKEN;
use crate::pretend::Pretend;
use crate::process::Owned;

/// How long a contender may take to be ready.
const READY: Duration = Duration::from_secs(30);
/// Where the contenders in Python are.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/python");

/// Who does the job.
#[derive(Clone, Debug)]
pub struct Contender {
    pub name: &'static str,
    pub kind: Kind,
}

/// How it is started, and what it can do.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A build of this program: all.
    Program(PathBuf),
    /// All; on actix-web only what is called over HTTP.
    Floor(floor::Kind),
    /// FastAPI: what is called over HTTP.
    App { python: PathBuf },
    /// A bot in Python: what is heard over the WebSocket.
    Bot {
        python: PathBuf,
        script: &'static [&'static str],
    },
}

/// A contender that runs; gone when dropped.
pub struct Running {
    process: Owned,
    pub hooks: SocketAddr,
    /// Where it tells of its health, if it does.
    pub admin: Option<SocketAddr>,
    /// When its process was started, and how long it took from then until it was ready.
    pub started: Instant,
    pub start: Duration,
    folder: TempDir,
}

impl Contender {
    /// Whether it takes slash commands and clicks.
    pub fn is_called(&self) -> bool {
        !matches!(self.kind, Kind::Bot { .. })
    }

    /// Whether it hears posts.
    pub fn hears(&self) -> bool {
        !matches!(
            self.kind,
            Kind::App { .. } | Kind::Floor(floor::Kind::Actix)
        )
    }

    /// Whether its polls are posts of its own, rather than answers.
    pub fn posts(&self) -> bool {
        matches!(self.kind, Kind::Program(_) | Kind::Floor(_))
    }

    /// Whether these posts show in the end what was clicked; else the answers do.
    pub fn shows(&self) -> bool {
        matches!(self.kind, Kind::Program(_))
    }

    /// Starts it, and waits until it is ready. `rate` is how often it may call Mattermost each second, where
    /// that can be set.
    pub fn start(&self, pretend: &Pretend, rate: Option<u32>) -> anyhow::Result<Running> {
        // Beside the build, because a system's folder for temporary files may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        self.start_in(folder, pretend, rate)
    }

    /// The same with what is in a folder by now.
    pub fn start_in(
        &self,
        folder: TempDir,
        pretend: &Pretend,
        rate: Option<u32>,
    ) -> anyhow::Result<Running> {
        let reserved = reserved()?;
        let mut command = self.command(pretend, rate, folder.path(), reserved)?;
        let started = Instant::now();
        let mut child = command
            .spawn()
            .with_context(|| format!("{} can't be started", self.name))?;
        let log = child.stderr.take();
        let process = Owned(child);
        let (hooks, admin) = match self.kind {
            Kind::Program(_) | Kind::Floor(_) => ready(log.context("no standard error")?)
                .recv_timeout(READY)
                .with_context(|| format!("{} isn't ready in time", self.name))?,
            Kind::App { .. } => (
                until(|| TcpStream::connect(reserved).is_ok(), reserved)?,
                None,
            ),
            Kind::Bot { .. } => (until(|| pretend.is_heard(), reserved)?, None),
        };
        Ok(Running {
            process,
            hooks,
            admin,
            started,
            start: started.elapsed(),
            folder,
        })
    }

    fn command(
        &self,
        pretend: &Pretend,
        rate: Option<u32>,
        folder: &Path,
        reserved: SocketAddr,
    ) -> anyhow::Result<Command> {
        let mut command = match &self.kind {
            Kind::Program(program) => ours(program, rate, folder),
            Kind::Floor(kind) => {
                let mut command = Command::new(std::env::current_exe()?);
                let kind = clap::ValueEnum::to_possible_value(kind).context("no such floor")?;
                command.args(["--floor", kind.get_name()]).env_clear();
                command.stderr(Stdio::piped());
                command
                    .env("PUBLIC_KEY", pretend.public_key())
                    .current_dir(folder);
                command
            }
            Kind::App { python } => {
                let mut command = Command::new(python);
                let port = reserved.port().to_string();
                let app = [
                    "-m",
                    "uvicorn",
                    "app:app",
                    "--log-level",
                    "warning",
                    "--port",
                ];
                command.args(app).arg(port).current_dir(SCRIPTS);
                command
                    .env("SLASH_TOKEN", TOKEN)
                    .env("INTEGRATION_URL", "http://127.0.0.1");
                command
            }
            Kind::Bot { python, script } => {
                let mut command = Command::new(python);
                command.args(*script).current_dir(SCRIPTS);
                command
            }
        };
        command
            .env("MATTERMOST_URL", pretend.url())
            .env("BOT_TOKEN", "bot-token");
        command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("no_proxy", "127.0.0.1");
        Ok(command)
    }
}

impl Running {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Kills it; its folder stays.
    pub fn killed(self) -> TempDir {
        let Self {
            process, folder, ..
        } = self;
        drop(process);
        folder
    }
}

/// A port of its own for a program that can't be asked which one it took.
fn reserved() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn until(is_so: impl Fn() -> bool, there: SocketAddr) -> anyhow::Result<SocketAddr> {
    let end = Instant::now() + READY;
    while !is_so() {
        ensure!(Instant::now() < end, "it isn't ready in time");
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(there)
}

/// The program as it runs beside a pretend Mattermost.
fn ours(program: &Path, rate: Option<u32>, folder: &Path) -> Command {
    let store = format!("sqlite://{}", folder.join("store.db").display());
    let mut command = Command::new(program);
    command
        .arg("run")
        .env_clear()
        .current_dir(folder)
        .env("SLASH_TOKENS", TOKEN)
        .env("MATTERACTOR__MATTERMOST__TRIGGER_SIGNATURES", "require")
        .env("MATTERACTOR__STORE__URL", store)
        .env("MATTERACTOR__HOOKS__LISTEN", "127.0.0.1:0")
        .env("MATTERACTOR__ADMIN__LISTEN", "127.0.0.1:0")
        .env("MATTERACTOR__SKILLS__ORDER", "help,poll,faq")
        .env(
            "MATTERACTOR__SKILLS__FAQ__ANSWERS",
            r#"[{"pattern": "^echo", "answer": "echo: what was said"}]"#,
        )
        .env("MATTERACTOR__LOG__FORMAT", "json")
        .stderr(Stdio::piped());
    if let Some(rate) = rate {
        command
            .env("MATTERACTOR__POSTING__RATE_PER_SECOND", rate.to_string())
            .env("MATTERACTOR__POSTING__BURST", rate.to_string());
    }
    command
}

/// Where a program says that it takes calls, and where it tells of its health; warnings and errors are passed on.
fn ready(log: ChildStderr) -> mpsc::Receiver<(SocketAddr, Option<SocketAddr>)> {
    let (ready, hooks) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            let fields: Value = serde_json::from_str(&line).unwrap_or_default();
            let expected = line.contains("INTEGRATION_URL");
            if fields["level"] != "INFO" && !expected {
                eprintln!("{line}");
            }
            let address = |name: &str| fields[name].as_str()?.parse::<SocketAddr>().ok();
            if let (true, Some(hooks)) = (fields["message"] == "ready", address("hooks")) {
                let _ = ready.send((hooks, address("admin")));
            }
        }
    });
    hooks
}
