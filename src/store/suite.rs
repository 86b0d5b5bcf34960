//! What every store promises, a function per promise, run against each of them.

use serde_json::Map;

use super::*;
use crate::event::{
    Card, Draft, Home, JobKind, Lane, Listening, Place, RowId, RowKind, SlotRow, Version,
};
use crate::model::ids::{ChannelId, Millis, PostId, UserId};

/// Declares a test for each promise and each store.
macro_rules! promises {
    ($($name:ident)*) => {
        /// Against the memory.
        mod memory {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(&crate::store::Memory::new()).await;
                }
            )*
        }

        /// Against a file.
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    let folder = tempfile::tempdir().unwrap();
                    let path = folder.path().join("store.db");
                    let store = crate::store::Sqlite::open(&path).await.unwrap();
                    super::$name(&store).await;
                    crate::store::Store::close(&store).await;
                }
            )*
        }
    };
}

promises! {
    a_commit_writes_all_of_it
    a_used_key_is_a_duplicate_and_nothing_is_written
    a_consumed_job_is_gone_and_nothing_is_written
    a_slot_written_by_another_is_a_conflict
    keys_are_checked_before_jobs_and_jobs_before_versions
    a_repeated_commit_is_ok_until_its_id_is_forgotten
    a_malformed_commit_is_refused
    a_forgotten_slot_takes_its_jobs_and_card_with_it
    what_a_commit_writes_for_a_slot_that_it_forgets_stays
    a_timer_replaces_the_timer_of_its_name
    cancels_come_before_new_timers
    slots_are_loaded_in_the_order_asked
    due_jobs_come_longest_due_first
    a_postponed_job_is_due_later
    unsent_rows_come_in_order_of_id
    a_row_set_aside_is_not_unsent
    a_posted_question_is_heard_from_its_time_on
    a_write_that_does_not_know_the_questions_time_keeps_it
    a_posted_card_is_known_and_shows_its_version
    a_row_of_an_older_card_does_not_post_the_new_one
    a_card_never_goes_back
    a_card_that_moves_starts_anew
    an_altered_card_is_shown_again
    a_gone_card_shows_nothing_more
    cursors_never_move_back
    a_secret_is_made_once
    slots_are_listed_page_by_page
    pruning_forgets_what_is_past_its_time
    pruning_forgets_cards_that_are_done_with
    a_closed_store_is_unavailable
    odd_texts_come_back_as_they_were
}

pub(super) fn place(n: u8) -> Place {
    Place::Channel(ChannelId::from_bytes([n; 16]))
}

pub(super) fn slot(n: u8) -> Slot {
    Slot::new(place(n), "poll", "")
}

pub(super) fn row(slot: &Slot, version: Version) -> SlotRow {
    SlotRow {
        slot: slot.clone(),
        version,
        state: format!("{{\"version\":{version}}}"),
        form: 1,
        listening: None,
        expires: None,
    }
}

pub(super) fn write(slot: &Slot, read: Version) -> SlotWrite {
    let row = Some(row(slot, read + 1));
    SlotWrite {
        slot: slot.clone(),
        read,
        row,
    }
}

pub(super) fn commit() -> Commit {
    let id = std::array::from_fn(|_| fastrand::u8(..));
    Commit {
        id,
        now: Millis(1_000),
        ..Commit::default()
    }
}

/// A turn of a place that writes its one slot.
pub(super) fn turn(place: &Place, read: Version) -> Commit {
    let slot = Slot::new(place.clone(), "poll", "");
    Commit {
        slots: vec![write(&slot, read)],
        ..commit()
    }
}

pub(super) fn id(n: u32) -> RowId {
    RowId::new(Millis(1), n, 0)
}

pub(super) fn post(n: u8) -> PostId {
    PostId::from_bytes([n; 16])
}

pub(super) fn job(n: u32, slot: &Slot, kind: JobKind, due: i64) -> Job {
    let payload = format!("{n}");
    Job {
        id: id(n),
        slot: slot.clone(),
        kind,
        due: Millis(due),
        payload,
        attempts: 0,
    }
}

pub(super) fn timer(name: &str) -> JobKind {
    JobKind::Timer(name.to_owned())
}

