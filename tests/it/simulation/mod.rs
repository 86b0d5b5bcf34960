//! The whole bot on one thread in virtual time: random people, random faults, and a checker.
//!
//! A failing play prints its seed and what happened; `MATTERACTOR_SEED=n cargo test plays` plays
//! that one again. `MATTERACTOR_PLAYS=n` plays so many; `cargo run --release --example plays` plays
//! thousands.

mod absences; // long ones, floods, and the first second
mod cases; // what random plays found, alone
mod checker;
mod ends; // what cannot be done, and is told
mod errands; // questions, tells, slow work and forms
mod hours; // timers, time-outs and slow work
mod losses; // places and people that go and come
mod play;
mod runs; // many plays, on all cores
pub mod skills;
mod trail; // an event in the log
mod weather; // what goes wrong

use std::thread;
use std::time::Duration;

use tokio::time::sleep;

use runs::{Runs, paused, played};

const PLAYS: u64 = 100;

async fn minutes(n: u64) {
    sleep(Duration::from_secs(60 * n)).await;
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_plays_lose_nothing_and_do_nothing_twice() {
    let seed = number("MATTERACTOR_SEED");
    let plays = number("MATTERACTOR_PLAYS").unwrap_or(PLAYS);
    let seeds = seed.map_or(1..=plays, |seed| seed..=seed);
    let Runs { failed, acts } = Runs::over(seeds, false, |_, _, _| ());
    assert!(failed.is_empty(), "failed with the seeds {failed:?}");
    assert!(acts > plays, "people did {acts} things");
}

#[test]
fn the_same_seed_plays_the_same_again() {
    let play = || thread::spawn(|| played(7, true).trace).join().unwrap();
    let (once, again) = (play(), play());
    let differs = once.lines().zip(again.lines()).find(|(a, b)| a != b);
    assert_eq!(differs, None);
    assert_eq!(once.lines().count(), again.lines().count());
}
