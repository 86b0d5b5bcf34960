use crate::process::{self, Used, Wakeups};
use crate::report::Figures;

/// What a process uses during a workload.
pub struct Use {
    pid: u32,
    before: Used,
    wakeups: Wakeups,
}

impl Use {
    /// From now on.
    pub fn of(pid: u32) -> Self {
        let wakeups = Wakeups::of(pid);
        Self {
            pid,
            before: process::used(pid).unwrap_or_default(),
            wakeups,
        }
    }

    /// Until now, for each of so many acts.
    pub fn end(self, acts: usize) -> Figures {
        let each = |figure: f64| Some(figure / acts as f64);
        let used = process::used(self.pid);
        let cpu = used.map(|used| (used.cpu.saturating_sub(self.before.cpu)).as_secs_f64() * 1e6);
        let switches = used.map(|used| used.switches.saturating_sub(self.before.switches) as f64);
        let wakeups = self.wakeups.count().map(|count| count as f64);
        Figures {
            cpu_us: cpu.and_then(each),
            switches: switches.and_then(each),
            wakeups: wakeups.and_then(each),
            rss_mb: process::rss_mb(self.pid),
            ..Figures::default()
        }
    }
}