pub(super) fn outgoing(n: u32, kind: RowKind) -> Row {
    let lane = Lane::Channel(ChannelId::from_bytes([1; 16]));
    Row {
        id: id(n),
        lane,
        kind,
        created: Millis(1_000),
        blame: None,
    }
}

pub(super) fn text(n: u32) -> Row {
    let draft = Draft {
        text: format!("post {n}"),
        root: None,
        props: Map::new(),
    };
    outgoing(n, RowKind::Post(draft))
}

pub(super) fn home(n: u32) -> Home {
    let lane = Lane::Channel(ChannelId::from_bytes([1; 16]));
    Home::Bot {
        row: id(n),
        lane,
        root: None,
    }
}

pub(super) fn card(slot: &Slot, home: Option<Home>, version: Version) -> CardWrite {
    let wanted = Card {
        text: format!("version {version}"),
        ..Card::default()
    };
    CardWrite {
        slot: slot.clone(),
        home,
        post: None,
        wanted,
        version,
    }
}

pub(super) fn listening(n: u32) -> Listening {
    let who = Some(UserId::from_bytes([9; 16]));
    Listening {
        who,
        root: None,
        row: id(n),
        since: None,
    }
}

pub(super) fn posted(n: u32, post: PostId, at: i64, shown: Option<Version>) -> Settled {
    Settled::Posted {
        row: id(n),
        post,
        at: Millis(at),
        shown,
    }
}

async fn version(store: &dyn Store, slot: &Slot) -> Version {
    let loaded = store.load(std::slice::from_ref(slot)).await.unwrap();
    loaded[0].as_ref().map_or(0, |row| row.version)
}

async fn ids(store: &dyn Store) -> Vec<RowId> {
    let due = store.due(Millis(i64::MAX), 100).await.unwrap();
    due.into_iter().map(|job| job.id).collect()
}

async fn a_commit_writes_all_of_it(store: &dyn Store) {
    let slot = slot(1);
    let key = Key::trigger("x");
    let mail = job(1, &slot, JobKind::Mail, 5);
    let full = Commit {
        keys: vec![(key, Millis(9_000))],
        slots: vec![write(&slot, 0)],
        rows: vec![text(2)],
        cards: vec![card(&slot, Some(home(3)), 1)],
        jobs: vec![mail.clone()],
        ..commit()
    };
    store.commit(full).await.unwrap();
    assert_eq!(
        store.seen(&[Key::trigger("y"), key]).await.unwrap(),
        [false, true]
    );
    assert_eq!(
        store.load(std::slice::from_ref(&slot)).await.unwrap(),
        [Some(row(&slot, 1))]
    );
    assert_eq!(store.unsent(None, 9).await.unwrap(), [text(2)]);
    assert_eq!(
        store.due(Millis(5), 9).await.unwrap(),
        std::slice::from_ref(&mail)
    );
    let card = store.card(&slot).await.unwrap().unwrap();
    assert_eq!(
        (card.wanted.text.as_str(), card.wanted_version),
        ("version 1", 1)
    );
    assert_eq!((card.post, card.shown_version), (None, 0));
    let consumed = Commit {
        consumed: vec![mail.id],
        ..commit()
    };
    store.commit(consumed).await.unwrap();
    assert_eq!(ids(store).await, []);
    store.probe().await.unwrap();
}

async fn a_used_key_is_a_duplicate_and_nothing_is_written(store: &dyn Store) {
    let key = |text: &str| (Key::trigger(text), Millis(9_000));
    let first = Commit {
        keys: vec![key("a")],
        ..commit()
    };
    store.commit(first).await.unwrap();
    let again = Commit {
        keys: vec![key("b"), key("a")],
        ..turn(&place(1), 0)
    };
    assert!(matches!(
        store.commit(again).await,
        Err(CommitError::Duplicate(1))
    ));
    let twice = Commit {
        keys: vec![key("c"), key("c")],
        ..turn(&place(1), 0)
    };
    assert!(matches!(
        store.commit(twice).await,
        Err(CommitError::Duplicate(1))
    ));
    let keys = [Key::trigger("b"), Key::trigger("c")];
    assert_eq!(store.seen(&keys).await.unwrap(), [false, false]);
    assert_eq!(version(store, &slot(1)).await, 0);
}

