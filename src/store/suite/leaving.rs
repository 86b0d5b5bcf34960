//! Rows of the outbox and questions.

use super::*;

promises! {
    unsent_rows_come_in_order_of_id
    a_row_set_aside_is_not_unsent
    a_row_set_aside_is_forgotten_after_thirty_days
    who_wanted_a_row_posted_gets_word_once_when_it_is_set_aside
    a_row_waits_since_the_first_time_that_it_was_said
    who_is_concerned_by_rows_that_wait_is_told_once
    a_posted_question_is_heard_from_its_time_on
    a_write_that_does_not_know_the_questions_time_keeps_it
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
        mail: None,
    };
    let settled = vec![aside(1, "403"), aside(3, "413"), aside(9, "unknown")];
    store.settle(settled).await.unwrap();
    assert_eq!(store.unsent(None, 9).await.unwrap(), [text(2)]);
    let all = [(text(3), "413".to_owned()), (text(1), "403".to_owned())];
    assert_eq!(store.set_aside(9).await.unwrap(), all);
    assert_eq!(store.set_aside(1).await.unwrap(), all[..1]);
}

async fn a_row_set_aside_is_forgotten_after_thirty_days(store: &dyn Store) {
    let rows = [1, 2].map(text).to_vec();
    store.commit(Commit { rows, ..commit() }).await.unwrap();
    let aside = Settled::SetAside {
        row: id(1),
        reason: "403".into(),
        mail: None,
    };
    store.settle(vec![aside]).await.unwrap();
    let end = text(1)
        .created
        .plus(std::time::Duration::from_secs(30 * 24 * 3600));
    for (now, left) in [(Millis(end.0 - 1), 1), (end, 0)] {
        store.prune(now).await.unwrap();
        assert_eq!(store.set_aside(9).await.unwrap().len(), left);
    }
    assert_eq!(store.unsent(None, 9).await.unwrap(), [text(2)]);
}

async fn who_wanted_a_row_posted_gets_word_once_when_it_is_set_aside(store: &dyn Store) {
    let rows = [1].map(text).to_vec();
    store.commit(Commit { rows, ..commit() }).await.unwrap();
    let aside = |n| Settled::SetAside {
        row: id(n),
        reason: "403".into(),
        mail: Some(job(7, &slot(1), JobKind::Mail, 5)),
    };
    store.settle(vec![aside(9)]).await.unwrap();
    assert_eq!(store.due(Millis(5), 9).await.unwrap(), [], "no such row");
    store.settle(vec![aside(1)]).await.unwrap();
    let mail = job(7, &slot(1), JobKind::Mail, 5);
    assert_eq!(store.due(Millis(5), 9).await.unwrap(), [mail]);
    let consumed = vec![id(7)];
    store
        .commit(Commit {
            consumed,
            ..commit()
        })
        .await
        .unwrap();
    store.settle(vec![aside(1)]).await.unwrap();
    assert_eq!(store.due(Millis(5), 9).await.unwrap(), []);
}

fn waits(rows: &[u32], since: i64) -> Settled {
    Settled::Waits {
        rows: rows.iter().copied().map(id).collect(),
        since: Millis(since),
    }
}

async fn a_row_waits_since_the_first_time_that_it_was_said(store: &dyn Store) {
    let rows = [1, 2, 3].map(text).to_vec();
    store.commit(Commit { rows, ..commit() }).await.unwrap();
    let settled = vec![waits(&[1, 2, 9], 10), waits(&[1, 3], 20)];
    store.settle(settled).await.unwrap();
    let waiting = |n, since| WaitingRow {
        row: id(n),
        since: Millis(since),
        told: false,
    };
    let all = [waiting(1, 10), waiting(2, 10), waiting(3, 20)];
    assert_eq!(store.waiting().await.unwrap(), all);
    assert_eq!(store.unsent(None, 9).await.unwrap().len(), 3);
    let aside = Settled::SetAside {
        row: id(3),
        reason: "gone".into(),
        mail: None,
    };
    let gone = vec![posted(1, post(1), 9, None), aside];
    store.settle(gone).await.unwrap();
    assert_eq!(store.waiting().await.unwrap(), all[1..2]);
}

async fn who_is_concerned_by_rows_that_wait_is_told_once(store: &dyn Store) {
    let rows = [1, 2].map(text).to_vec();
    store.commit(Commit { rows, ..commit() }).await.unwrap();
    store.settle(vec![waits(&[1, 2], 10)]).await.unwrap();
    let told = |rows: &[u32], notice| Settled::Told {
        rows: rows.iter().copied().map(id).collect(),
        notice: Box::new(text(notice)),
    };
    store.settle(vec![told(&[1], 7)]).await.unwrap();
    let told_of =
        |waiting: Vec<WaitingRow>| waiting.into_iter().map(|w| w.told).collect::<Vec<_>>();
    assert_eq!(told_of(store.waiting().await.unwrap()), [true, false]);
    assert!(store.unsent(None, 9).await.unwrap().contains(&text(7)));
    store.settle(vec![Settled::Left(id(7))]).await.unwrap();
    // It is repeated, or of a row that has left.
    let again = vec![told(&[1], 7), told(&[9], 8)];
    store.settle(again).await.unwrap();
    assert_eq!(store.unsent(None, 9).await.unwrap(), [1, 2].map(text));
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
