//! What a group of commits costs: `cargo test --lib weight -- --ignored --nocapture`.

use futures_util::future::join_all;

use super::{Home, grouped};
use crate::event::{Key, Slot};
use crate::model::ids::Millis;
use crate::store::suite::{card, commit, home, place, write};
use crate::store::{Commit, Store, may_block};
use crate::time::instant;

/// How many groups of each size.
const GROUPS: i64 = 400;

/// A click on a poll of many votes: a key, a slot with a state of 1 kB, a card.
fn click(poll: u8, read: i64) -> Commit {
    let slot = Slot::new(place(poll), "poll", "");
    let mut slot_write = write(&slot, read);
    if let Some(row) = &mut slot_write.row {
        row.state = format!("{{\"votes\":\"{}\"}}", "v".repeat(1_000)).into();
    }
    let first = (read == 0).then(|| home(poll.into()));
    Commit {
        keys: vec![(Key::of(&[&format!("{poll} {read}")]), Millis(9_000))],
        slots: vec![slot_write],
        cards: vec![card(&slot, first, read + 1)],
        ..commit()
    }
}

/// What the process has computed so far, in milliseconds.
fn computed() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks = |n: usize| fields[n].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) * 10.0
}

async fn weigh(size: u8, what: &str) {
    let home = Home::new();
    let store = home.open().await;
    let (began, before) = (instant(), computed());
    for read in 0..GROUPS {
        let group = (0..size).map(|poll| store.commit(click(poll, read)));
        let outcomes = match size {
            1 => join_all(group).await,
            _ => grouped(&store, group).await,
        };
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    }
    let each = |total: f64| total * 1_000.0 / GROUPS as f64;
    println!(
        "{size} {what}: {:.0} µs, of which {:.0} µs were computed",
        each(began.elapsed().as_secs_f64() * 1_000.0),
        each(computed() - before),
    );
}

#[tokio::test]
#[ignore = "it measures"]
async fn groups_weigh_little() {
    for size in [1, 16, 64] {
        weigh(size, "by the store's thread").await;
    }
    let _may = may_block();
    weigh(1, "by who asks").await;
}
