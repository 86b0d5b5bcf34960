//! Many plays, on all cores.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tokio::runtime::Builder;
use tokio::task::LocalSet;

use super::checker;
use super::play::Play;

/// What a play came to: the broken rules, what people did, and the trace.
pub struct Outcome {
    pub wrong: Vec<String>,
    pub acts: u64,
    pub trace: String,
}

/// What many plays came to.
pub struct Runs {
    /// The seeds of those that broke a rule.
    pub failed: Vec<u64>,
    /// What people did in all of them.
    pub acts: u64,
}

/// One thread in virtual time.
pub fn paused<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// A whole play; its chance begins before the bot does.
pub fn played(seed: u64, traced: bool) -> Outcome {
    fastrand::seed(seed);
    paused(LocalSet::new().run_until(async {
        let mut play = Play::new();
        if !traced {
            play.chat.trace().silence();
        }
        play.run().await;
        Outcome {
            wrong: checker::check(&play).await,
            acts: play.record.borrow().acts,
            trace: play.chat.trace().to_string(),
        }
    }))
}

impl Runs {
    /// The plays of these seeds; one alone tells all that the bot logs. After each play `ended` is
    /// told how many there were, what people did in them, and how many failed.
    /// With `one` it ends at the first that breaks a rule.
    pub fn over(
        seeds: RangeInclusive<u64>,
        one: bool,
        ended: impl Fn(u64, u64, u64) + Sync,
    ) -> Self {
        let (first, last) = seeds.into_inner();
        if first == last {
            let log = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG);
            let _ = log.without_time().with_writer(std::io::stderr).try_init();
        }
        let next = AtomicU64::new(first);
        let (plays, acts, broken) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let work = || {
            let mut failed = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed > last || one && broken.load(Ordering::Relaxed) > 0 {
                    return failed;
                }
                let (did, right) = play(seed, one);
                if !right {
                    failed.push(seed);
                }
                let plays = plays.fetch_add(1, Ordering::Relaxed) + 1;
                let acts = acts.fetch_add(did, Ordering::Relaxed) + did;
                let wrong = u64::from(!right);
                let broken = broken.fetch_add(wrong, Ordering::Relaxed) + wrong;
                ended(plays, acts, broken);
            }
        };
        let workers = thread::available_parallelism().map_or(1, |n| n.get());
        let mut failed: Vec<u64> = thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let ended = threads.into_iter().map(|thread| thread.join().unwrap());
            ended.flatten().collect()
        });
        failed.sort_unstable();
        Self {
            failed,
            acts: acts.into_inner(),
        }
    }
}

/// What people did in a play, and whether all was right. One that goes wrong is played again, to be
/// told.
fn play(seed: u64, quiet: bool) -> (u64, bool) {
    let Outcome { wrong, acts, .. } = played(seed, false);
    if wrong.is_empty() || quiet {
        return (acts, wrong.is_empty());
    }
    let again = played(seed, true);
    let wrong = wrong.join("\n  ");
    eprintln!(
        "{}MATTERACTOR_SEED={seed} broke the rules, as above:\n  {wrong}\n",
        again.trace
    );
    (acts, false)
}
