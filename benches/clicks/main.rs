//! How fast polls count clicks, and how much memory a quiet server needs.
//!
//! ```text
//! cargo bench --bench clicks                     clicks on 50 polls, 32 connections
//! cargo bench --bench clicks -- --memory 10000   a turn in each of 10,000 channels, then the memory
//! ```
//!
//! The server is the real program in a process of its own, with a durable store and with
//! signatures checked; this process plays Mattermost: it signs, calls, and takes posts.
//! docs/benchmarks.md says more.

mod args;
mod callers;
mod clicking;
mod memory;
mod polls;
mod pretend;
mod report;
mod server;
mod signer;
mod tally;

use clap::Parser;

use args::Args;
use clicking::Run;
use pretend::Pretend;
use report::Report;
use server::{Options, Server, Stranger};
use signer::Signer;

/// As the program has it: both share the machine's cores, so what this one takes is missing there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let signer = Signer::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match args.memory {
            Some(channels) => memory::measure(&args, &signer, channels).await,
            None => clicks(&args, &signer).await,
        }
    })
}

/// Rounds: this server afresh, then the peer, if there is one.
async fn clicks(args: &Args, signer: &Signer) -> anyhow::Result<()> {
    let mut report = Report::default();
    for _ in 0..args.rounds {
        let pretend = Pretend::start(signer, args.polls)?;
        let options = Options {
            program: &args.program,
            posts_per_second: None,
        };
        let server = Server::start(&pretend, &options)?;
        let run = Run::new(args, signer, server.hooks()).await?;
        report.note("matteractor", run.measure(&server, Some(&pretend)).await?);
        drop(server);
        if let Some(url) = &args.peer {
            let peer = Stranger::at(url, args.peer_pid)?;
            let run = Run::new(args, signer, peer.hooks).await?;
            report.note("peer", run.measure(&peer, None).await?);
        }
    }
    report.print();
    Ok(())
}
