//! Everything else that is kept, listed and forgotten.

use super::cards::show;
use super::*;

promises! {
    slots_are_loaded_in_the_order_asked
    cursors_never_move_back
    hearing_begins_once
    a_secret_is_made_once
    slots_are_listed_page_by_page
    pruning_forgets_what_is_past_its_time
    pruning_forgets_cards_that_are_done_with
    a_closed_store_is_unavailable
    odd_texts_come_back_as_they_were
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

async fn cursors_never_move_back(store: &dyn Store) {
    let cursor = |n, at| Cursor {
        channel: ChannelId::from_bytes([n; 16]),
        at: Millis(at),
        done: Millis(at + 10),
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
    let mut wanted = [cursor(1, 5), cursor(2, 6), cursor(3, 1)];
    wanted.sort_by_key(|cursor| cursor.channel);
    assert_eq!(store.cursors(None, 9).await.unwrap(), wanted);
    let [first, second, third] = wanted.each_ref().map(|cursor| Some(&cursor.channel));
    assert_eq!(store.cursors(first, 1).await.unwrap(), wanted[1..2]);
    assert_eq!(store.cursors(second, 9).await.unwrap(), wanted[2..]);
    assert_eq!(store.cursors(third, 9).await.unwrap(), []);
    assert_eq!(store.session().await.unwrap(), Some(session(3)));
    let left = [
        cursor(1, 0).channel,
        cursor(3, 0).channel,
        cursor(4, 0).channel,
    ];
    store.drop_cursors(&left).await.unwrap();
    store.move_cursors(&[], Some(&session(1))).await.unwrap();
    assert_eq!(store.cursors(None, 9).await.unwrap(), [cursor(2, 6)]);
    assert_eq!(store.session().await.unwrap(), Some(session(1)));
}

async fn hearing_begins_once(store: &dyn Store) {
    let cursor = |n, at| Cursor {
        channel: ChannelId::from_bytes([n; 16]),
        at: Millis(at),
        done: Millis(at),
    };
    assert_eq!(store.began().await.unwrap(), None);
    store.begin(Millis(7), vec![cursor(1, 5)]).await.unwrap();
    store.begin(Millis(9), vec![cursor(2, 8)]).await.unwrap();
    assert_eq!(store.began().await.unwrap(), Some(Millis(7)));
    assert_eq!(store.cursors(None, 9).await.unwrap(), [cursor(1, 5)]);
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
    assert_eq!(store.stale_cards(None, 9).await.unwrap().len(), 1);
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
    row.state = odd.into();
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
