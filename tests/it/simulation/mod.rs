//! The whole bot on one thread in virtual time: random people, random faults, and a checker.
//!
//! A failing play prints its seed and what happened; `MATTERACTOR_SEED=n cargo test plays` plays
//! that one again. `MATTERACTOR_PLAYS=n` plays so many.

mod absences; // long ones, floods, and the first second
mod cases; // what random plays found, alone
mod checker;
mod errands; // questions, tells, slow work and forms
mod hours; // timers, time-outs and slow work
mod play;
pub mod skills;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tokio::runtime::Builder;
use tokio::task::LocalSet;

use play::Play;

const PLAYS: u64 = 100;

/// What a play came to: the broken rules, and the trace.
struct Outcome {
    wrong: Vec<String>,
    trace: String,
}

/// One thread in virtual time.
fn paused<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// A whole play; its chance begins before the bot does.
fn played(seed: u64) -> Outcome {
    fastrand::seed(seed);
    paused(LocalSet::new().run_until(async {
        let mut play = Play::new();
        play.run().await;
        Outcome {
            wrong: checker::check(&play).await,
            trace: play.town.trace().to_string(),
        }
    }))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_plays_lose_nothing_and_do_nothing_twice() {
    let (first, last) = match number("MATTERACTOR_SEED") {
        Some(seed) => (seed, seed),
        None => (1, number("MATTERACTOR_PLAYS").unwrap_or(PLAYS)),
    };
    if first == last {
        // All that the bot logs, between what happens around it.
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG);
        let _ = log.without_time().with_writer(std::io::stderr).try_init();
    }
    let next = AtomicU64::new(first);
    let workers = thread::available_parallelism().map_or(1, |n| n.get());
    let failed: Vec<u64> = thread::scope(|scope| {
        let work = || {
            let seeds = std::iter::from_fn(|| {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed <= last)
            });
            seeds.filter(|seed| failed(*seed)).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = threads.into_iter().map(|thread| thread.join().unwrap());
        ended.flatten().collect()
    });
    assert!(failed.is_empty(), "failed with the seeds {failed:?}");
}

fn failed(seed: u64) -> bool {
    let Outcome { wrong, trace } = played(seed);
    if wrong.is_empty() {
        return false;
    }
    let wrong = wrong.join("\n  ");
    eprintln!("{trace}MATTERACTOR_SEED={seed} broke the rules, as above:\n  {wrong}\n");
    true
}

#[test]
fn the_same_seed_plays_the_same_again() {
    let play = || thread::spawn(|| played(7).trace).join().unwrap();
    let (once, again) = (play(), play());
    let differs = once.lines().zip(again.lines()).find(|(a, b)| a != b);
    assert_eq!(differs, None);
    assert_eq!(once.lines().count(), again.lines().count());
}
