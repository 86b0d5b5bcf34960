//! The first start ever.

use super::*;

#[actix::test]
async fn what_is_posted_after_the_first_start_is_answered_although_that_heard_nothing() {
    let first = first_stage(&[said(1, -5_000)]).await;
    // It ends here, before it was connected. Meanwhile in a known channel, and in a new one:
    first.server.posted(said(2, 100));
    first.server.posted(post(3, channel(2), NOW + 200));
    let mut second = stage_at(first.server, first.store).await;
    second.connected(1);
    let mut heard = second.heard().await;
    heard.sort_unstable();
    assert_eq!(heard, [2, 3]);
    // The same where there was no channel at all.
    let first = first_stage(&[]).await;
    first.server.posted(said(2, 100));
    let mut second = stage_at(first.server, first.store).await;
    second.connected(1);
    assert_eq!(second.heard().await, [2]);
}

#[actix::test]
async fn where_hearing_begins_waits_for_mattermost_and_the_store() {
    tokio::time::pause();
    let (server, _) = Server::start();
    server.posted(said(1, -5_000));
    server.world.lock().unwrap().listing = 503;
    let (store, faults) = crate::store::Flaky::new(Memory::new());
    let store = Arc::new(store);
    let (rest, shared) = (server.rest(), store.clone());
    let begins = tokio::spawn(async move { begin_hearing(&rest, &*shared).await });
    sleep(Duration::from_secs(60)).await;
    assert!(!begins.is_finished());
    faults.down(true);
    server.world.lock().unwrap().listing = 200;
    sleep(Duration::from_secs(60)).await;
    assert!(!begins.is_finished());
    faults.down(false);
    assert_eq!(begins.await.unwrap().unwrap(), Millis(NOW - 5_000));
    assert_eq!(store.began().await.unwrap(), Some(Millis(NOW - 5_000)));
    // A later start is told the same without a look at what is in the channels by then.
    let asked = server.asked("users/me/channels");
    server.posted(said(2, 0));
    let again = begin_hearing(&server.rest(), &*store).await;
    assert_eq!(again.unwrap(), Millis(NOW - 5_000));
    assert_eq!(server.asked("users/me/channels"), asked);
}
