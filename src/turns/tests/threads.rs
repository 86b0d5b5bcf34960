//! The same turns on threads that author code blocks.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;
use crate::turns::{Hears, Runner};

/// Hands on what is told; falls over at a word.
struct Ears {
    told: UnboundedSender<String>,
}

impl Hears<Waits> for Ears {
    fn hear(&self, told: Vec<Told<Waits>>) {
        told.into_iter().for_each(|told| self.hear_one(told));
    }

    fn fell(&self) {
        drop(self.told.send("fell".into()));
    }
}

impl Ears {
    fn hear_one(&self, told: Told<Waits>) {
        match told {
            Told::Settled { waiter, fate, .. } => {
                let text = said(&waiter.event).to_owned();
                assert!(text != "trips", "as the test wants it");
                waiter.settled(Answer::silent(), fate);
                drop(self.told.send(format!("{text}: {fate:?}")));
            }
            Told::Failed(failed) => drop(self.told.send(format!("failed: {:#}", failed.error))),
            _ => {}
        }
    }
}

/// A place on `size` threads whose turns may take so long.
fn threads(size: usize, limit: Duration) -> (Chat, Arc<Runner<Waits>>, UnboundedReceiver<String>) {
    let chat = town_in(Workshop::threads(size, limit).unwrap());
    let (runner, told) = runner(&chat);
    (chat, runner, told)
}

fn runner(chat: &Chat) -> (Arc<Runner<Waits>>, UnboundedReceiver<String>) {
    let (sender, told) = unbounded_channel();
    let engine = Arc::new(chat.engine.clone());
    let turns = Box::new(Turns::new(place(), Vec::new(), chat.queue.clone()));
    let Ok(runner) = Runner::new(
        engine,
        turns,
        chat.queue.clone(),
        Arc::new(Ears { told: sender }),
    ) else {
        panic!("there are threads");
    };
    (runner, told)
}

impl Chat {
    /// Ann posts this, and it is taken.
    fn posts(&mut self, runner: &Arc<Runner<Waits>>, text: &str) {
        self.says(text);
        runner.wake_by_ref();
    }
}

async fn hears(told: &mut UnboundedReceiver<String>, all: &[&str]) {
    for one in all {
        assert_eq!(told.recv().await.unwrap(), *one);
    }
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn turns_are_taken_in_order_and_those_that_wait_hold_up_no_thread() {
    let (mut chat, runner, mut told) = threads(1, LONG);
    for text in ["a", "slow", "b"] {
        chat.posts(&runner, text);
    }
    hears(&mut told, &["a: Done"]).await;
    chat.gate.notify.notify_one();
    hears(&mut told, &["slow: Done", "b: Done"]).await;
    assert_eq!(chat.stored().await, (3, 3));
}

#[tokio::test]
async fn what_came_before_a_handler_that_blocks_its_thread_is_committed_and_told() {
    let (mut chat, runner, mut told) = threads(1, LONG);
    for text in ["a", "blocks", "b"] {
        chat.posts(&runner, text);
    }
    hears(&mut told, &["a: Done"]).await;
    chat.gate.opens();
    hears(&mut told, &["blocks: Done", "b: Done"]).await;
    assert_eq!(chat.stored().await, (3, 3));
}

#[tokio::test]
async fn a_handler_that_blocks_its_thread_too_long_costs_its_own_turn_only() {
    let (mut chat, runner, mut told) = threads(1, Duration::from_millis(200));
    for text in ["blocks", "b"] {
        chat.posts(&runner, text);
    }
    let failed = "failed: it took longer than 200ms";
    hears(&mut told, &[failed, "blocks: Done", "b: Done"]).await;
    chat.posts(&runner, "c");
    hears(&mut told, &["c: Done"]).await;
    assert_eq!(chat.engine.workshop.blocked(), 1);
    chat.gate.opens();
    while chat.engine.workshop.blocked() > 0 {
        tokio::task::yield_now().await;
    }
    chat.posts(&runner, "d");
    hears(&mut told, &["d: Done"]).await;
}

#[tokio::test]
async fn places_that_block_all_threads_hold_up_no_other_place() {
    let (mut chat, runner, mut told) = threads(2, LONG);
    let mut others = Vec::new();
    for _ in 0..8 {
        let mut other = town_in(chat.engine.workshop.clone());
        let (runner, told) = self::runner(&other);
        other.says("blocks");
        runner.wake_by_ref();
        others.push((other, runner, told));
    }
    chat.posts(&runner, "a");
    hears(&mut told, &["a: Done"]).await;
    for (other, _, told) in &mut others {
        other.gate.opens();
        hears(told, &["blocks: Done"]).await;
    }
}

/// Each is back from its thread about when it is relieved, a little before or behind.
#[tokio::test]
async fn handlers_that_are_back_just_as_they_are_relieved_lose_nothing_and_do_nothing_twice() {
    const NAPS: usize = 12;
    let (chat, ..) = threads(2, LONG);
    let mut others = Vec::new();
    for _ in 0..6 {
        let mut other = town_in(chat.engine.workshop.clone());
        let (runner, told) = self::runner(&other);
        for _ in 0..NAPS {
            other.posts(&runner, "naps");
        }
        others.push((other, runner, told));
    }
    for (mut other, runner, mut told) in others {
        hears(&mut told, &["naps: Done"; NAPS]).await;
        other.posts(&runner, "a");
        hears(&mut told, &["a: Done"]).await;
        assert_eq!(other.stored().await, (NAPS + 1, NAPS + 1));
    }
}

#[tokio::test]
async fn turns_that_fall_over_settle_all_that_waits() {
    let (mut chat, runner, mut told) = threads(1, LONG);
    for text in ["slow", "trips", "b"] {
        chat.posts(&runner, text);
    }
    chat.gate.notify.notify_one();
    hears(&mut told, &["slow: Done", "fell"]).await;
    chat.posts(&runner, "c");
    let settled = |text| chat.settled().contains(&(String::from(text), Fate::Failed));
    assert!(
        ["trips", "b", "c"].into_iter().all(settled),
        "{:?}",
        chat.settled()
    );
}

#[tokio::test]
async fn a_workshop_that_closes_settles_all_that_waits() {
    let (mut chat, runner, told) = threads(1, LONG);
    chat.engine.workshop.close();
    chat.posts(&runner, "a");
    drop((runner, told));
    assert_eq!(chat.settled(), [("a".to_owned(), Fate::Failed)]);
}