async fn a_consumed_job_is_gone_and_nothing_is_written(store: &dyn Store) {
    let jobs = vec![job(1, &slot(1), JobKind::Mail, 5)];
    store.commit(Commit { jobs, ..commit() }).await.unwrap();
    let twice = Commit {
        consumed: vec![id(1), id(1)],
        ..commit()
    };
    assert!(matches!(
        store.commit(twice).await,
        Err(CommitError::Gone(1))
    ));
    let taken = Commit {
        consumed: vec![id(1)],
        ..commit()
    };
    store.commit(taken).await.unwrap();
    let late = Commit {
        consumed: vec![id(1)],
        ..turn(&place(1), 0)
    };
    assert!(matches!(
        store.commit(late).await,
        Err(CommitError::Gone(0))
    ));
    assert_eq!(version(store, &slot(1)).await, 0);
}

async fn a_slot_written_by_another_is_a_conflict(store: &dyn Store) {
    store.commit(turn(&place(1), 0)).await.unwrap();
    for read in [0, 2] {
        let late = Commit {
            rows: vec![text(1)],
            ..turn(&place(1), read)
        };
        let error = store.commit(late).await.unwrap_err();
        assert!(matches!(error, CommitError::Conflict(of) if of == slot(1)));
    }
    let forget = SlotWrite {
        slot: slot(1),
        read: 0,
        row: None,
    };
    let late = Commit {
        slots: vec![forget],
        ..commit()
    };
    assert!(matches!(
        store.commit(late).await,
        Err(CommitError::Conflict(_))
    ));
    assert_eq!(store.unsent(None, 9).await.unwrap(), []);
    store.commit(turn(&place(1), 1)).await.unwrap();
    assert_eq!(version(store, &slot(1)).await, 2);
}

async fn keys_are_checked_before_jobs_and_jobs_before_versions(store: &dyn Store) {
    let keys = vec![(Key::trigger("a"), Millis(9_000))];
    store
        .commit(Commit {
            keys: keys.clone(),
            ..turn(&place(1), 0)
        })
        .await
        .unwrap();
    let mut wrong = Commit {
        keys,
        consumed: vec![id(1)],
        ..turn(&place(1), 0)
    };
    assert!(matches!(
        store.commit(wrong.clone()).await,
        Err(CommitError::Duplicate(0))
    ));
    wrong.keys.clear();
    assert!(matches!(
        store.commit(wrong.clone()).await,
        Err(CommitError::Gone(0))
    ));
    wrong.consumed.clear();
    assert!(matches!(
        store.commit(wrong).await,
        Err(CommitError::Conflict(_))
    ));
}

async fn a_repeated_commit_is_ok_until_its_id_is_forgotten(store: &dyn Store) {
    let turn = turn(&place(1), 0);
    for _ in 0..2 {
        store.commit(turn.clone()).await.unwrap();
        assert_eq!(version(store, &slot(1)).await, 1);
    }
    store.prune(Millis(1_000 + 10 * 60_000 - 1)).await.unwrap();
    store.commit(turn.clone()).await.unwrap();
    store.prune(Millis(1_000 + 10 * 60_000)).await.unwrap();
    assert!(matches!(
        store.commit(turn.clone()).await,
        Err(CommitError::Conflict(_))
    ));
    let nameless = Commit {
        id: [0; 16],
        slots: vec![write(&slot(2), 0)],
        ..turn
    };
    store.commit(nameless.clone()).await.unwrap();
    assert!(matches!(
        store.commit(nameless).await,
        Err(CommitError::Conflict(_))
    ));
}

async fn a_malformed_commit_is_refused(store: &dyn Store) {
    let mut jump = write(&slot(1), 0);
    jump.row.as_mut().unwrap().version = 3;
    let other = SlotWrite {
        slot: slot(2),
        ..write(&slot(1), 0)
    };
    let below = write(&slot(1), -1);
    for slots in [
        vec![jump],
        vec![other],
        vec![below],
        vec![write(&slot(1), 0); 2],
    ] {
        let error = store
            .commit(Commit { slots, ..commit() })
            .await
            .unwrap_err();
        assert!(matches!(error, CommitError::Refused(_)), "{error}");
    }
    assert_eq!(store.list("", None, 9).await.unwrap(), []);
}

