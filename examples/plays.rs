//! Random plays by the thousand: the whole bot against a whole pretend Mattermost in virtual time, with
//! people, mishaps and a checker. `cargo run --release --example plays -- 10000` plays the first
//! 10,000 seeds, and ends with status 1 if one of them broke a rule; with `--first` it ends there.

#[path = "../tests/it/simulation/checker.rs"]
mod checker;
#[path = "../tests/it/simulation/errands.rs"]
mod errands;
#[path = "../tests/it/simulation/losses.rs"]
mod losses;
#[path = "../tests/it/simulation/play.rs"]
mod play;
#[path = "../tests/it/simulation/runs.rs"]
mod runs;
#[path = "../tests/it/simulation/skills.rs"]
mod skills;
#[path = "../tests/it/simulation/weather.rs"]
mod weather;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use runs::Runs;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (words, numbers): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|a| a == "--first");
    let one = !words.is_empty();
    let mut numbers = numbers.into_iter().map(|text| text.parse().ok());
    let (Some(plays), Some(first)) = (
        numbers.next().unwrap_or(Some(100)),
        numbers.next().unwrap_or(Some(1)),
    ) else {
        eprintln!("plays [HOW_MANY] [FIRST_SEED] [--first]");
        return ExitCode::from(2);
    };
    let (begun, told) = (Instant::now(), AtomicU64::new(0));
    let runs = Runs::over(first..=first + plays - 1, one, |plays, acts, failed| {
        let seconds = begun.elapsed().as_secs();
        if told.fetch_max(seconds / 10, Ordering::Relaxed) < seconds / 10 {
            eprintln!("{seconds:5} s: {plays} plays, {acts} acts, {failed} broke a rule");
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{plays} plays from seed {first}, {} things that people did, {} broke a rule; {seconds:.0} s, \
         {:.0} acts/s",
        runs.acts,
        runs.failed.len(),
        runs.acts as f64 / seconds,
    );
    match runs.failed.is_empty() {
        true => ExitCode::SUCCESS,
        false if one => {
            let last = runs.failed[0] - first + 1;
            println!("broke a rule after {last} plays");
            ExitCode::FAILURE
        }
        false => {
            println!("the seeds that broke a rule: {:?}", runs.failed);
            ExitCode::FAILURE
        }
    }
}
