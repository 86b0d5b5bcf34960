//! The list of all channels, and channels by the hundred.

use super::*;
use crate::model::ids::ChannelId;

#[actix::test]
async fn a_list_that_breaks_off_makes_the_bot_leave_no_channel_and_is_told() {
    let mut stage = stage(&[(1, 0), (2, 0)]).await;
    stage.server.posted(said(1, 10));
    stage.server.posted(post(2, channel(2), NOW + 20));
    stage.server.world.lock().unwrap().torn = Some(1);
    stage.connected(1);
    sleep(Duration::from_millis(100)).await;
    let [here, unknown] = [2, 1].map(|n| stage.memberships.known(&channel(n)).is_some());
    assert!(here && !unknown, "one was in the list");
    let mut heard = stage.heard().await;
    heard.sort_unstable();
    assert_eq!(heard, [1, 2]);
    let looks = stage.looks().await;
    assert_eq!(looks["channels"], 2);
    let told = looks["problems"].to_string();
    assert!(
        told.contains("can't be listed") && told.contains("reset by peer"),
        "{told}"
    );
    assert!(
        stage.memberships.can_post(&channel(1)),
        "nobody said that it isn't there"
    );
    stage.server.world.lock().unwrap().torn = None;
    stage.server.world.lock().unwrap().posts.remove(&channel(1));
    sleep(Duration::from_secs(60)).await;
    let looks = stage.looks().await;
    assert_eq!(looks["channels"], 1);
    let told = looks["problems"].to_string();
    assert!(!told.contains("can't be listed"), "{told}");
    assert!(
        !stage.memberships.can_post(&channel(1)),
        "a whole list says so"
    );
}

#[actix::test]
async fn a_list_from_before_a_gap_does_not_say_that_nothing_is_missing() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.server.posted(said(9, 0));
    stage.connected(1);
    sleep(Duration::from_millis(5)).await;
    // The list is on its way.
    stage.server.posted(said(1, 10));
    stage.connected(2);
    stage.arrives(1, posted(1, &said(2, 20)));
    assert_eq!(stage.heard().await, [1, 2]);
}

fn far(n: u128) -> ChannelId {
    ChannelId::from_bytes(((n << 96) | n).to_be_bytes())
}

/// An intake that knows 600 channels, and a server that lists none.
async fn alone() -> Stage {
    let cursor = |n| Cursor {
        channel: far(n),
        at: Millis(NOW),
        done: Millis(NOW),
    };
    let stage = stage_of((0..600).map(cursor).collect()).await;
    stage.server.posted(post(1, far(0), NOW + 10));
    stage.server.posted(post(2, far(599), NOW + 10));
    stage.server.world.lock().unwrap().listing = 500;
    stage
}

#[actix::test]
async fn where_no_list_comes_all_channels_are_read_a_few_at_a_time() {
    let mut stage = alone().await;
    stage.server.world.lock().unwrap().reading = 500;
    stage.connected(1);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(stage.looks().await["dirty"], 600, "nobody knows");
    for _ in 0..90 {
        sleep(Duration::from_secs(1)).await;
        let reading = stage.looks().await["reading"].as_u64().unwrap();
        assert!(reading < 600, "{reading}");
    }
    let told = stage.looks().await["problems"].to_string();
    assert!(
        told.contains("posts in 600 of the bot's channels"),
        "{told}"
    );
    stage.server.world.lock().unwrap().reading = 200;
    sleep(Duration::from_secs(200)).await;
    let looks = stage.looks().await;
    assert_eq!(
        (&looks["dirty"], &looks["channels"]),
        (&json!(0), &json!(600))
    );
    let mut heard = stage.heard().await;
    heard.sort_unstable();
    assert_eq!(heard, [1, 2]);
}

#[actix::test]
async fn a_direct_channel_is_read_before_all_others_where_no_list_comes() {
    let mut stage = alone().await;
    let direct = crate::turns::Spot {
        team: None,
        direct: Some(user(2)),
    };
    stage.memberships.joined(far(599), direct);
    stage.connected(1);
    assert_eq!(stage.heard().await, [2, 1]);
}