async fn a_forgotten_slot_takes_its_jobs_and_card_with_it(store: &dyn Store) {
    let (one, two) = (slot(1), Slot::new(place(1), "poll", "other"));
    let jobs = |n, slot: &Slot| {
        let work = JobKind::Work("fetch".to_owned());
        [
            job(n, slot, timer("end"), 5),
            job(n + 1, slot, JobKind::Mail, 5),
            job(n + 2, slot, work, 5),
        ]
    };
    let full = Commit {
        slots: vec![write(&one, 0), write(&two, 0)],
        cards: vec![card(&one, Some(home(1)), 1), card(&two, Some(home(2)), 1)],
        jobs: [jobs(10, &one), jobs(20, &two)].concat(),
        ..commit()
    };
    store.commit(full).await.unwrap();
    let forget = SlotWrite {
        slot: one.clone(),
        read: 1,
        row: None,
    };
    store
        .commit(Commit {
            slots: vec![forget],
            ..commit()
        })
        .await
        .unwrap();
    assert_eq!(version(store, &one).await, 0);
    assert_eq!(version(store, &two).await, 1);
    assert_eq!(ids(store).await, [id(20), id(21), id(22)]);
    assert_eq!(store.card(&one).await.unwrap(), None);
    assert!(store.card(&two).await.unwrap().is_some());
    // It begins again from nothing.
    store.commit(turn(&place(1), 0)).await.unwrap();
}

async fn what_a_commit_writes_for_a_slot_that_it_forgets_stays(store: &dyn Store) {
    let slot = slot(1);
    let cards = vec![card(&slot, Some(home(1)), 1)];
    store
        .commit(Commit {
            cards,
            ..turn(&place(1), 0)
        })
        .await
        .unwrap();
    let last = Commit {
        slots: vec![SlotWrite {
            slot: slot.clone(),
            read: 1,
            row: None,
        }],
        cards: vec![card(&slot, Some(home(1)), 2)],
        jobs: vec![job(1, &slot, JobKind::Mail, 5)],
        ..commit()
    };
    store.commit(last).await.unwrap();
    assert_eq!(store.card(&slot).await.unwrap().unwrap().wanted_version, 2);
    assert_eq!(ids(store).await, [id(1)]);
}

async fn a_timer_replaces_the_timer_of_its_name(store: &dyn Store) {
    let (one, two) = (slot(1), slot(2));
    let work = |n| job(n, &one, JobKind::Work("end".to_owned()), 5);
    let jobs = vec![
        job(1, &one, timer("end"), 5),
        job(2, &one, timer("remind"), 5),
        job(3, &two, timer("end"), 5),
        work(4),
    ];
    store.commit(Commit { jobs, ..commit() }).await.unwrap();
    let jobs = vec![
        job(5, &one, timer("end"), 6),
        work(6),
        job(7, &one, timer("end"), 7),
    ];
    store.commit(Commit { jobs, ..commit() }).await.unwrap();
    assert_eq!(ids(store).await, [id(2), id(3), id(4), id(6), id(7)]);
}

async fn cancels_come_before_new_timers(store: &dyn Store) {
    let slot = slot(1);
    let jobs = vec![
        job(1, &slot, timer("end"), 5),
        job(2, &slot, timer("remind"), 5),
    ];
    store.commit(Commit { jobs, ..commit() }).await.unwrap();
    let stop = |name: &str| TimerCancel {
        slot: slot.clone(),
        name: name.to_owned(),
    };
    let cancels = vec![stop("end"), stop("remind"), stop("unknown")];
    let jobs = vec![job(3, &slot, timer("end"), 9)];
    store
        .commit(Commit {
            cancels,
            jobs,
            ..commit()
        })
        .await
        .unwrap();
    assert_eq!(ids(store).await, [id(3)]);
}

async fn slots_are_loaded_in_the_order_asked(store: &dyn Store) {
    for n in [1, 2] {
        store.commit(turn(&place(n), 0)).await.unwrap();
    }
    let asked = [slot(2), slot(3), slot(1), slot(2)];
    let found = store.load(&asked).await.unwrap();
    let two = Some(row(&slot(2), 1));
    assert_eq!(found, [two.clone(), None, Some(row(&slot(1), 1)), two]);
    assert_eq!(store.load(&[]).await.unwrap(), []);
}

