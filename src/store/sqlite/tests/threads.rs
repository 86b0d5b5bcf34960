//! Which thread writes what, and that nobody waits in vain.

use std::thread;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::runtime::Builder;
use tokio::task::unconstrained;

use super::{Home, grouped};
use crate::event::Place;
use crate::store::sqlite::{Sqlite, Write};
use crate::store::suite::{place, slot, turn};
use crate::store::{CommitError, Store, may_block};

/// Runs a future on this thread, which may wait for the disk.
fn here<F: Future>(future: F) -> F::Output {
    let _may = may_block();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}

fn name() -> String {
    thread::current().name().unwrap().to_owned()
}

fn desk(n: u32) -> Place {
    Place::Desk(n.to_string())
}

async fn version(store: &Sqlite, n: u8) -> i64 {
    let found = store.load(&[slot(n)]).await.unwrap().remove(0);
    found.map_or(0, |row| row.version)
}

/// So many turns of a place, one after the other.
async fn turns(store: &Sqlite, n: u8, count: i64) {
    for read in 0..count {
        assert_eq!(version(store, n).await, read);
        store.commit(turn(&place(n), read)).await.unwrap();
    }
}

#[test]
fn who_may_block_writes_alone_what_nobody_else_writes() {
    let home = Home::new();
    here(async {
        let store = home.open().await;
        turns(&store, 1, 3).await;
        let own = (name(), 1);
        assert_eq!(store.line.groups(), [own.clone(), own.clone(), own]);
        store.close().await;
        let error = store.commit(turn(&place(1), 3)).await.unwrap_err();
        assert!(error.to_string().ends_with("it is closed"), "{error}");
    });
}

#[tokio::test]
async fn who_may_not_block_has_it_written_by_the_stores_thread() {
    let home = Home::new();
    let store = home.open().await;
    turns(&store, 1, 2).await;
    let other = ("store".to_owned(), 1);
    assert_eq!(store.line.groups(), [other.clone(), other]);
}

#[tokio::test]
async fn who_leads_takes_what_waits_along_and_leaves_the_rest() {
    let home = Home::new();
    let store = home.open().await;
    let held = store.line.hold();
    // One more than a group.
    let mut asking: Vec<_> = (0..=256)
        .map(|n| unconstrained(store.commit(turn(&desk(n), 0))))
        .collect();
    for asks in &mut asking {
        assert!(asks.now_or_never().is_none());
    }
    held.lead(1);
    for outcome in join_all(asking).await {
        outcome.unwrap();
    }
    let wanted = [(name(), 256), ("store".to_owned(), 1)];
    assert_eq!(store.line.groups(), wanted);
}

#[tokio::test]
async fn more_ask_than_have_a_place_and_all_are_answered() {
    let home = Home::new();
    let store = home.open().await;
    let asking = (0..1_500).map(|n| store.commit(turn(&desk(n), 0)));
    for outcome in grouped(&store, asking).await {
        outcome.unwrap();
    }
    let groups = store.line.groups();
    assert_eq!(groups.iter().map(|(_, size)| size).sum::<usize>(), 1_500);
    assert!(groups.iter().all(|(_, size)| *size <= 256), "{groups:?}");
}

#[tokio::test]
async fn what_asked_before_the_close_is_written_and_what_gave_up_holds_nothing_up() {
    let home = Home::new();
    let store = home.open().await;
    let held = store.line.hold();
    let mut asking: Vec<_> = (0..1_100)
        .map(|n| unconstrained(store.commit(turn(&desk(n), 0))))
        .collect();
    for asks in &mut asking {
        assert!(asks.now_or_never().is_none());
    }
    // One that has no place yet.
    drop(asking.pop());
    let (outcomes, (), ()) = tokio::join!(join_all(asking), store.close(), async { drop(held) });
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let store = home.open().await;
    assert_eq!(store.list("", None, 9_999).await.unwrap().len(), 1_099);
}

