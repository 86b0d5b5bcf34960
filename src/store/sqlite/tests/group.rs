//! Groups: what is committed together, and what fails alone.

use futures_util::future::join_all;

use super::{Home, grouped};
use crate::event::{JobKind, Key, Slot};
use crate::model::ids::Millis;
use crate::store::sqlite::{Sqlite, Write};
use crate::store::suite::{
    card, commit, home as bot_home, id, job, listening, place, post, posted, row, slot, text, turn,
    write,
};
use crate::store::{CardWrite, Commit, CommitError, Settled, SlotWrite, Store};

async fn sql(store: &Sqlite, sql: &'static str) {
    store.write(Write::Sql(sql)).await.unwrap();
}

async fn versions(store: &Sqlite, places: u8) -> Vec<i64> {
    let slots: Vec<Slot> = (0..places).map(slot).collect();
    let rows = store.load(&slots).await.unwrap();
    rows.into_iter()
        .map(|row| row.map_or(0, |row| row.version))
        .collect()
}

#[tokio::test]
async fn a_rejected_commit_does_not_hold_up_its_group() {
    let home = Home::new();
    let store = home.open().await;
    let key = |text: &str| vec![(Key::trigger(text), Millis(9_000))];
    let group = vec![
        Commit {
            keys: key("a"),
            ..turn(&place(0), 0)
        },
        turn(&place(1), 1),
        turn(&place(2), 0),
        Commit {
            keys: key("a"),
            ..turn(&place(3), 0)
        },
        Commit {
            consumed: vec![id(1)],
            ..turn(&place(4), 0)
        },
        turn(&place(5), 0),
    ];
    let outcomes = grouped(&store, group.into_iter().map(|commit| store.commit(commit))).await;
    assert!(matches!(outcomes[0], Ok(())));
    assert!(matches!(&outcomes[1], Err(CommitError::Conflict(of)) if *of == slot(1)));
    assert!(matches!(outcomes[2], Ok(())));
    assert!(matches!(outcomes[3], Err(CommitError::Duplicate(0))));
    assert!(matches!(outcomes[4], Err(CommitError::Gone(0))));
    assert!(matches!(outcomes[5], Ok(())));
    assert_eq!(versions(&store, 6).await, [1, 0, 1, 0, 0, 1]);
}

#[tokio::test]
async fn what_a_rejected_commit_would_have_replaced_stays() {
    let home = Home::new();
    let store = home.open().await;
    let mut asks = turn(&place(1), 0);
    asks.slots[0].row.as_mut().unwrap().listening = Some(listening(2));
    asks.cards = vec![CardWrite {
        post: Some(post(1)),
        ..card(&slot(1), Some(bot_home(1)), 1)
    }];
    asks.rows = vec![text(2)];
    store.commit(asks).await.unwrap();
    let stale = Commit {
        cards: vec![card(&slot(1), None, 6)],
        ..turn(&place(1), 5)
    };
    let shown = Settled::Shown {
        slot: slot(1),
        post: post(1),
        version: 1,
    };
    let settled = vec![shown, posted(2, post(2), 77, None)];
    let held = store.line.hold();
    let (rejected, settled, ()) = tokio::join!(store.commit(stale), store.settle(settled), async {
        drop(held)
    });
    assert!(matches!(rejected, Err(CommitError::Conflict(_))));
    settled.unwrap();
    let slot_row = store.load(&[slot(1)]).await.unwrap().remove(0).unwrap();
    assert_eq!(slot_row.state, row(&slot(1), 1).state);
    assert_eq!(slot_row.listening.unwrap().since, Some(Millis(77)));
    let known = store.card(&slot(1)).await.unwrap().unwrap();
    assert_eq!(known.wanted, card(&slot(1), None, 1).wanted);
    assert_eq!((known.wanted_version, known.shown_version), (1, 1));
}

