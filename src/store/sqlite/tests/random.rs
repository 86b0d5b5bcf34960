//! Groups of random writes come to what they come to one after the other in memory.

use fastrand::Rng;
use std::sync::Arc;

use super::{Home, grouped};
use crate::event::{CardContent, Home as CardHome, JobKind, Key, RowKind, Slot};
use crate::model::ids::Millis;
use crate::store::suite::{
    home, id, job, listening, outgoing, place, post, posted, row, text, timer,
};
use crate::store::{
    CardWrite, Commit, CommitError, Memory, Settled, SlotWrite, Sqlite, Store, TimerCancel,
};

/// A small world, so that things meet often.
struct World {
    rng: Rng,
    /// The next id of a row or a job; each is new.
    next: u32,
    /// What the group may speak of: ids that were committed before it.
    known: u32,
}

impl World {
    fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn old(&mut self) -> u32 {
        let from = self.known.saturating_sub(20);
        self.rng.u32(from..=self.known)
    }
}

impl std::ops::Deref for World {
    type Target = Rng;

    fn deref(&self) -> &Rng {
        &self.rng
    }
}

impl std::ops::DerefMut for World {
    fn deref_mut(&mut self) -> &mut Rng {
        &mut self.rng
    }
}

fn slot(rng: &mut World) -> Slot {
    Slot::new(place(rng.u8(..2)), "poll", ["", "a"][rng.usize(..2)])
}

fn some<T>(rng: &mut World, most: usize, mut make: impl FnMut(&mut World) -> T) -> Vec<T> {
    (0..rng.usize(..=most)).map(|_| make(rng)).collect()
}

fn key(rng: &mut World) -> Key {
    Key::of(&[&rng.u8(..30).to_string()])
}

fn kind(rng: &mut World) -> JobKind {
    match rng.u8(..4) {
        0 => JobKind::Mail,
        1 => JobKind::Work("fetch".to_owned()),
        _ => timer(["end", "remind"][rng.usize(..2)]),
    }
}

async fn slots(rng: &mut World, memory: &Memory) -> Vec<SlotWrite> {
    let mut writes: Vec<SlotWrite> = Vec::new();
    for slot in some(rng, 2, slot) {
        if writes.iter().any(|write| write.slot == slot) {
            continue;
        }
        let found = memory
            .load(std::slice::from_ref(&slot))
            .await
            .unwrap()
            .remove(0);
        // Now and then it was written by another.
        let stale = i64::from(rng.u8(..8) == 0);
        let read = found.map_or(0, |row| row.version) + stale;
        let mut next = row(&slot, read + 1);
        next.expires = (rng.u8(..4) == 0).then(|| Millis(rng.i64(..2_000)));
        next.listening = (rng.u8(..3) == 0).then(|| listening(rng.old()));
        let row = (rng.u8(..5) > 0).then_some(next);
        writes.push(SlotWrite { slot, read, row });
    }
    writes
}

fn card(rng: &mut World) -> CardWrite {
    let version = rng.i64(1..9);
    CardWrite {
        slot: slot(rng),
        home: match rng.u8(..4) {
            0 => Some(CardHome::Person),
            1 => Some(home(rng.old())),
            _ => None,
        },
        moves: rng.u8(..2) == 0,
        post: (rng.u8(..4) == 0).then(|| post(rng.u8(..5))),
        wanted: Arc::new(CardContent {
            text: format!("{version} {}", rng.u8(..)),
            ..CardContent::default()
        }),
        version,
    }
}

async fn commit(rng: &mut World, memory: &Memory) -> Commit {
    // Few enough that some are repeated.
    let name = rng.u8(..60);
    let mut cards = some(rng, 2, card);
    let rows = some(rng, 2, |rng| {
        let n = rng.fresh();
        if rng.bool() {
            return text(n);
        }
        let slot = slot(rng);
        if rng.bool() {
            let mut first = card(rng);
            (first.slot, first.home) = (slot.clone(), Some(home(n)));
            cards.push(first);
        }
        outgoing(n, RowKind::Card(slot))
    });
    Commit {
        id: [name; 16],
        now: Millis(i64::from(name) * 30),
        keys: some(rng, 1, |rng| (key(rng), Millis(rng.i64(..2_000)))),
        consumed: match rng.u8(..4) {
            0 => vec![id(rng.old())],
            _ => Vec::new(),
        },
        slots: slots(rng, memory).await,
        rows,
        cards,
        cancels: some(rng, 1, |rng| TimerCancel {
            slot: slot(rng),
            name: "end".to_owned(),
        }),
        jobs: some(rng, 2, |rng| {
            job(rng.fresh(), &slot(rng), kind(rng), rng.i64(..50))
        }),
    }
}