#[test]
fn everybody_is_answered_whoever_may_block() {
    const EACH: i64 = 150;
    let home = Home::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let store = &runtime.block_on(home.open());
    thread::scope(|scope| {
        for n in 0..8 {
            scope.spawn(move || here(turns(store, n, EACH)));
        }
        // As on an actors' thread: many at once, and none may block.
        runtime.block_on(join_all((8..20).map(|n| turns(store, n, EACH))));
    });
    here(async {
        for n in 0..20 {
            assert_eq!(version(store, n).await, EACH);
        }
    });
    let groups = store.line.groups();
    let written: usize = groups.iter().map(|(_, size)| size).sum();
    assert_eq!(written, 20 * EACH as usize);
    assert!(groups.iter().any(|(_, size)| *size > 1), "{groups:?}");
}

#[tokio::test]
async fn who_leads_and_waits_for_the_file_stops_nobody_after_it() {
    let home = Home::new();
    let store = home.open().await;
    let soon = Write::Sql("PRAGMA busy_timeout = 500");
    store.write(soon).await.unwrap();
    // The store's thread, too, has done with it.
    drop(store.line.hold());
    store.line.groups();
    let outside = home.beside();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let store = &store;
    let asked = thread::scope(|scope| {
        let leads = scope.spawn(move || here(store.commit(turn(&place(0), 0))));
        while store.line.groups().is_empty() {
            thread::yield_now();
        }
        let mut asking: Vec<_> = (1..5).map(|n| store.commit(turn(&place(n), 0))).collect();
        for asks in &mut asking {
            assert!(asks.now_or_never().is_none());
        }
        let error = leads.join().unwrap().unwrap_err();
        assert!(matches!(error, CommitError::Unavailable(_)), "{error}");
        outside.execute_batch("ROLLBACK").unwrap();
        asking
    });
    for outcome in join_all(asked).await {
        outcome.unwrap();
    }
    assert_eq!(version(store, 0).await, 0);
    let groups = store.line.groups();
    assert_eq!(
        groups.last().unwrap(),
        &("store".to_owned(), 4),
        "{groups:?}"
    );
}

#[test]
fn a_panic_while_somebodys_thread_leads_is_the_writers_death_not_theirs() {
    let home = Home::new();
    here(async {
        let store = home.open().await;
        let error = store.write(Write::Panic).await.err().unwrap();
        assert!(
            error.to_string().ends_with("its writer has died"),
            "{error}"
        );
        store.died().await;
        let error = store.commit(turn(&place(0), 0)).await.unwrap_err();
        assert!(
            error.to_string().ends_with("its writer has died"),
            "{error}"
        );
        // The file is free: the next process can start.
        home.open().await.commit(turn(&place(0), 0)).await.unwrap();
        store.close().await;
    });
}

#[test]
fn who_leads_ends_its_group_when_the_store_ends_with_its_runtime() {
    let home = Home::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let store = &runtime.block_on(home.open());
    let outside = home.beside();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    thread::scope(|scope| {
        let leads = scope.spawn(move || here(store.commit(turn(&place(0), 0))));
        while store.line.groups().is_empty() {
            thread::yield_now();
        }
        let mut waits = store.commit(turn(&place(1), 0));
        assert!((&mut waits).now_or_never().is_none());
        let ends = scope.spawn(move || drop(runtime));
        assert!(here(waits).is_err(), "it isn't written any more");
        outside.execute_batch("ROLLBACK").unwrap();
        ends.join().unwrap();
        leads.join().unwrap().unwrap();
    });
    // The file is free.
    here(async {
        assert_eq!(version(&home.open().await, 0).await, 1);
    });
}

#[test]
fn who_may_block_reads_in_place_and_nobody_else() {
    let home = Home::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(home.open());
    let own = thread::current().id();
    let read = || store.read(|_| Ok(thread::current().id()));
    assert_eq!(here(read()).unwrap(), own);
    assert_ne!(runtime.block_on(read()).unwrap(), own);
}

#[test]
fn reads_see_what_was_committed_before_them_on_any_thread() {
    let home = Home::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(home.open());
    here(turns(&store, 1, 2));
    runtime.block_on(async {
        // More at once than there are readers.
        let versions = join_all((0..9).map(|_| version(&store, 1))).await;
        assert_eq!(versions, [2; 9]);
        store.close().await;
        assert!(store.load(&[slot(1)]).await.is_err());
    });
}