#[tokio::test]
async fn commits_of_a_group_see_the_earlier_ones() {
    let home = Home::new();
    let store = home.open().await;
    let first = turn(&place(0), 0);
    let mail = Commit {
        jobs: vec![job(1, &slot(0), JobKind::Mail, 5)],
        ..commit()
    };
    let taken = Commit {
        consumed: vec![id(1)],
        ..turn(&place(0), 1)
    };
    let more = Commit {
        jobs: vec![job(2, &slot(0), JobKind::Work("fetch".to_owned()), 5)],
        ..commit()
    };
    let end = SlotWrite {
        slot: slot(0),
        read: 2,
        row: None,
    };
    let end = Commit {
        slots: vec![end],
        ..commit()
    };
    let group = vec![
        first.clone(),
        first,
        mail,
        taken,
        more,
        end,
        turn(&place(0), 0),
    ];
    let outcomes = grouped(&store, group.into_iter().map(|commit| store.commit(commit))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(versions(&store, 1).await, [1]);
    assert_eq!(store.due(Millis(9), 9).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_commits_of_many_places_all_count() {
    let home = Home::new();
    let store = home.open().await;
    // Four by place, each tried until it is in.
    let count = async |n: u8| {
        loop {
            let found = store.load(&[slot(n)]).await.unwrap().remove(0);
            let read = found.map_or(0, |row| row.version);
            match store.commit(turn(&place(n), read)).await {
                Ok(()) => return,
                Err(CommitError::Conflict(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    join_all((0..200).map(|i| count(i % 50))).await;
    assert_eq!(versions(&store, 50).await, [4; 50]);
}

#[tokio::test]
async fn only_the_poisonous_commit_of_a_group_is_refused() {
    let home = Home::new();
    let store = home.open().await;
    let trigger = "CREATE TRIGGER poison BEFORE INSERT ON slots WHEN new.skill = 'poison' \
        BEGIN SELECT RAISE(ABORT, 'this is poison'); END";
    sql(&store, trigger).await;
    let mut group: Vec<Commit> = (0..4).map(|n| turn(&place(n), 0)).collect();
    group[2].slots = vec![write(&Slot::new(place(2), "poison", ""), 0)];
    let outcomes = grouped(&store, group.into_iter().map(|commit| store.commit(commit))).await;
    assert!(
        matches!(&outcomes[2], Err(CommitError::Refused(text)) if text.ends_with("store.db: this is poison"))
    );
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    assert_eq!(versions(&store, 4).await, [1, 1, 0, 1]);
}

#[tokio::test]
async fn a_full_disk_is_unavailable_never_half_and_passes() {
    let home = Home::new();
    let store = home.open().await;
    let big = |n: u8| {
        let mut turn = turn(&place(n), 0);
        let state = "x".repeat(200_000);
        turn.slots[0].row.as_mut().unwrap().state = state.into();
        turn
    };
    for _ in 0..2 {
        // Each time, for it may have been opened anew.
        sql(&store, "PRAGMA max_page_count = 1").await;
        let group = [turn(&place(0), 0), big(1), turn(&place(2), 0)];
        let outcomes = grouped(&store, group.map(|commit| store.commit(commit))).await;
        for outcome in outcomes {
            let error = outcome.unwrap_err();
            assert!(matches!(error, CommitError::Unavailable(_)), "{error}");
        }
        assert_eq!(versions(&store, 3).await, [0, 0, 0]);
    }
    sql(&store, "PRAGMA max_page_count = 1000000").await;
    let group = [turn(&place(0), 0), big(1), turn(&place(2), 0)];
    let outcomes = grouped(&store, group.map(|commit| store.commit(commit))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(versions(&store, 3).await, [1, 1, 1]);
}

#[tokio::test]
async fn a_file_held_from_outside_is_unavailable_and_passes() {
    let home = Home::new();
    let store = home.open().await;
    sql(&store, "PRAGMA busy_timeout = 0").await;
    let outside = home.beside();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.commit(turn(&place(0), 0)).await.unwrap_err();
    assert!(matches!(error, CommitError::Unavailable(_)), "{error}");
    outside.execute_batch("ROLLBACK").unwrap();
    store.commit(turn(&place(0), 0)).await.unwrap();
}

#[tokio::test]
async fn more_is_pruned_than_is_pruned_at_once() {
    let home = Home::new();
    let store = home.open().await;
    let key = |n: u32| (Key::of(&[&n.to_string()]), Millis(5));
    let keys = (0..2_500).map(key).collect();
    store.commit(Commit { keys, ..commit() }).await.unwrap();
    assert_eq!(store.prune(Millis(5)).await.unwrap(), 2_500);
    assert_eq!(
        store.seen(&[key(0).0, key(2_499).0]).await.unwrap(),
        [false, false]
    );
}

#[tokio::test]
async fn the_death_of_the_writer_is_told() {
    let home = Home::new();
    let store = home.open().await;
    let asked = [Write::Panic, Write::Commit(turn(&place(0), 0))];
    for outcome in grouped(&store, asked.map(|write| store.write(write))).await {
        assert!(matches!(outcome, Err(CommitError::Unavailable(_))));
    }
    store.died().await;
    assert!(store.probe().await.is_err());
    assert_eq!(versions(&store, 1).await, [0]);
    // The lock is free: the next process can start.
    home.open().await.commit(turn(&place(0), 0)).await.unwrap();
}
