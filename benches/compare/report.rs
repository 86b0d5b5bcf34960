use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What one round came to; what isn't known or makes no sense is missing.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// CPU time of the process for each act.
    pub cpu_us: Option<f64>,
    /// How often its threads gave up a core, for each act.
    pub switches: Option<f64>,
    /// How often they were woken.
    pub wakeups: Option<f64>,
    pub rss_mb: Option<f64>,
    /// The share of answers that carry the card.
    pub cards: Option<f64>,
    /// From the start of the process until it was ready.
    pub start_ms: f64,
}

/// All rounds, by workload and contender, in the order in which they were first measured.
#[derive(Default)]
pub struct Report {
    workloads: Vec<&'static str>,
    contenders: Vec<&'static str>,
    rounds: BTreeMap<(&'static str, &'static str), Vec<Figures>>,
}

/// A figure among others.
type Of = fn(&Figures) -> Option<f64>;

/// The figure at so many hundredths of some that are sorted.
pub fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |d| d.as_secs_f64() * 1e3)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |figure: Option<f64>| figure.map_or("?".into(), |figure| format!("{figure:.1}"));
        let (rate, p50, p99) = (self.per_second, self.p50_ms, self.p99_ms);
        let (cpu, wakeups, switches) = (of(self.cpu_us), of(self.wakeups), of(self.switches));
        write!(
            f,
            "{rate:7.0}/s  p50 {p50:6.2} ms  p99 {p99:6.2} ms  {cpu:>6} µs  {wakeups:>4} wake-ups  {switches:>4} switches"
        )
    }
}

impl Report {
    /// Prints a round and keeps it.
    pub fn note(&mut self, workload: &'static str, contender: &'static str, figures: Figures) {
        println!("{workload:24} {contender:20} {figures}");
        for (list, name) in [
            (&mut self.workloads, workload),
            (&mut self.contenders, contender),
        ] {
            if !list.contains(&name) {
                list.push(name);
            }
        }
        self.rounds
            .entry((workload, contender))
            .or_default()
            .push(figures);
    }

    /// Medians and ratios, as tables in Markdown.
    pub fn tables(&self) -> String {
        let mut text = String::new();
        for workload in &self.workloads {
            text.push_str(&format!("\n### {workload}\n\n"));
            text.push_str("| | a second | ours to it | p50 ms | p99 ms | CPU µs | ours to it | wake-ups | switches | cards | memory MB | start ms |\n");
            text.push_str(
                "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
            );
            for contender in &self.contenders {
                text.push_str(&self.line(workload, contender).unwrap_or_default());
            }
        }
        text
    }

    fn line(&self, workload: &'static str, contender: &'static str) -> Option<String> {
        let figures: [(Of, usize); 9] = [
            (|f| Some(f.per_second), 0),
            (|f| Some(f.p50_ms), 2),
            (|f| Some(f.p99_ms), 2),
            (|f| f.cpu_us, 0),
            (|f| f.wakeups, 1),
            (|f| f.switches, 1),
            (|f| f.cards.map(|share| share * 100.0), 1),
            (|f| f.rss_mb, 0),
            (|f| Some(f.start_ms), 0),
        ];
        self.median(workload, contender, figures[0].0)?;
        let [rate, p50, p99, cpu, rest @ ..] = figures.map(|(of, places)| {
            let median = self.median(workload, contender, of);
            median.map_or(String::new(), |median| format!("{median:.places$}"))
        });
        let ratio = |of: Of| {
            let ours = self.median(workload, crate::OURS, of);
            let theirs = self.median(workload, contender, of);
            let ratio = ours
                .zip(theirs)
                .map(|(ours, theirs)| format!("{:.2}", ours / theirs));
            ratio.unwrap_or_default()
        };
        let (faster, dearer) = (ratio(figures[0].0), ratio(figures[3].0));
        Some(format!(
            "| {contender} | {rate} | {faster} | {p50} | {p99} | {cpu} | {dearer} | {} |\n",
            rest.join(" | ")
        ))
    }

    fn median(&self, workload: &'static str, contender: &'static str, of: Of) -> Option<f64> {
        let rounds = self.rounds.get(&(workload, contender))?;
        let mut figures: Vec<f64> = rounds.iter().filter_map(of).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied()
    }
}