async fn due_jobs_come_longest_due_first(store: &dyn Store) {
    let due = [(1, 7), (2, 5), (3, 5), (4, 9)];
    let jobs = due
        .map(|(n, due)| job(n, &slot(1), JobKind::Mail, due))
        .to_vec();
    store.commit(Commit { jobs, ..commit() }).await.unwrap();
    let due = async |now, limit| {
        let jobs = store.due(Millis(now), limit).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(due(7, 9).await, [id(2), id(3), id(1)]);
    assert_eq!(due(7, 1).await, [id(2)]);
    assert_eq!(due(4, 9).await, []);
    assert_eq!(store.next_due(Millis(4)).await.unwrap(), Some(Millis(5)));
    assert_eq!(store.next_due(Millis(5)).await.unwrap(), Some(Millis(7)));
    assert_eq!(store.next_due(Millis(9)).await.unwrap(), None);
}

async fn a_postponed_job_is_due_later(store: &dyn Store) {
    let jobs = vec![job(1, &slot(1), JobKind::Work("fetch".to_owned()), 5)];
    store.commit(Commit { jobs, ..commit() }).await.unwrap();
    store.postpone(&id(1), Millis(8), 2).await.unwrap();
    store.postpone(&id(2), Millis(8), 2).await.unwrap();
    assert_eq!(store.due(Millis(7), 9).await.unwrap(), []);
    let due = store.due(Millis(8), 9).await.unwrap();
    assert_eq!((due.len(), &due[0].id, due[0].attempts), (1, &id(1), 2));
}

async fn unsent_rows_come_in_order_of_id(store: &dyn Store) {
    let rows = [3, 1, 2].map(text).to_vec();
    store.commit(Commit { rows, ..commit() }).await.unwrap();
    assert_eq!(store.unsent(None, 9).await.unwrap(), [1, 2, 3].map(text));
    assert_eq!(store.unsent(Some(&id(1)), 1).await.unwrap(), [text(2)]);
    store
        .settle(vec![Settled::Left(id(1)), posted(3, post(1), 9, None)])
        .await
        .unwrap();
    store
        .settle(vec![Settled::Left(id(1)), posted(3, post(1), 9, None)])
        .await
        .unwrap();
    assert_eq!(store.unsent(None, 9).await.unwrap(), [text(2)]);
}

async fn a_row_set_aside_is_not_unsent(store: &dyn Store) {
    let rows = [1, 2, 3].map(text).to_vec();
    store.commit(Commit { rows, ..commit() }).await.unwrap();
    let aside = |n, reason: &str| Settled::SetAside {
        row: id(n),
        reason: reason.to_owned(),
    };
    let settled = vec![aside(1, "403"), aside(3, "413"), aside(9, "unknown")];
    store.settle(settled).await.unwrap();
    assert_eq!(store.unsent(None, 9).await.unwrap(), [text(2)]);
    let all = [(text(3), "413".to_owned()), (text(1), "403".to_owned())];
    assert_eq!(store.set_aside(9).await.unwrap(), all);
    assert_eq!(store.set_aside(1).await.unwrap(), all[..1]);
}

/// A slot that asks with this row.
async fn ask(store: &dyn Store, slot: &Slot, n: u32) {
    let mut asking = write(slot, 0);
    asking.row.as_mut().unwrap().listening = Some(listening(n));
    let rows = vec![text(n)];
    store
        .commit(Commit {
            slots: vec![asking],
            rows,
            ..commit()
        })
        .await
        .unwrap();
}

async fn a_posted_question_is_heard_from_its_time_on(store: &dyn Store) {
    ask(store, &slot(1), 1).await;
    ask(store, &slot(2), 2).await;
    store.commit(turn(&place(3), 0)).await.unwrap();
    store
        .settle(vec![posted(2, post(1), 77, None)])
        .await
        .unwrap();
    let mut heard = listening(2);
    heard.since = Some(Millis(77));
    let question = |n, listening| Question {
        slot: slot(n),
        listening,
    };
    let all = store.listening().await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(all.contains(&question(1, listening(1))));
    assert!(all.contains(&question(2, heard.clone())));
    let found = store.load(&[slot(2)]).await.unwrap().remove(0).unwrap();
    assert_eq!((found.version, found.listening), (1, Some(heard)));
}

async fn a_write_that_does_not_know_the_questions_time_keeps_it(store: &dyn Store) {
    ask(store, &slot(1), 1).await;
    store
        .settle(vec![posted(1, post(1), 77, None)])
        .await
        .unwrap();
    let again = |read, listening| {
        let mut again = write(&slot(1), read);
        again.row.as_mut().unwrap().listening = listening;
        Commit {
            slots: vec![again],
            ..commit()
        }
    };
    let since = async || {
        let found = store.load(&[slot(1)]).await.unwrap().remove(0).unwrap();
        found.listening.map(|listening| listening.since)
    };
    store.commit(again(1, Some(listening(1)))).await.unwrap();
    assert_eq!(since().await, Some(Some(Millis(77))));
    store.commit(again(2, Some(listening(2)))).await.unwrap();
    assert_eq!(since().await, Some(None));
    store.commit(again(3, None)).await.unwrap();
    assert_eq!(since().await, None);
    assert_eq!(store.listening().await.unwrap(), []);
}

/// A slot with a card that the bot has yet to post with this row.
async fn show(store: &dyn Store, slot: &Slot, n: u32) {
    let first = Commit {
        slots: vec![write(slot, 0)],
        cards: vec![card(slot, Some(home(n)), 1)],
        rows: vec![outgoing(n, RowKind::Card(slot.clone()))],
        ..commit()
    };
    store.commit(first).await.unwrap();
}

async fn want(store: &dyn Store, card: CardWrite) -> CardRow {
    let slot = card.slot.clone();
    store
        .commit(Commit {
            cards: vec![card],
            ..commit()
        })
        .await
        .unwrap();
    store.card(&slot).await.unwrap().unwrap()
}

async fn a_posted_card_is_known_and_shows_its_version(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    want(store, card(&slot, None, 3)).await;
    assert_eq!(store.stale_cards(9).await.unwrap(), []);
    store
        .settle(vec![posted(1, post(1), 77, Some(1))])
        .await
        .unwrap();
    let stale = store.stale_cards(9).await.unwrap();
    assert_eq!(
        (stale.len(), stale[0].post, stale[0].shown_version),
        (1, Some(post(1)), 1)
    );
    assert_eq!(
        store.card_of_post(&post(1)).await.unwrap().as_ref(),
        Some(&stale[0])
    );
    assert_eq!(store.card_of_post(&post(2)).await.unwrap(), None);
    let shown = |n, version| Settled::Shown {
        slot: slot.clone(),
        post: post(n),
        version,
    };
    store
        .settle(vec![shown(2, 9), shown(1, 3), shown(1, 2)])
        .await
        .unwrap();
    assert_eq!(store.stale_cards(9).await.unwrap(), []);
    let found = store.card(&slot).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (Some(post(1)), 3));
}

