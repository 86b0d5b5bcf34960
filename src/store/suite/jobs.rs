//! Timers, mail and work.

use super::*;

promises! {
    a_timer_replaces_the_timer_of_its_name
    cancels_come_before_new_timers
    due_jobs_come_longest_due_first
    a_postponed_job_is_due_later
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