fn settled(rng: &mut World) -> Settled {
    let row = id(rng.old());
    match rng.u8(..10) {
        0 => Settled::Left(row),
        1 => Settled::SetAside {
            row,
            reason: "403".to_owned(),
            mail: rng
                .bool()
                .then(|| job(rng.fresh(), &slot(rng), JobKind::Mail, 1)),
        },
        2 => Settled::Altered(slot(rng)),
        3 => Settled::Gone {
            slot: slot(rng),
            post: post(rng.u8(..5)),
        },
        4 => Settled::Shown {
            slot: slot(rng),
            post: post(rng.u8(..5)),
            version: rng.i64(1..9),
        },
        5 => Settled::Waits {
            rows: some(rng, 3, |rng| id(rng.old())),
            since: Millis(rng.i64(..99)),
        },
        6 => Settled::Told {
            rows: some(rng, 3, |rng| id(rng.old())),
            notice: Box::new(text(rng.fresh())),
        },
        _ => posted(
            rng.old(),
            post(rng.u8(..5)),
            rng.i64(..99),
            Some(rng.i64(1..9)),
        ),
    }
}

#[derive(Clone, Debug)]
enum Step {
    Commit(Commit),
    Settle(Vec<Settled>),
    Postpone(u32, i64),
}

async fn step(rng: &mut World, memory: &Memory) -> Step {
    match rng.u8(..6) {
        0 => Step::Settle(some(rng, 4, settled)),
        1 => Step::Postpone(rng.old(), rng.i64(..50)),
        _ => Step::Commit(commit(rng, memory).await),
    }
}

async fn take(store: &dyn Store, step: Step) -> Result<(), CommitError> {
    match step {
        Step::Commit(commit) => store.commit(commit).await,
        Step::Settle(settled) => Ok(store.settle(settled).await?),
        Step::Postpone(job, due) => Ok(store.postpone(&id(job), Millis(due), 1).await?),
    }
}

/// All that a store answers.
async fn everything(store: &dyn Store) -> String {
    let keys: Vec<Key> = (0..30).map(|n: u8| Key::of(&[&n.to_string()])).collect();
    let mut all = format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:?}\n{:?}\n",
        store.list("", None, 99).await.unwrap(),
        store.listening().await.unwrap(),
        store.due(Millis(99), 99).await.unwrap(),
        store.unsent(None, 99).await.unwrap(),
        store.set_aside(99).await.unwrap(),
        store.stale_cards(None, 99).await.unwrap(),
        store.seen(&keys).await.unwrap(),
        store.next_due(Millis(20)).await.unwrap(),
    );
    for n in 0..2 {
        for topic in ["", "a"] {
            let card = store
                .card(&Slot::new(place(n), "poll", topic))
                .await
                .unwrap();
            all += &format!("{card:#?}\n");
        }
    }
    for n in 0..5 {
        all += &format!("{:?}\n", store.card_of_post(&post(n)).await.unwrap());
    }
    all
}

async fn compare(seed: u64, rounds: usize) {
    let mut rng = World {
        rng: Rng::with_seed(seed),
        next: 0,
        known: 0,
    };
    let home = Home::new();
    let (memory, sqlite): (Memory, Sqlite) = (Memory::new(), home.open().await);
    for round in 0..rounds {
        rng.known = rng.next;
        let mut group = Vec::new();
        for _ in 0..rng.usize(1..6) {
            group.push(step(&mut rng, &memory).await);
        }
        let asking = group.iter().map(|step| take(&sqlite, step.clone()));
        let grouped = grouped(&sqlite, asking).await;
        let mut single = Vec::new();
        for step in &group {
            single.push(take(&memory, step.clone()).await);
        }
        let (grouped, single) = (format!("{grouped:?}"), format!("{single:?}"));
        assert_eq!(grouped, single, "seed {seed}, round {round}: {group:#?}");
        if rng.u8(..10) == 0 {
            let now = Millis(rng.i64(..1_000) + 600_000 * i64::from(rng.bool()));
            let pruned = sqlite.prune(now).await.unwrap();
            assert_eq!(
                pruned,
                memory.prune(now).await.unwrap(),
                "seed {seed}, round {round}"
            );
        }
        let (found, wanted) = (everything(&sqlite).await, everything(&memory).await);
        assert!(
            found == wanted,
            "seed {seed}, round {round}: {group:#?}\n{found}\n{wanted}"
        );
    }
    sqlite.close().await;
}

#[tokio::test]
async fn random_groups_come_to_the_same_in_sqlite_and_in_memory() {
    for seed in 0..4 {
        compare(seed, 50).await;
    }
}
