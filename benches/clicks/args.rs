use std::path::PathBuf;

use clap::Parser;
use url::Url;

/// What is measured, and how much of it.
#[derive(Debug, Parser)]
pub struct Args {
    /// How often everything is measured
    #[arg(long, default_value_t = 1)]
    pub rounds: usize,
    /// Clicks in a round; they are signed before, and a signature is good for a minute
    #[arg(long, default_value_t = 20_000)]
    pub clicks: usize,
    /// Polls, each in a channel of its own
    #[arg(long, default_value_t = 50)]
    pub polls: usize,
    /// Clicks that are under way at once
    #[arg(long, default_value_t = 32)]
    pub connections: usize,
    /// People who vote, each in any poll
    #[arg(long, default_value_t = 128)]
    pub voters: usize,
    /// Another server that runs already, with /slash and /actions, to be measured in turn
    #[arg(long)]
    pub peer: Option<Url>,
    /// Its process, for its CPU time and memory
    #[arg(long)]
    pub peer_pid: Option<u32>,
    /// Another build of this server, to be measured in place of this one
    #[arg(long, value_name = "FILE", default_value = env!("CARGO_BIN_EXE_matteractor"))]
    pub program: PathBuf,
    /// Measure memory instead, after a turn in so many channels
    #[arg(long, value_name = "CHANNELS")]
    pub memory: Option<usize>,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}
