use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::polls::TOKEN;
use crate::pretend::Pretend;

/// How long a server may take to be ready.
const READY: Duration = Duration::from_secs(30);

/// A server whose process may be known.
pub trait Measured {
    /// Its process.
    fn pid(&self) -> Option<u32>;

    /// CPU time so far, of all its threads.
    fn cpu(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()?)).ok()?;
        // The name, in parentheses, may hold spaces; user and system time are fields 14 and 15, in
        // hundredths of a second.
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks: u64 = fields
            .get(11..13)?
            .iter()
            .filter_map(|f| f.parse::<u64>().ok())
            .sum();
        Some(Duration::from_millis(ticks * 10))
    }

    /// Memory that is resident, in MB of a million bytes.
    fn rss_mb(&self) -> Option<f64> {
        self.status("VmRSS:")
    }

    /// One of the kB figures in the process's status.
    fn status(&self, name: &str) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib * 1024.0 / 1e6)
    }
}

/// What to run, and how.
pub struct Options<'a> {
    /// The program's file.
    pub program: &'a Path,
    /// Calls to Mattermost each second.
    pub posts_per_second: Option<u32>,
}

/// `matteractor run` with a store of its own; gone when dropped.
pub struct Server {
    child: Child,
    hooks: SocketAddr,
    _folder: TempDir,
}

impl Server {
    /// Starts the program, and waits until it is ready.
    pub fn start(pretend: &Pretend, options: &Options<'_>) -> anyhow::Result<Self> {
        // Beside the build, because a system's folder for temporary files may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let mut child = command(pretend, options, folder.path())
            .spawn()
            .context("the program can't be started")?;
        let hooks = hooks(child.stderr.take().context("no standard error")?);
        let mut server = Self {
            child,
            hooks: SocketAddr::from(([127, 0, 0, 1], 0)),
            _folder: folder,
        };
        server.hooks = hooks
            .recv_timeout(READY)
            .context("it isn't ready in time")?;
        Ok(server)
    }

    /// Where it takes calls.
    pub fn hooks(&self) -> SocketAddr {
        self.hooks
    }
}

/// The program as it runs beside a pretend Mattermost.
fn command(pretend: &Pretend, options: &Options<'_>, folder: &Path) -> Command {
    let store = format!("sqlite://{}", folder.join("store.db").display());
    let mut command = Command::new(options.program);
    command
        .arg("run")
        .env_clear()
        .current_dir(folder)
        .env("MATTERMOST_URL", pretend.url())
        .env("BOT_TOKEN", "bot-token")
        .env("SLASH_TOKENS", TOKEN)
        .env("MATTERACTOR__MATTERMOST__TRIGGER_SIGNATURES", "require")
        .env("MATTERACTOR__STORE__URL", store)
        .env("MATTERACTOR__HOOKS__LISTEN", "127.0.0.1:0")
        .env("MATTERACTOR__ADMIN__LISTEN", "127.0.0.1:0")
        .env("MATTERACTOR__SKILLS__ORDER", "help,poll")
        .env("MATTERACTOR__LOG__FORMAT", "json")
        .stderr(Stdio::piped());
    if let Some(rate) = options.posts_per_second {
        command
            .env("MATTERACTOR__POSTING__RATE_PER_SECOND", rate.to_string())
            .env("MATTERACTOR__POSTING__BURST", rate.to_string());
    }
    command
}

/// Where the program says that it takes calls; warnings and errors are passed on.
fn hooks(log: ChildStderr) -> mpsc::Receiver<SocketAddr> {
    let (ready, hooks) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            let fields: Value = serde_json::from_str(&line).unwrap_or_default();
            if fields["level"] != "INFO" {
                eprintln!("{line}");
            }
            let address = fields["hooks"].as_str().map(str::parse::<SocketAddr>);
            if let (true, Some(Ok(address))) = (fields["message"] == "ready", address) {
                let _ = ready.send(address);
            }
        }
    });
    hooks
}

impl Measured for Server {
    fn pid(&self) -> Option<u32> {
        Some(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that somebody else has started.
pub struct Stranger {
    /// Where it takes calls.
    pub hooks: SocketAddr,
    pid: Option<u32>,
}

impl Stranger {
    /// The server at this address.
    pub fn at(url: &Url, pid: Option<u32>) -> anyhow::Result<Self> {
        let addresses = url.socket_addrs(|| None)?;
        let hooks = addresses.as_slice().to_socket_addrs()?.next();
        let hooks = hooks.with_context(|| format!("{url} has no address"))?;
        Ok(Self { hooks, pid })
    }
}

impl Measured for Stranger {
    fn pid(&self) -> Option<u32> {
        self.pid
    }
}