async fn a_row_of_an_older_card_does_not_post_the_new_one(store: &dyn Store) {
    show(store, &slot(1), 1).await;
    let forget = SlotWrite {
        slot: slot(1),
        read: 1,
        row: None,
    };
    store
        .commit(Commit {
            slots: vec![forget],
            ..commit()
        })
        .await
        .unwrap();
    show(store, &slot(1), 2).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(5))])
        .await
        .unwrap();
    let found = store.card(&slot(1)).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (None, 0));
}

async fn a_card_never_goes_back(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    let taught = CardWrite {
        post: Some(post(1)),
        ..card(&slot, None, 4)
    };
    let found = want(store, taught).await;
    assert_eq!(
        (found.wanted_version, found.post, &found.home),
        (4, Some(post(1)), &home(1))
    );
    let found = want(store, card(&slot, None, 3)).await;
    assert_eq!((found.wanted_version, found.post), (4, Some(post(1))));
    assert_eq!(found.wanted.text, "version 4");
}

async fn a_card_that_moves_starts_anew(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(1))])
        .await
        .unwrap();
    let found = want(store, card(&slot, Some(home(1)), 2)).await;
    assert_eq!((found.post, found.shown_version), (Some(post(1)), 1));
    let found = want(store, card(&slot, Some(home(2)), 3)).await;
    assert_eq!(
        (found.post, found.shown_version, found.home),
        (None, 0, home(2))
    );
    let found = want(
        store,
        CardWrite {
            post: Some(post(3)),
            ..card(&slot, Some(Home::Person), 4)
        },
    );
    assert_eq!(found.await.post, Some(post(3)));
    // Only clicks change it.
    assert_eq!(store.stale_cards(9).await.unwrap(), []);
}

