//! Walks through a channel.

use super::*;
use crate::client::fake::{Fake, answer};
use crate::client::rest::tests::paged::{CHANNEL, Made, channel, id, page};
use serde_json::json;
use std::sync::Arc;

/// All after a moment, run by run; each keeps its promise.
async fn since(wire: &Arc<Fake>, cursor: i64) -> Vec<Made> {
    let channel = ChannelId::parse(CHANNEL).unwrap();
    let (rest, mut found) = (wire.rest(), std::collections::BTreeSet::new());
    let (mut upto, mut place) = (Millis(cursor), Position::Since(Millis(cursor)));
    loop {
        // An anchor may vanish; then it is tried again.
        let run = match rest.posts_from(&channel, place).await {
            Err(RestError::Malformed(_)) => continue,
            run => run.unwrap(),
        };
        assert!(run.since <= upto, "a gap between {upto} and {}", run.since);
        assert!(run.posts.len() <= PER_PAGE * KEPT as usize);
        let made = run.posts.iter().map(|post| (post.create_at.0, post.id));
        found.extend(made.filter(|(at, _)| *at > cursor));
        let Some(next) = run.next else {
            return found.into_iter().collect();
        };
        (upto, place) = next;
    }
}

#[tokio::test(start_paused = true)]
async fn every_post_after_the_cursor_is_found_once_and_in_order() {
    for seed in 0..40 {
        let rng = &mut fastrand::Rng::with_seed(seed);
        let most = [300, 1_500, 6_000][rng.usize(0..3)];
        let (count, span) = (rng.usize(0..most), [5, 50, 5_000, 50_000][rng.usize(0..4)]);
        let times: Vec<i64> = (0..count).map(|_| rng.i64(1..=span)).collect();
        let (wire, posts) = channel(times, rng);
        let cursor = rng.i64(0..=span + 1);
        let expected: Vec<_> = posts
            .iter()
            .filter(|(at, _)| *at > cursor)
            .copied()
            .collect();
        assert_eq!(since(&wire, cursor).await, expected, "seed {seed}");
    }
}

#[tokio::test]
async fn posts_of_one_millisecond_across_a_page_are_all_found() {
    let rng = &mut fastrand::Rng::with_seed(1);
    let times = (1..=190)
        .chain(std::iter::repeat_n(191, 20))
        .chain(192..=380);
    let (wire, posts) = channel(times, rng);
    assert_eq!(since(&wire, 0).await, posts);
    assert_eq!(wire.asked().len(), 3);
}

#[tokio::test]
async fn more_posts_in_one_millisecond_than_a_page_holds_are_all_found() {
    let rng = &mut fastrand::Rng::with_seed(1);
    let times = (1..=10).chain(std::iter::repeat_n(50, 450)).chain(51..=60);
    let (wire, posts) = channel(times, rng);
    assert_eq!(since(&wire, 0).await, posts);
    assert_eq!(since(&wire, 49).await, posts[10..]);
}

#[tokio::test(start_paused = true)]
async fn a_flood_within_a_millisecond_after_a_long_silence_is_walked_through_once() {
    let rng = &mut fastrand::Rng::with_seed(1);
    for many in [200, 201, 400, 1_300] {
        let times = (1..=10).chain(std::iter::repeat_n(900_000, many));
        let (wire, posts) = channel(times, rng);
        assert_eq!(since(&wire, 10).await, posts[10..], "{many}");
        assert!(wire.asked().len() <= many / PER_PAGE + 12, "{many}");
    }
}

#[tokio::test]
async fn the_walk_ends_below_the_cursor() {
    let rng = &mut fastrand::Rng::with_seed(1);
    let (wire, posts) = channel(1..=10_000, rng);
    assert_eq!(since(&wire, 9_990).await, posts[9_990..]);
    assert_eq!(
        wire.asked(),
        [format!(
            "GET /api/v4/channels/{CHANNEL}/posts?page=0&per_page=200"
        )]
    );
}

#[tokio::test]
async fn a_page_from_which_the_server_left_posts_out_is_not_the_end() {
    let rng = &mut fastrand::Rng::with_seed(1);
    let (_, posts) = channel(1..=1_000, rng);
    let hidden = |at: i64| at % 10 == 3 || (300..620).contains(&at);
    let stored = posts.clone();
    let wire = Fake::new(move |request| {
        let mut list: crate::model::post::PostList =
            serde_json::from_slice(&page(&stored, request)).unwrap();
        list.order.retain(|id| !hidden(list.posts[id].create_at.0));
        answer(200, serde_json::to_vec(&list).unwrap())
    });
    let expected: Vec<_> = posts.into_iter().filter(|(at, _)| !hidden(*at)).collect();
    assert_eq!(since(&wire, 0).await, expected);
}

