use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::LocalSet;

use super::chat::Chat;
use crate::testing::Setup;
use crate::time::{is_paused, sleep};

/// A bot that never ran answers no history: people speak once it has looked around.
const LOOKS_AROUND: Duration = Duration::from_secs(5);

/// Plays in a chat in virtual time, with its chance from `seed`: the same seed plays the same again.
/// For a test with paused time, `#[tokio::test(start_paused = true)]`; with several seeds in a loop
/// there are several plays.
///
/// # Panics
/// Where the setup can't work, with the reason; where time isn't paused; and where `work` panics,
/// with the seed and all that happened.
pub async fn play<T>(
    seed: u64,
    setup: impl Into<Setup>,
    work: impl AsyncFnOnce(Rc<Chat>) -> T,
) -> T {
    assert!(
        is_paused(),
        "time must be paused: write `#[tokio::test(start_paused = true)]`"
    );
    fastrand::seed(seed);
    let place = LocalSet::new();
    let played = place.run_until(async {
        let chat = Chat::new(setup).unwrap_or_else(|error| panic!("{error}"));
        let chat = Rc::new(chat);
        sleep(LOOKS_AROUND).await;
        let done = AssertUnwindSafe(work(chat.clone())).catch_unwind().await;
        done.unwrap_or_else(|panic| {
            eprintln!("{}the play with seed {seed} failed, as above", chat.trace());
            resume_unwind(panic)
        })
    });
    played.await
}
