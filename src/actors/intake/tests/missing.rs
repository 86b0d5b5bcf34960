//! What is missing, what can't be read, and what the admin is told of it.

use super::*;

/// A post whose props are nested deeper than this program reads.
fn nested(n: u8, at: i64) -> Value {
    let mut post = said(n, at);
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    post["props"] = json!({ "x": deep });
    post
}

#[actix::test]
async fn a_post_that_is_nested_very_deep_is_heard_by_either_way_and_hides_no_other() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.server.posted(said(1, 10));
    stage.server.posted(nested(2, 20));
    stage.server.posted(said(3, 30));
    stage.connected(1);
    stage.arrives(1, posted(1, &nested(4, 40)));
    assert_eq!(stage.heard().await, [1, 2, 3, 4]);
}

#[actix::test]
async fn an_entry_that_cannot_be_read_is_passed_over_and_its_channel_is_not_left() {
    let mut stage = stage(&[(1, 0), (2, 0)]).await;
    let mut odd = said(2, 20);
    odd["create_at"] = "soon".into();
    stage.server.posted(said(1, 10));
    stage.server.posted(post(5, channel(2), NOW + 10));
    stage.server.world.lock().unwrap().odd.push(channel(2));
    stage.connected(1);
    let mut heard = stage.heard().await;
    heard.sort_unstable();
    assert_eq!(heard, [1, 5], "the channel whose entry is odd is read, too");
    assert_eq!(stage.looks().await["channels"], 2);
    assert!(stage.memberships.known(&channel(2)).is_some());
}

#[actix::test]
async fn what_is_missing_is_handed_on_from_the_oldest_on_while_more_is_read() {
    let mut stage = stage(&[(1, 0)]).await;
    (1..=200).for_each(|n| stage.server.posted(said(n, i64::from(n))));
    stage.server.world.lock().unwrap().page = 20;
    stage.connected(1);
    let mut all = Vec::new();
    for _ in 0..60 {
        let heard = stage.heard().await;
        for n in &heard {
            stage.handled(*n, i64::from(*n), Fate::Done).await;
        }
        all.extend(heard);
    }
    assert_eq!(all, (1..=200).collect::<Vec<u8>>());
}

#[actix::test]
async fn who_is_behind_or_cannot_be_read_or_listed_is_told() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.server.posted(said(1, 10));
    stage.server.world.lock().unwrap().reading = 500;
    stage.connected(1);
    sleep(Duration::from_secs(10)).await;
    let told = stage.looks().await["problems"].to_string();
    let channel = channel(1).to_string();
    assert!(
        told.contains(&channel) && told.contains("can't be read"),
        "{told}"
    );
    assert!(!told.contains("waited"), "{told}");
    sleep(Duration::from_secs(90)).await;
    let told = stage.looks().await["problems"].to_string();
    assert!(told.contains("waited for more than a minute"), "{told}");
    stage.server.world.lock().unwrap().reading = 200;
    stage.server.world.lock().unwrap().listing = 500;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(stage.heard().await, [1]);
    stage.handled(1, 10, Fate::Done).await;
    sleep(Duration::from_secs(300)).await;
    let told = stage.looks().await["problems"].to_string();
    assert!(
        told.contains("can't be listed") && !told.contains("can't be read"),
        "{told}"
    );
    assert!(!told.contains("waited"), "{told}");
    stage.server.world.lock().unwrap().listing = 200;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(stage.looks().await["problems"], json!([]));
}

#[actix::test]
async fn a_channel_whose_newest_post_is_under_way_misses_nothing() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.connected(1);
    sleep(Duration::from_secs(290)).await;
    stage.heard().await;
    stage.server.posted(said(1, 290_000));
    stage.arrives(1, posted(1, &said(1, 290_000)));
    assert_eq!(stage.heard().await, [1]);
    // The comparison comes, and cannot read the channel.
    stage.server.world.lock().unwrap().reading = 500;
    sleep(Duration::from_secs(30)).await;
    assert_eq!(stage.looks().await["dirty"], 0);
    stage.arrives(2, posted(2, &said(2, 330_000)));
    assert_eq!(stage.heard().await, [2], "nothing waits for it");
}

#[actix::test]
async fn where_channels_cannot_be_listed_after_a_gap_each_is_read_for_itself() {
    let mut stage = stage(&[(1, 0)]).await;
    stage.server.posted(said(1, 10));
    stage.server.world.lock().unwrap().listing = 500;
    stage.connected(1);
    stage.arrives(1, posted(1, &said(2, 20)));
    sleep(Duration::from_secs(20)).await;
    assert_eq!(stage.heard().await, [1, 2]);
}

#[actix::test]
async fn a_post_from_the_far_future_makes_nobody_deaf() {
    let mut stage = stage(&[(1, 0), (2, 0)]).await;
    let year = 31_536_000_000;
    stage.server.posted(said(1, year));
    stage.server.posted(post(2, channel(2), NOW + 10));
    stage.connected(1);
    let mut heard = stage.heard().await;
    heard.sort_unstable();
    assert_eq!(heard, [1, 2]);
    stage.handled(1, year, Fate::Done).await;
    let cursor = stage.cursor().await;
    assert!(cursor < 2 * 86_400_000, "{cursor}");
    // After a break what was missed in either channel comes.
    stage.server.posted(post(3, channel(2), NOW + 500_000));
    stage.connected(2);
    assert_eq!(stage.heard().await, [3]);
}

#[actix::test]
async fn the_bots_own_post_in_a_channel_that_nobody_spoke_of_hides_no_earlier_one() {
    let mut stage = stage(&[(1, 0)]).await;
    // Its archive was undone while the bot was away, and somebody has spoken since.
    stage.server.posted(post(1, channel(2), NOW + 10));
    let mut own = post(2, channel(2), NOW + 20);
    own["user_id"] = json!(me());
    own["props"] = json!({ "matteractor_row": "row" });
    stage.server.posted(own.clone());
    stage.connected(1);
    stage.arrives(1, posted(1, &own));
    assert_eq!(stage.heard().await, [1]);
}

#[actix::test]
async fn how_old_a_post_is_is_told_by_the_clock_of_mattermost() {
    let (day, hour) = (86_400_000, 3_600);
    for (ahead, heard) in [(0, vec![2]), (-hour, vec![1, 2]), (2 * hour, vec![3])] {
        let mut stage = stage(&[(1, -2 * day)]).await;
        stage.server.world.lock().unwrap().ahead = ahead;
        for (n, at) in [(1, -day - 1_800_000), (2, -day + 1_800_000), (3, -day / 2)] {
            stage.server.posted(said(n, at));
        }
        stage.connected(1);
        assert_eq!(stage.heard().await[..heard.len()], heard, "{ahead}");
    }
}
