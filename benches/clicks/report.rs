use std::fmt;

/// What one round came to.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub clicks_per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// CPU time of the server's process for each click; where its process is known.
    pub cpu_us: Option<f64>,
    pub rss_mb: Option<f64>,
}

/// The rounds of each server.
#[derive(Default)]
pub struct Report(Vec<(&'static str, Figures)>);

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |figure: Option<f64>| figure.map_or("?".into(), |figure| format!("{figure:.1}"));
        write!(
            f,
            "{:7.0} clicks/s   p50 {:5.1} ms   p99 {:5.1} ms   CPU {} µs/click   RSS {} MB",
            self.clicks_per_second,
            self.p50_ms,
            self.p99_ms,
            of(self.cpu_us),
            of(self.rss_mb)
        )
    }
}

impl Report {
    /// Prints a round and keeps it.
    pub fn note(&mut self, server: &'static str, figures: Figures) {
        println!("{server:12} {figures}");
        self.0.push((server, figures));
    }

    /// Medians, and how the two compare.
    pub fn print(&self) {
        let ours = self.median("matteractor", |f| f.clicks_per_second);
        let peer = self.median("peer", |f| f.clicks_per_second);
        if let (Some(ours), Some(peer)) = (ours, peer) {
            println!(
                "medians: matteractor {ours:.0}, peer {peer:.0} clicks/s: {:.2} times as many",
                ours / peer
            );
        }
    }

    fn median(&self, server: &str, of: impl Fn(&Figures) -> f64) -> Option<f64> {
        let rounds = self.0.iter().filter(|(name, _)| *name == server);
        let mut figures: Vec<_> = rounds.map(|(_, figures)| of(figures)).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied()
    }
}
