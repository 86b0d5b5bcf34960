//! How this program compares: with an earlier build of it, with what people would write in Python, and with the
//! least that any server must do for the same promises.
//!
//! ```text
//! cargo bench --bench compare                    all, several rounds in turn; writes docs/benchmarks.md
//! cargo bench --bench compare -- --short         in some minutes; writes nothing
//! cargo bench --bench compare -- --memory 10000  a turn in each of 10,000 channels, then the memory
//! cargo bench --bench compare -- --known 250000  a start where so many channels are known, and a post in them
//! cargo bench --bench compare -- --hears 1000    who hears a post where there are so many patterns
//! ```
//!
//! Each contender is a process of its own; this process plays Mattermost: it signs, calls, tells of posts and
//! takes them. docs/benchmarks.md says more.

mod args;
mod callers;
mod clicking;
mod contender;
mod echoing;
mod floor;
mod hears;
mod known;
mod memory;
mod polls;
mod pretend;
mod process;
mod python;
mod report;
mod signer;
mod slashing;
mod socket;
mod tally;
mod usage;
mod workload;

use clap::Parser;

use args::Args;
use contender::{Contender, Kind};
use report::Report;
use signer::Signer;
use workload::WORKLOADS;

/// As the program has it: both share the machine's cores, so what this one takes is missing there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The name of this build among the contenders.
const OURS: &str = "matteractor";
/// Calls to Mattermost each second, the most that can be set.
const HIGH: u32 = 10_000;
/// Where figures are written, between these lines.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md");
const MARKS: [&str; 2] = ["<!-- figures -->\n", "<!-- end of figures -->"];

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if let Some(kind) = args.floor {
        return floor::run(kind);
    }
    if let Some(patterns) = args.hears {
        return hears::measure(patterns);
    }
    let signer = Signer::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match (args.memory, args.known) {
            (Some(channels), _) => memory::measure(&ours(&args), &signer, channels).await,
            (None, Some(channels)) => known::measure(&ours(&args), &signer, channels).await,
            (None, None) => compare(&args, &signer).await,
        }
    })
}

/// Rounds: each workload by each contender in turn, each time afresh.
async fn compare(args: &Args, signer: &Signer) -> anyhow::Result<()> {
    let contenders = contenders(args);
    let mut report = Report::default();
    for round in 0..args.rounds() {
        println!("round {} of {}", round + 1, args.rounds());
        for workload in WORKLOADS {
            if !Args::wants(&args.workloads, workload.name) {
                continue;
            }
            for contender in contenders.iter().filter(|one| workload.fits(one)) {
                let figures = workload.measure(contender, signer, args).await?;
                report.note(workload.name, contender.name, figures);
            }
        }
    }
    let tables = report.tables();
    println!("{tables}");
    let whole = args.only.is_empty() && args.workloads.is_empty() && !args.short;
    if whole { write(&tables) } else { Ok(()) }
}

fn ours(args: &Args) -> Contender {
    Contender {
        name: OURS,
        kind: Kind::Program(args.program.clone()),
    }
}

fn contenders(args: &Args) -> Vec<Contender> {
    let mut all = vec![ours(args)];
    if let Some(before) = &args.before {
        let kind = Kind::Program(before.clone());
        all.push(Contender {
            name: "before",
            kind,
        });
    }
    for (name, floor) in [
        ("floor on actix-web", floor::Kind::Actix),
        ("floor by hand", floor::Kind::Tokio),
    ] {
        all.push(Contender {
            name,
            kind: Kind::Floor(floor),
        });
    }
    match python::interpreter(args) {
        Ok(python) => all.extend(python::contenders(&python)),
        Err(error) => println!("without Python: {error:#}"),
    }
    all.retain(|one| Args::wants(&args.only, one.name));
    all
}

fn write(tables: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(DOCUMENT)?;
    let missing = || anyhow::anyhow!("{DOCUMENT} lacks the lines between which figures stand");
    let (before, rest) = text.split_once(MARKS[0]).ok_or_else(missing)?;
    let (_, after) = rest.split_once(MARKS[1]).ok_or_else(missing)?;
    let [begin, end] = MARKS;
    std::fs::write(DOCUMENT, format!("{before}{begin}{tables}\n{end}{after}"))?;
    Ok(())
}
