use std::path::PathBuf;

use clap::Parser;

use crate::floor::Kind;

/// What is measured, and how much of it.
#[derive(Debug, Parser)]
pub struct Args {
    /// A short form, in minutes; it writes nothing
    #[arg(long)]
    pub short: bool,
    /// How often everything is measured [default: 5, or 2 in the short form]
    #[arg(long)]
    pub rounds: Option<usize>,
    /// Another build of this program, to be measured in turn
    #[arg(long, value_name = "FILE")]
    pub before: Option<PathBuf>,
    /// A Python that has benches/python/requirements.txt [default: one is made below target]
    #[arg(long, value_name = "FILE")]
    pub python: Option<PathBuf>,
    /// This program
    #[arg(long, value_name = "FILE", default_value = env!("CARGO_BIN_EXE_matteractor"))]
    pub program: PathBuf,
    /// Only these contenders, by the beginnings of their names
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub only: Vec<String>,
    /// Only these workloads, by the beginnings of their names
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub workloads: Vec<String>,
    /// Measure memory instead, after a turn in so many channels
    #[arg(long, value_name = "CHANNELS")]
    pub memory: Option<usize>,
    /// Measure memory, the time to catch up and a post's cost instead, where so many channels are known
    #[arg(long, value_name = "CHANNELS")]
    pub known: Option<usize>,
    /// Measure who hears a post instead, where so many patterns are heard
    #[arg(long, value_name = "PATTERNS")]
    pub hears: Option<usize>,
    /// Be a floor: this program starts itself so
    #[arg(long, hide = true)]
    pub floor: Option<Kind>,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    /// How often everything is measured.
    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.short { 2 } else { 5 })
    }

    /// How much of a workload is done in the form that was asked for.
    pub fn much(&self, full: usize) -> usize {
        if self.short { full / 4 } else { full }
    }

    /// Whether this is asked for.
    pub fn wants(names: &[String], name: &str) -> bool {
        names.is_empty() || names.iter().any(|wanted| name.starts_with(wanted.as_str()))
    }
}
