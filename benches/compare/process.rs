use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    pub cpu: Duration,
    /// How often its threads gave up a core, by themselves or not.
    pub switches: u64,
}

/// CPU time and context switches so far, of all threads that live.
pub fn used(pid: u32) -> Option<Used> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold spaces; user and system time are fields 14 and 15, in
    // hundredths of a second.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: u64 = fields
        .get(11..13)?
        .iter()
        .filter_map(|f| f.parse::<u64>().ok())
        .sum();
    let switches = threads(pid).into_iter().filter_map(|thread| {
        let status = fs::read_to_string(format!("/proc/{pid}/task/{thread}/status")).ok()?;
        let lines = status
            .lines()
            .filter(|line| line.contains("ctxt_switches:"));
        Some(
            lines
                .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
                .sum::<u64>(),
        )
    });
    Some(Used {
        cpu: Duration::from_millis(ticks * 10),
        switches: switches.sum(),
    })
}

/// One of the kB figures in the process's status, in MB of a million bytes.
pub fn status(pid: u32, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// Memory that is resident, in MB of a million bytes.
pub fn rss_mb(pid: u32) -> Option<f64> {
    status(pid, "VmRSS:")
}

fn threads(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let names = tasks
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name());
    names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect()
}

/// Counts how often threads of a process are woken, where perf is there and may.
pub struct Wakeups(Option<Child>);

impl Wakeups {
    /// Counts from now on.
    pub fn of(pid: u32) -> Self {
        let threads: Vec<_> = threads(pid)
            .iter()
            .map(|thread| format!("pid=={thread}"))
            .collect();
        let perf = Command::new("perf")
            .args([
                "stat",
                "-a",
                "-x",
                ",",
                "-e",
                "sched:sched_wakeup",
                "--filter",
            ])
            .arg(threads.join("||"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        std::thread::sleep(Duration::from_millis(200));
        Self(perf.ok())
    }

    /// How many there were.
    pub fn count(mut self) -> Option<u64> {
        let perf = self.0.take()?;
        let stop = Command::new("kill")
            .args(["-INT", &perf.id().to_string()])
            .status();
        stop.ok()?;
        let said = perf.wait_with_output().ok()?;
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        let line = said.lines().find(|line| line.contains("sched_wakeup"))?;
        line.split(',').next()?.parse().ok()
    }
}

/// A process that ends with its value.
#[derive(Debug)]
pub struct Owned(pub Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