async fn an_altered_card_is_shown_again(store: &dyn Store) {
    show(store, &slot(1), 1).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(1))])
        .await
        .unwrap();
    assert_eq!(store.stale_cards(9).await.unwrap(), []);
    store
        .settle(vec![Settled::Altered(slot(1)), Settled::Altered(slot(2))])
        .await
        .unwrap();
    assert_eq!(store.stale_cards(9).await.unwrap().len(), 1);
}

async fn a_gone_card_shows_nothing_more(store: &dyn Store) {
    show(store, &slot(1), 1).await;
    store
        .settle(vec![Settled::Gone(slot(1)), Settled::Gone(slot(2))])
        .await
        .unwrap();
    assert_eq!(store.card(&slot(1)).await.unwrap(), None);
    let cards = vec![card(&slot(1), None, 2)];
    store
        .commit(Commit {
            cards,
            ..turn(&place(1), 1)
        })
        .await
        .unwrap();
    assert_eq!(store.card(&slot(1)).await.unwrap(), None);
    assert_eq!(version(store, &slot(1)).await, 2);
}

async fn cursors_never_move_back(store: &dyn Store) {
    let cursor = |n, at| Cursor {
        channel: ChannelId::from_bytes([n; 16]),
        at: Millis(at),
    };
    let session = |next_seq| Session {
        connection_id: "abc".to_owned(),
        next_seq,
    };
    assert_eq!(store.session().await.unwrap(), None);
    store
        .move_cursors(&[cursor(1, 5), cursor(2, 5)], Some(&session(3)))
        .await
        .unwrap();
    store
        .move_cursors(&[cursor(1, 4), cursor(2, 6), cursor(3, 1)], None)
        .await
        .unwrap();
    let mut found = store.cursors().await.unwrap();
    found.sort_by_key(|cursor| cursor.channel);
    let mut wanted = [cursor(1, 5), cursor(2, 6), cursor(3, 1)];
    wanted.sort_by_key(|cursor| cursor.channel);
    assert_eq!(found, wanted);
    assert_eq!(store.session().await.unwrap(), Some(session(3)));
    let left = [
        cursor(1, 0).channel,
        cursor(3, 0).channel,
        cursor(4, 0).channel,
    ];
    store.drop_cursors(&left).await.unwrap();
    store.move_cursors(&[], Some(&session(1))).await.unwrap();
    assert_eq!(store.cursors().await.unwrap(), [cursor(2, 6)]);
    assert_eq!(store.session().await.unwrap(), Some(session(1)));
}

async fn a_secret_is_made_once(store: &dyn Store) {
    assert_eq!(
        store.secret("envelopes", vec![0, 1, 255]).await.unwrap(),
        [0, 1, 255]
    );
    assert_eq!(
        store.secret("envelopes", vec![7]).await.unwrap(),
        [0, 1, 255]
    );
    assert_eq!(store.secret("other", vec![7]).await.unwrap(), [7]);
}

async fn slots_are_listed_page_by_page(store: &dyn Store) {
    let desk = Place::Desk("rota".to_owned());
    let direct = Place::Direct(UserId::from_bytes([3; 16]));
    let all = [
        Slot::new(place(1), "poll", "a"),
        Slot::new(place(1), "poll", "b"),
        Slot::new(place(1), "rota", ""),
        Slot::new(direct, "poll", ""),
        Slot::new(desk, "poll", ""),
    ];
    let slots = all.iter().rev().map(|slot| write(slot, 0)).collect();
    store.commit(Commit { slots, ..commit() }).await.unwrap();
    let list = async |skill, after, limit| {
        let rows = store.list(skill, after, limit).await.unwrap();
        rows.into_iter().map(|row| row.slot).collect::<Vec<_>>()
    };
    assert_eq!(list("", None, 9).await, all);
    assert_eq!(list("", Some(&all[0]), 2).await, all[1..3]);
    assert_eq!(list("poll", Some(&all[1]), 9).await, all[3..]);
    assert_eq!(list("unknown", None, 9).await, []);
}