#[tokio::test]
async fn posts_that_the_order_does_not_name_are_left_out() {
    let (in_order, root) = (PostId::from_bytes([1; 16]), PostId::from_bytes([2; 16]));
    let post =
        |id: PostId| json!({ "id": id, "create_at": 7, "user_id": CHANNEL, "channel_id": CHANNEL });
    let list = json!({ "order": [in_order], "prev_post_id": "",
        "posts": { in_order.as_str(): post(in_order), root.as_str(): post(root) } });
    let wire = Fake::new(move |_| answer(200, serde_json::to_vec(&list).unwrap()));
    assert_eq!(since(&wire, 0).await, [(7, in_order)]);
}

#[tokio::test]
async fn an_anchor_that_vanished_meanwhile_is_an_error_and_not_an_end() {
    let rng = &mut fastrand::Rng::with_seed(1);
    let (_, posts) = channel(1..=500, rng);
    let wire = Fake::new(move |request| {
        if request.uri().query().unwrap().contains("before=") {
            return answer(200, r#"{"order":[],"posts":{},"prev_post_id":""}"#);
        }
        answer(200, page(&posts, request))
    });
    let channel = ChannelId::parse(CHANNEL).unwrap();
    let rest = wire.rest();
    let result = rest.posts_from(&channel, Position::Since(Millis(0))).await;
    assert!(matches!(result, Err(RestError::Malformed(_))), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_moment_far_back_costs_few_requests_more_than_there_are_pages() {
    let rng = &mut fastrand::Rng::with_seed(1);
    let steady: Vec<i64> = (1..=20_000).map(|n| n * 50).collect();
    // A week of silence, and all in one hour.
    let sudden: Vec<i64> = (1..=300)
        .chain((0..19_700).map(|n| 600_000_000 + n * 180))
        .collect();
    for (times, cursor) in [
        (&steady, 0),
        (&steady, 500_000),
        (&sudden, 300),
        (&sudden, 100),
    ] {
        let (wire, posts) = channel(times.iter().copied(), rng);
        let expected: Vec<_> = posts.into_iter().filter(|(at, _)| *at > cursor).collect();
        assert_eq!(since(&wire, cursor).await, expected);
        let (asked, least) = (wire.asked().len(), expected.len().div_ceil(PER_PAGE));
        assert!(asked <= least + 20, "{asked} requests for {least} pages");
    }
}

#[tokio::test]
async fn a_few_pages_cost_no_more_requests_than_there_are_pages() {
    let rng = &mut fastrand::Rng::with_seed(1);
    let (wire, posts) = channel((1..=3_000).map(|n| n * 10), rng);
    for (missed, requests) in [(100, 1), (300, 2), (900, 5)] {
        let before = wire.asked().len();
        let cursor = posts[posts.len() - missed - 1].0;
        assert_eq!(since(&wire, cursor).await.len(), missed);
        assert_eq!(wire.asked().len() - before, requests, "{missed} posts");
    }
}

#[tokio::test(start_paused = true)]
async fn posts_that_go_and_come_during_the_walk_leave_no_gap() {
    for seed in 0..20 {
        let rng = &mut fastrand::Rng::with_seed(seed);
        let (_, posts) = channel((1..=4_000).map(|n| n * 10), rng);
        let expected: std::collections::BTreeSet<Made> = posts.iter().copied().collect();
        let stays = move |made: &Made| made.0 % 30 != 0;
        let now = std::sync::Mutex::new((posts, rng.clone(), 40_000));
        let wire = Fake::new(move |request| {
            let (posts, rng, clock) = &mut *now.lock().unwrap();
            let answer = answer(200, page(posts, request));
            // Some are deleted, the anchor perhaps; others come.
            (0..20).for_each(|_| {
                let at = rng.usize(0..posts.len());
                if !stays(&posts[at]) {
                    posts.remove(at);
                }
            });
            if *clock < 60_000 {
                *clock += 1_000;
                let fresh = (0..100).map(|n| (*clock + n * 10 + 1, id(n as usize, rng)));
                posts.extend(fresh);
            }
            answer
        });
        let found: std::collections::BTreeSet<Made> = since(&wire, 100).await.into_iter().collect();
        let old = expected.iter().filter(|made| made.0 > 100 && stays(made));
        for made in old {
            assert!(found.contains(made), "seed {seed}: {made:?}");
        }
    }
}
