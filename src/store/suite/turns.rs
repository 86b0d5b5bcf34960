//! Commits: all or nothing.

use super::*;

promises! {
    a_commit_writes_all_of_it
    a_used_key_is_a_duplicate_and_nothing_is_written
    a_consumed_job_is_gone_and_nothing_is_written
    a_slot_written_by_another_is_a_conflict
    keys_are_checked_before_jobs_and_jobs_before_versions
    a_repeated_commit_is_ok_until_its_id_is_forgotten
    a_malformed_commit_is_refused
    a_forgotten_slot_takes_its_card_and_all_jobs_but_mail_with_it
    what_a_commit_writes_for_a_slot_that_it_forgets_stays
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

async fn a_forgotten_slot_takes_its_card_and_all_jobs_but_mail_with_it(store: &dyn Store) {
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
    assert_eq!(ids(store).await, [id(11), id(20), id(21), id(22)]);
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