async fn pruning_forgets_what_is_past_its_time(store: &dyn Store) {
    let expiring = |n, at| {
        let mut write = write(&slot(n), 0);
        write.row.as_mut().unwrap().expires = Some(Millis(at));
        write
    };
    let keys = [("a", 5), ("b", 6)].map(|(key, until)| (Key::trigger(key), Millis(until)));
    let full = Commit {
        keys: keys.to_vec(),
        slots: vec![expiring(1, 5), expiring(2, 6), write(&slot(3), 0)],
        cards: [1, 2]
            .map(|n| card(&slot(n), Some(home(n.into())), 1))
            .to_vec(),
        jobs: [1, 2]
            .map(|n| job(n.into(), &slot(n), timer("end"), 5))
            .to_vec(),
        ..commit()
    };
    store.commit(full).await.unwrap();
    assert_eq!(version(store, &slot(1)).await, 1);
    assert_eq!(store.prune(Millis(5)).await.unwrap(), 2);
    assert_eq!(store.prune(Millis(5)).await.unwrap(), 0);
    assert_eq!(
        store.seen(&keys.map(|(key, _)| key)).await.unwrap(),
        [false, true]
    );
    let left: Vec<Slot> = store
        .list("", None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.slot)
        .collect();
    assert_eq!(left.len(), 2);
    assert!(!left.contains(&slot(1)));
    assert_eq!(ids(store).await, [id(2)]);
    assert_eq!(store.card(&slot(1)).await.unwrap(), None);
    assert!(store.card(&slot(2)).await.unwrap().is_some());
}

async fn pruning_forgets_cards_that_are_done_with(store: &dyn Store) {
    for n in [1, 2, 3] {
        show(store, &slot(n), n.into()).await;
    }
    let settled = [1, 2, 3].map(|n| posted(n.into(), post(n), 77, Some(1)));
    store.settle(settled.to_vec()).await.unwrap();
    let end = |n, version| Commit {
        slots: vec![SlotWrite {
            slot: slot(n),
            read: 1,
            row: None,
        }],
        cards: vec![CardWrite {
            post: Some(post(n)),
            ..card(&slot(n), Some(home(n.into())), version)
        }],
        ..commit()
    };
    // The second and third end with a last view; only the third's is shown.
    store.commit(end(2, 2)).await.unwrap();
    store.commit(end(3, 2)).await.unwrap();
    let shown = Settled::Shown {
        slot: slot(3),
        post: post(3),
        version: 2,
    };
    store.settle(vec![shown]).await.unwrap();
    assert_eq!(store.prune(Millis(1_000)).await.unwrap(), 0);
    assert!(store.card(&slot(1)).await.unwrap().is_some());
    assert_eq!(store.stale_cards(9).await.unwrap().len(), 1);
    assert_eq!(store.card(&slot(3)).await.unwrap(), None);
}

async fn a_closed_store_is_unavailable(store: &dyn Store) {
    store.commit(turn(&place(1), 0)).await.unwrap();
    store.close().await;
    store.close().await;
    let error = store.commit(turn(&place(1), 1)).await.unwrap_err();
    assert!(matches!(error, CommitError::Unavailable(_)), "{error}");
    let error = store.load(&[slot(1)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert!(store.probe().await.is_err());
}

async fn odd_texts_come_back_as_they_were(store: &dyn Store) {
    let odd = "\"quoted\" \\ 'one' \u{0} \u{1f600} \u{2028} 0123 null";
    let slot = Slot::new(Place::Desk(odd.to_owned()), odd, odd);
    let mut row = row(&slot, 1);
    row.state = odd.to_owned();
    let mut draft = text(1);
    draft.kind = RowKind::Post(Draft {
        text: odd.to_owned(),
        ..Draft::default()
    });
    let mut mail = job(1, &slot, timer(odd), 5);
    mail.payload = odd.to_owned();
    let full = Commit {
        slots: vec![SlotWrite {
            slot: slot.clone(),
            read: 0,
            row: Some(row.clone()),
        }],
        rows: vec![draft.clone()],
        jobs: vec![mail.clone()],
        ..commit()
    };
    store.commit(full).await.unwrap();
    assert_eq!(
        store.load(std::slice::from_ref(&slot)).await.unwrap(),
        [Some(row)]
    );
    assert_eq!(store.unsent(None, 9).await.unwrap(), [draft]);
    assert_eq!(store.due(Millis(5), 9).await.unwrap(), [mail]);
    store
        .commit(Commit {
            slots: vec![write(&slot, 1)],
            ..commit()
        })
        .await
        .unwrap();
    assert_eq!(version(store, &slot).await, 2);
}
